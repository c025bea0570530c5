"""A scheduler and workers of Dask, as processes that tests start and kill."""

import contextlib
import os
import signal
import socket
import subprocess
import sys

from ln_core.runs.fingerprint import ROOT


class DaskProcesses:
    """A scheduler and workers, started as the README says."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.all = []

    def _start(self, *command, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.all.append(process)
        return process

    def scheduler(self):
        where = ("--host", "127.0.0.1", "--port", str(self.port))
        return self._start("scheduler", *where, "--no-dashboard")

    def worker(self, **environment):
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        return self._start("worker", self.address, *options, **environment)

    def end(self):
        for process in self.all:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
