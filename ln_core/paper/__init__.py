"""The paper's experiments: trainers that can be put down and taken up again, and their configs."""
