"""What all tests share."""

import os

import pytest
from hypothesis import settings
from xdist.scheduler.loadscope import LoadScopeScheduling

# Before torch is imported: the threads of tests that run side by side would slow each other.
os.environ["OMP_NUM_THREADS"] = "1"
# Tests train themselves, and leave the films of whoever runs them alone.
os.environ["LN_LAB_STORE"] = "off"

# Correctness tests never time anything: the machine may be busy.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")


# Their tests take long and share nothing.
ALONE = ("test_record.py", "test_benchmarks.py")
# They read one site, which takes a minute to write.
OF_SITE = ("test_site.py", "test_site_pages.py")
SITE = ("shared_statistics", "matrix", "invariance", "sizes", "mnist", "others", "for_teachers")


class Together(LoadScopeScheduling):
    """Keep a file's tests in one process, for the runs and the browser that they share.

    Claims of one page on one seed share trainings, and others do not. Files with many tests come
    first; tests that stand alone come last, so that all processes end at about the same time.
    """

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        if file.endswith("test_claims.py"):
            return test.partition("[")[2].rpartition("-")[0]  # the seed and the page
        if file.endswith(OF_SITE):
            return "site"
        return nodeid if file.endswith(ALONE) else file


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory):
    """The pages SITE of the site without a server."""
    from ln_core.site.write import main  # for those alone who use it

    folder = tmp_path_factory.mktemp("site") / "lab"
    main([str(folder), "--only", *SITE, "--live", "https://lab.example/"])
    return folder


def pytest_xdist_make_scheduler(config, log):
    return Together(config, log)
