"""Recurrent nets: cells with back-propagation through time written out, and their films."""
