"""The sentences whose thought vectors lie nearest to that of a given one, under both encoders.

The encoders are those of the recorded skip-thoughts run. Vectors are compared by their cosine,
after the mean vector of all sentences has been taken off: what all have in common says nothing.
"""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ln_core.data.sentences import LENGTH, UNKNOWN, Vocabulary, documents_of, vocabulary
from ln_core.paper.skip_thoughts.config import CELL_NAMES, SkipConfig
from ln_core.paper.skip_thoughts.nearest.config import NearestConfig
from ln_core.paper.skip_thoughts.network import Cells, Encode, encode, encode_all
from ln_core.recorded.loader import RECORDED, about
from ln_core.runs.config import from_query
from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import card, make_snapshot

RECORDING = "skip_thoughts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The sentences that the nearest are looked for among, and the vectors of each encoder."""

    texts: tuple[str, ...]
    sources: tuple[str, ...]
    kinds: NDArray[np.str_]  # "novel" or "address"
    means: tuple[Tensor, ...]  # of each variant, (H,)
    vectors: tuple[Tensor, ...]  # of each variant, (sentences, H): centred, of length 1


def compute(config: NearestConfig) -> Frame:
    """Make the picture of a config.

    Array: turn (V, T), how far the vector of each variant turns if one of the sentence's words is
    replaced by the unknown word: 1 - cosine.
    Notes: for each variant the nearest sentences, the nearest first.
    """
    torch.set_num_threads(1)
    variants = config.variants
    with torch.inference_mode():
        shelf = load_shelf()
        codes = torch.from_numpy(known().encode([config.sentence]))
        allowed = np.flatnonzero((shelf.kinds == config.among) | (config.among == "all"))
        read = [read_sentence(at, shelf, codes, len(config.tokens)) for at in range(len(variants))]
        near = [
            nearest(shelf.vectors[at], vector, allowed, config.listed)
            for at, (vector, _) in enumerate(read)
        ]
    found = [places for places, _ in near]
    shared = set.intersection(*map(set, found))
    lists = [
        {
            "variant": variant,
            "label": "cosine, sentence",
            "items": [_item(shelf, *hit, shared) for hit in zip(*at, strict=True)],
        }
        for variant, at in zip(variants, near, strict=True)
    ]
    return make_snapshot(
        {"turn": np.stack([turn for _, turn in read])},
        cards=[
            card(variant, *(_unread(config) or _origin(shelf, places, len(shared))))
            for variant, places in zip(variants, found, strict=True)
        ],
        measured_values=measure_values(config, len(allowed), len(shared)),
        lists=lists,
    )


def read_sentence(
    variant: int, shelf: Shelf, codes: Tensor, length: int
) -> tuple[Tensor, NDArray[np.float32]]:
    """Encode a sentence, and again with each of its words replaced by the unknown one.

    Shapes: codes (1, LENGTH) -> its direction (H,), and 1 - cosine to each of the others (T,).
    """
    replaced = codes.repeat(length + 1, 1)
    replaced[range(length), range(length)] = UNKNOWN
    *others, whole = direction(encoders()[variant](replaced), shelf.means[variant])
    turn: NDArray[np.float32] = (1 - torch.stack(others) @ whole).clamp_min(0).numpy()
    return whole, turn


def nearest(
    vectors: Tensor, vector: Tensor, allowed: NDArray[np.intp], count: int
) -> tuple[list[int], list[float]]:
    """Find the nearest of the allowed sentences: their places and cosines."""
    best = (vectors[allowed] @ vector).topk(min(count, len(allowed)))
    return allowed[best.indices.numpy()].tolist(), best.values.tolist()


def direction(vectors: Tensor, mean: Tensor) -> Tensor:
    """Take the mean off and give each vector length 1: (N, H) -> (N, H)."""
    return functional.normalize(vectors - mean, dim=1)


@lru_cache(maxsize=1)
def load_shelf() -> Shelf:
    """Encode every sentence of the test texts, each that is read alike once; a second or so."""
    rows = [(text, document) for document in documents_of("test") for text in document.sentences]
    codes, first = np.unique(known().encode([text for text, _ in rows]), axis=0, return_index=True)
    kept = [rows[place] for place in first]
    thoughts = [encode_all(one, torch.from_numpy(codes)) for one in encoders()]
    means = tuple(vectors.mean(0) for vectors in thoughts)
    return Shelf(
        texts=tuple(text for text, _ in kept),
        sources=tuple(document.title for _, document in kept),
        kinds=np.array([document.kind for _, document in kept]),
        means=means,
        vectors=tuple(map(direction, thoughts, means)),
    )


@lru_cache(maxsize=1)
def encoders() -> tuple[Encode, ...]:
    """Read the recorded encoders, in the order of the variants."""
    with np.load(RECORDED / f"{RECORDING}.npz") as archive:
        weights = {name: torch.from_numpy(archive[name]).float() for name in archive.files}
    return tuple(_encoder(weights, f"{variant}.") for variant in CELL_NAMES)


def _encoder(weights: dict[str, Tensor], prefix: str) -> Encode:
    own = {name.removeprefix(prefix): at for name, at in weights.items() if name.startswith(prefix)}
    words = own.pop("words")
    return partial(
        encode, words, Cells(**{name.removeprefix("encoder."): at for name, at in own.items()})
    )


def known() -> Vocabulary:
    """Give the vocabulary that the encoders were trained with."""
    return vocabulary(recorded().words)


def recorded() -> SkipConfig:
    """Give the config of the recorded run."""
    config, _ = from_query(SkipConfig, about(RECORDING)["config"])
    return config


def _item(shelf: Shelf, place: int, cosine: float, shared: set[int]) -> dict[str, str]:
    return {
        "value": f"{cosine:.2f}",
        "text": shelf.texts[place],
        "source": shelf.sources[place],
        "mark": "in both lists" if place in shared else "",
    }


def _unread(config: NearestConfig) -> tuple[str, str] | None:
    """Say of a sentence without a known word that its list means nothing; title and text."""
    words = {token for token in config.tokens if token[0].isalnum()}
    if not words <= set(known().unknown(config.sentence)):
        return None
    return (
        "No word of it is known",
        "The encoder has one entry for all unknown words: these nearest sentences mean nothing.",
    )


def _origin(shelf: Shelf, places: list[int], shared: int) -> tuple[str, str]:
    novel = int((shelf.kinds[places] == "novel").sum())
    return (
        "Where they are from",
        f"{novel} from Moby-Dick, {len(places) - novel} from speeches; {shared} "
        f"{'is' if shared == 1 else 'are'} on the other encoder's list, too.",
    )


def measure_values(config: NearestConfig, sentences: int, shared: int) -> dict[str, str]:
    """Measure what the lesson's slots name; of `sentences` to choose from both list `shared`."""
    unknown = known().unknown(config.sentence)
    return {
        "sentences": str(sentences),
        "words": str(recorded().words),
        "read": str(LENGTH),
        "listed": str(config.listed),
        "shared": str(shared),
        "unknown": ", ".join(unknown) or "none",
    }
