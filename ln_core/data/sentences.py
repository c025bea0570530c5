"""Sentences of Moby-Dick and of the addresses, as word codes, split by whole text. Needs numpy.

Every chapter and every address is in one of three parts: the encoder is trained on the first, the
classifiers on the second, and they are tested on the third. So no sentence of a test has
neighbours in what was trained on.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from string import capwords

import numpy as np
from numpy.typing import NDArray

from ln_core.data.addresses import shared_addresses
from ln_core.data.text import shared_moby_dick

Codes = NDArray[np.int64]

NOTHING, UNKNOWN, END = 0, 1, 2  # codes: padding, a word beyond the vocabulary, a sentence's end
SPECIAL = ("", "<unk>", "<end>")
LENGTH = 18  # words and marks that are read of a sentence
SHORTEST = 4  # a sentence of fewer is joined to nothing and left out
PARTS = ("model", "fit", "test")
_PART_OF = ("model", "fit", "model", "test", "model")  # by a text's place; 5 mixes up terms of 4

_TITLES = ("mr", "mrs", "messrs", "dr", "st", "gen", "no", "hon", "capt")
_STOP = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')]))\s+(?=[\"'(]*[A-Z0-9])")
_HEADING = re.compile(r"\A(?:CHAPTER \d+|EPILOGUE|Epilogue)[^\n]*\n+")
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9][0-9,.]*|[.,;:?!]")


def split_sentences(text: str) -> list[str]:
    """Cut a text where a stop is followed by a space and a capital, but not after titles."""
    sentences: list[str] = []
    held = ""
    for piece in _STOP.split(" ".join(text.split())):
        held = f"{held} {piece}" if held else piece
        last = held.rsplit(" ", 1)[-1].strip("\"'(").removesuffix(".").lower()
        if held.endswith(".") and (last in _TITLES or len(last.split(".")[-1]) == 1):
            continue  # "Mr. Speaker", "John F. Kennedy", "the U.S. Congress"
        sentences.append(held)
        held = ""
    return [*sentences, held] if held else sentences


def tokenize(sentence: str) -> list[str]:
    """List the words and marks of a sentence, in lower case; every number is "0"."""
    tokens = _TOKEN.findall(sentence.lower())
    return ["0" if token[0].isdigit() else token for token in tokens]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One chapter or address: its sentences in order, and what is known of it."""

    kind: str  # "novel" or "address"
    title: str
    year: int
    party: str
    part: str  # one of PARTS
    sentences: tuple[str, ...] = field(repr=False)


@lru_cache(maxsize=1)
def shared_documents() -> tuple[Document, ...]:
    """Cut the novel and the addresses into sentences, once a process; 0.3 s."""
    chapters = re.split(r"\n\n(?=CHAPTER \d+|EPILOGUE|Epilogue)", shared_moby_dick().text)
    documents = [
        Document(
            kind="novel",
            title=f"Moby-Dick, {capwords(text.split(chr(10), 1)[0].rstrip('.'))}",
            year=1851,
            party="",
            part=_PART_OF[place % len(_PART_OF)],
            sentences=_worth_reading(_HEADING.sub("", text)),
        )
        for place, text in enumerate(chapters)
    ]
    documents += [
        Document(
            kind="address",
            title=f"{address.president}, {address.year}",
            year=address.year,
            party=address.party,
            part=_PART_OF[place % len(_PART_OF)],
            sentences=_worth_reading(address.text),
        )
        for place, address in enumerate(shared_addresses())
    ]
    return tuple(documents)


def _worth_reading(text: str) -> tuple[str, ...]:
    sentences = split_sentences(text)
    return tuple(one for one in sentences if len(tokenize(one)) >= SHORTEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that have a code: a word's code is its place."""

    words: tuple[str, ...] = field(repr=False)
    codes: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", {word: code for code, word in enumerate(self.words)})

    def encode(self, sentences: Iterable[str]) -> Codes:
        """Write each sentence as its first codes, padded with 0.

        Shapes: -> (sentences, LENGTH).
        """
        rows = [
            [self.codes.get(token, UNKNOWN) for token in tokenize(sentence)[:LENGTH]]
            for sentence in sentences
        ]
        table = np.zeros((len(rows), LENGTH), np.int64)
        for place, row in enumerate(rows):
            table[place, : len(row)] = row
        return table

    def unknown(self, sentence: str) -> list[str]:
        """List the words of a sentence that are read and have no code."""
        return [token for token in tokenize(sentence)[:LENGTH] if token not in self.codes]


@lru_cache(maxsize=4)
def vocabulary(size: int) -> Vocabulary:
    """Take the most frequent words of the model part, with the special codes in front.

    Raises: ValueError if size leaves no room for a word.
    """
    if size <= len(SPECIAL):
        raise ValueError(f"size must be more than {len(SPECIAL)}, got {size}")
    counts = Counter(
        token
        for document in shared_documents()
        if document.part == "model"
        for sentence in document.sentences
        for token in tokenize(sentence)
    )
    # Words of the same count by the alphabet: the same text gives the same codes.
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return Vocabulary(words=(*SPECIAL, *ranked[: size - len(SPECIAL)]))


@lru_cache(maxsize=6)
def coded(size: int, part: str) -> tuple[Codes, ...]:
    """Encode the texts of one part, once a process, in the order of `documents_of`."""
    words = vocabulary(size)
    return tuple(words.encode(document.sentences) for document in documents_of(part))


@lru_cache(maxsize=4)
def triplets(size: int, part: str = "model") -> Codes:
    """Give every sentence of a part that has two neighbours, between them; nothing writes to it.

    Shapes: -> (triplets, 3, LENGTH): the previous sentence, the sentence, the next one.
    """
    return np.concatenate(
        [
            np.stack([codes[:-2], codes[1:-1], codes[2:]], 1)
            for codes in coded(size, part)
            if len(codes) > 2
        ]
    )


def documents_of(part: str) -> Sequence[Document]:
    """List the texts of one part."""
    return [document for document in shared_documents() if document.part == part]
