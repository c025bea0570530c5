"""What leaves the output of a normalized layer unchanged: the paper's Table 1, measured."""
