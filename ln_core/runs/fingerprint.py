"""What decides the bits of a run's frames, beside its config. Free of torch.

The server compares fingerprints before it knows a worker: nothing here may import what trains.
"""

import functools
import hashlib
import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "assets" / "data"
# They choose among the kernels of torch and of the libraries below it.
SWITCHES = ("ATEN_CPU_CAPABILITY", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA")
IMPORT = re.compile(r"^\s*from\s+([\w.]+)\s+import\s+(\([^)]*\)|.*)$", re.MULTILINE)
# What decides which kernels run on a processor: its maker and model, and its vector instructions.
KIND = re.compile(
    r"^(?:vendor_id|cpu family|model|CPU implementer|CPU part)\s*:\s*(.+)$", re.MULTILINE
)
FLAGS = re.compile(r"^(?:flags|Features)\s*:\s*(.+)$", re.MULTILINE)
VECTORS = re.compile(r"\b(?:sse|avx|fma|amx|asimd|sve|bf16)\w*")

Fingerprint = dict[str, str]


def fingerprint(*modules: str) -> Fingerprint:
    """Tell by name what decides the bits of what the modules train, on this machine."""
    return {"code": code_of(modules), **_surroundings()}


def code_of(modules: Iterable[str]) -> str:
    """Name the sources of modules and of all that they import of ours."""
    sources = {module: _source(module) for module in modules}
    waiting = [source for source in sources.values() if source]
    while waiting:
        for module in _imports(waiting.pop()):
            if module not in sources and (source := _source(module)):
                sources[module] = source
                waiting.append(source)
    found = ((module, source) for module, source in sorted(sources.items()) if source)
    return _digest(part for module, source in found for part in (module.encode(), source))


def differences(own: Fingerprint, other: Fingerprint) -> str:
    """Say in what another fingerprint differs, if it does: "torch is 2.12.0, here 2.13.0"."""
    return "; ".join(
        f"{name} is {other.get(name, 'unknown')}, here {own[name]}"
        for name in own
        if other.get(name) != own[name]
    )


@functools.cache
def _source(module: str) -> bytes | None:
    """Read a module of ours; None for others and for what is no module.

    Read once: what runs is what stood there when the server began.
    """
    path = ROOT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file.read_bytes()
    return None


def _imports(source: bytes) -> Iterable[str]:
    """Give what a source may import: also names that are functions, which no file answers to."""
    for package, names in IMPORT.findall(source.decode()):
        yield package
        yield from (f"{package}.{name}" for name in re.findall(r"\w+", names))


@functools.cache
def _surroundings() -> Fingerprint:
    return {
        "data": _digest(file.read_bytes() for file in sorted(DATA.iterdir())),
        # Of Python too: from 3.12 on, `sum` rounds otherwise.
        "python": ".".join(platform.python_version_tuple()[:2]),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "processor": processor(),
    }


@functools.cache
def processor() -> str:
    """Name the kind of processor: machines of one kind round alike."""
    try:
        told, *_ = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")
    except OSError:
        told = ""
    kind = KIND.findall(told) or [platform.processor()]
    vectors = sorted({flag for line in FLAGS.findall(told) for flag in VECTORS.findall(line)})
    switches = [f"{name}={os.environ[name]}" for name in SWITCHES if name in os.environ]
    return " ".join([platform.machine(), *kind, _digest(map(str.encode, vectors)), *switches])


def _digest(parts: Iterable[bytes]) -> str:
    """Name parts, each with its length, so that none can begin in another."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little") + part)
    return found.hexdigest()[:16]
