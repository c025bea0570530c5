"""A small ConvNet on MNIST, once for each normalization."""
