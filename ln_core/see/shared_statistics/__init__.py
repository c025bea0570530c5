"""Which numbers share a mean: a block of numbers for each normalization."""
