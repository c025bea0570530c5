"""The paper's MNIST experiment, and sweeps over one of its settings."""
