"""HAProxy in front of the app."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest


def find_haproxy():
    """Give the path of HAProxy; without one its tests skip, but in CI they fail."""
    path = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        reason = "needs haproxy (apt install haproxy)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return path


@contextlib.contextmanager
def proxied(configuration, folder):
    """Start a proxy that binds to :8080 in its configuration at a free port; give its address."""
    program = find_haproxy()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert configuration.count("bind :8080") == 1
    file = folder / "haproxy.cfg"
    file.write_text(configuration.replace("bind :8080", f"bind 127.0.0.1:{port}"))
    process = subprocess.Popen([program, "-f", file], stderr=subprocess.DEVNULL)
    try:
        url = f"http://localhost:{port}"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not _answers(url):
            time.sleep(0.1)
        yield SimpleNamespace(url=url)
    finally:
        process.kill()
        process.wait()


def _answers(url):
    """Whether a proxy is there, whatever it says."""
    try:
        urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
    except urllib.error.HTTPError as error:
        return error.code < 500  # above, its servers are not there yet
    except OSError:
        return False
    return True
