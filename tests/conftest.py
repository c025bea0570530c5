"""What all tests share."""

import os

import pytest
from hypothesis import settings

# Before torch is imported: the threads of tests that run side by side would slow each other.
os.environ["OMP_NUM_THREADS"] = "1"

# Correctness tests never time anything: the machine may be busy.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items):
    """Keep a file's tests in one process, for the runs that they share, and all browser tests."""
    for item in items:
        together = "browser" if item.path.parent.name == "browser" else item.path.stem
        item.add_marker(pytest.mark.xdist_group(together))
