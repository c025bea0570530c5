"""Moby-Dick from one file under `assets/`, checked when it is read. Needs numpy only."""

import bz2
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOBY_DICK_PATH = Path(__file__).parents[2] / "assets" / "data" / "moby_dick.txt.bz2"

# Of the text's UTF-8 bytes, not of the file: another compressor's file may hold the same text.
MOBY_DICK_SHA256 = "c0572c3b007ee1fb64d0f0cca361ee1a8e0e5d15bc3689c9f1913523af542d1c"

REMAKE = "remake it with `python -m ln_core.data.make_moby_dick`; see assets/data/README.md"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Text:
    """A text to be learnt character by character. A character's code is its place in the alphabet.

    The last tenth is the test part. It is the end of the book and not a tenth drawn here and
    there, because the sentences around a drawn piece would tell of it.
    """

    text: str = field(repr=False)
    alphabet: str = field(init=False)  # the characters that occur, by code point

    def __post_init__(self) -> None:
        object.__setattr__(self, "alphabet", "".join(sorted(set(self.text))))

    @property
    def train(self) -> str:
        return self.text[: self._split]

    @property
    def test(self) -> str:
        return self.text[self._split :]

    @property
    def _split(self) -> int:
        return len(self.text) - len(self.text) // 10

    def encode(self, text: str) -> NDArray[np.int64]:
        """Replace each character by its code.

        Shapes: -> (len(text),), each in [0, len(alphabet) - 1].
        Raises: ValueError if a character is not in the alphabet.
        """
        known, points = _code_points(self.alphabet), _code_points(text)
        table = np.full(int(known.max(initial=0)) + 2, -1)  # its last entry: all that lies beyond
        table[known] = np.arange(len(known))
        codes: NDArray[np.int64] = table[np.minimum(points, len(table) - 1)]
        if (codes < 0).any():
            raise ValueError(
                f"text must be written in the alphabet {self.alphabet!r}, "
                f"got {text[int(codes.argmin())]!r}"
            )
        return codes

    def decode(self, codes: Iterable[int]) -> str:
        """Replace each code by its character: what `encode` does, undone.

        Raises: ValueError if a code is not in [0, len(alphabet) - 1].
        """
        return "".join([self._character(code) for code in codes])

    def _character(self, code: int) -> str:
        if not 0 <= code < len(self.alphabet):  # Python would count a negative one from the end
            raise ValueError(f"codes must be in [0, {len(self.alphabet) - 1}], got {code}")
        return self.alphabet[code]


def load_moby_dick(path: Path = MOBY_DICK_PATH) -> Text:
    """Read the novel and verify that it is the text that the conversion wrote.

    Raises: ValueError if the file is missing, unreadable, or holds another text.
    Source: Herman Melville, "Moby-Dick; or, The Whale", 1851; see assets/data/README.md.
    """
    if not path.is_file():
        raise ValueError(f"Moby-Dick must be at {path}, got no file there; {REMAKE}")
    try:
        content = bz2.decompress(path.read_bytes())
    except (OSError, ValueError) as error:  # damaged or something else; cut off
        raise ValueError(
            f"Moby-Dick must be a bzip2 file, got {path} that cannot be read as one ({error}); "
            f"{REMAKE}"
        ) from error
    verify_moby_dick(content, source=str(path))
    return Text(text=content.decode())


@lru_cache(maxsize=1)
def shared_moby_dick() -> Text:
    """Read the novel once a process: it cannot be changed, so everyone may hold the same."""
    return load_moby_dick()


def verify_moby_dick(content: bytes, *, source: str) -> None:
    """Refuse bytes that are not those of the text.

    Raises: ValueError if they differ.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != MOBY_DICK_SHA256:
        raise ValueError(
            f"Moby-Dick must have SHA-256 {MOBY_DICK_SHA256}, got {found} in {source}; {REMAKE}"
        )


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
