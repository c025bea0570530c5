"""The geometry of rescaled weights, section 5 of the paper."""
