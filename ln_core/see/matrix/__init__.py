"""The matrix of a layer: rows, columns, and what one edited number changes."""
