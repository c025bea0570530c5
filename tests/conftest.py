"""What all tests share."""

from hypothesis import settings

# Correctness tests never time anything: the machine may be busy.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")
