"""Transformers with the norm in two places, replaced or left out, with and without warm-up."""
