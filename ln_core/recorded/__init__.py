"""Recorded runs: the catalogue, and the command that makes them."""
