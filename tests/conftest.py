"""What all tests share."""

import os

from hypothesis import settings
from xdist.scheduler.loadscope import LoadScopeScheduling

# Before torch is imported: the threads of tests that run side by side would slow each other.
os.environ["OMP_NUM_THREADS"] = "1"

# Correctness tests never time anything: the machine may be busy.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")


PICTURES = ("test_see.py", "test_picture.py", "test_accessibility.py")


class Together(LoadScopeScheduling):
    """Keep a file's tests in one process, for the runs that they share.

    Claims of one page on one seed share trainings, and others do not.
    Browser tests share a server and a browser: those of pictures, about half of them, and the rest.
    """

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        if file.endswith("test_claims.py"):
            return test.partition("[")[2].rpartition("-")[0]  # the seed and the page
        if "/browser/" not in file:
            return file
        return "browser, pictures" if file.endswith(PICTURES) else "browser, films"


def pytest_xdist_make_scheduler(config, log):
    return Together(config, log)
