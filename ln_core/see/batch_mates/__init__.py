"""The batch-mate experiment: one digit, and the neighbours that share its batch."""
