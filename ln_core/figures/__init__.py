"""Figures: pure functions from a config to the specs that the player draws."""
