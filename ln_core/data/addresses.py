"""State of the Union addresses from one file under `assets/`, checked when read. Free of torch."""

import bz2
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

ADDRESSES_PATH = Path(__file__).parents[2] / "assets" / "data" / "addresses.txt.bz2"

# Of the text's UTF-8 bytes, not of the file: another compressor's file may hold the same text.
ADDRESSES_SHA256 = "6ff8be12771ecf6257a6950fef840f33cdf3c03fa3f9f7353b030296d264a9e3"

SEPARATOR = " | "  # between the parts of an address's heading line
REMAKE = "remake it with `python -m ln_core.data.make_addresses`; see assets/data/README.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address to Congress: who gave it, when, of which party, and what was said."""

    year: int
    president: str
    party: str
    text: str = field(repr=False)


def load_addresses(path: Path = ADDRESSES_PATH) -> tuple[Address, ...]:
    """Read the addresses, oldest first, and verify that they are what the conversion wrote.

    Raises: ValueError if the file is missing, unreadable, or holds another text.
    Source: see assets/data/README.md.
    """
    if not path.is_file():
        raise ValueError(f"the addresses must be at {path}, got no file there; {REMAKE}")
    try:
        content = bz2.decompress(path.read_bytes())
    except (OSError, ValueError) as error:  # damaged or something else; cut off
        raise ValueError(
            f"the addresses must be a bzip2 file, got {path} that cannot be read as one ({error}); "
            f"{REMAKE}"
        ) from error
    verify_addresses(content, source=str(path))
    lines = content.decode().splitlines()
    return tuple(map(_address, lines[::2], lines[1::2]))


@lru_cache(maxsize=1)
def shared_addresses() -> tuple[Address, ...]:
    """Read the addresses once a process: they cannot be changed."""
    return load_addresses()


def verify_addresses(content: bytes, *, source: str) -> None:
    """Refuse bytes that are not those of the addresses.

    Raises: ValueError if they differ.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != ADDRESSES_SHA256:
        raise ValueError(
            f"the addresses must have SHA-256 {ADDRESSES_SHA256}, got {found} in {source}; {REMAKE}"
        )


def _address(heading: str, text: str) -> Address:
    year, president, party = heading.split(SEPARATOR)
    return Address(year=int(year), president=president, party=party, text=text)
