"""Sweeps: a lab's run again and again, with two of its settings changed."""
