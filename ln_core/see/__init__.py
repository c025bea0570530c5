"""Experiments that are computed at once: which numbers share a mean, and what follows from it.

Configs are free of torch; each film has one frame, made in a worker with `ln_core.norms`.
"""
