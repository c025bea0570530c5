"""What all tests share."""

import os

from hypothesis import settings
from xdist.scheduler.loadscope import LoadScopeScheduling

# Before torch is imported: the threads of tests that run side by side would slow each other.
os.environ["OMP_NUM_THREADS"] = "1"

# Correctness tests never time anything: the machine may be busy.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")


# Their tests take long and share nothing.
ALONE = ("test_record.py", "test_benchmarks.py")


class Together(LoadScopeScheduling):
    """Keep a file's tests in one process, for the runs and the browser that they share.

    Claims of one page on one seed share trainings, and others do not. Files with many tests come
    first; tests that stand alone come last, so that all processes end at about the same time.
    """

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        if file.endswith("test_claims.py"):
            return test.partition("[")[2].rpartition("-")[0]  # the seed and the page
        return nodeid if file.endswith(ALONE) else file


def pytest_xdist_make_scheduler(config, log):
    return Together(config, log)
