"""A class: everyone in it sees what the teacher's page shows. Nothing of it is kept on disk."""
