"""Transformers with the norm in five places, with and without warm-up."""
