"""Films that leave the app: as a page in one file."""
