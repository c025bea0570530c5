"""The race: many networks trained side by side as one stacked tensor model."""
