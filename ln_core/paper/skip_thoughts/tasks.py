"""What a frozen encoder is tested on: linear classifiers of its thought vectors, on real labels.

Sentences come from texts that the encoder was not trained on: a classifier is trained on some of
these texts and tested on others. A sentence that occurs word for word in an earlier part is left
out, so nothing can be known by heart.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ln_core.data.sentences import PARTS, Codes, Document, coded, documents_of
from ln_core.paper.skip_thoughts.config import CANDIDATES, FOUND_WITHIN
from ln_core.paper.skip_thoughts.network import Encode

CHOICE_SEED = 2016  # which sentences a task takes: the same for all runs, so scores compare
OLD, MODERN = 1914, 1934  # years: old addresses end, those of the party task begin
PENALTY = 0.1  # of ridge regression, for each case; features have unit variance

Label = Callable[[Document], bool | None]  # the class of a text's sentences, if it takes part


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Cases of a task: one sentence each, or two, and their labels."""

    sentences: Tensor  # (cases, 1 or 2, T)
    labels: Tensor  # (cases,), 0 or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipTask:
    """What a classifier is trained on, and what it is tested on."""

    fit: Labelled
    test: Labelled


def is_novel(document: Document) -> bool | None:
    """Tell the novel from a speech."""
    return document.kind == "novel"


def is_old(document: Document) -> bool | None:
    """Tell an address before 1914 from a later one."""
    return document.year < OLD if document.kind == "address" else None


def is_democratic(document: Document) -> bool | None:
    """Tell the party of a president since 1934."""
    modern = document.kind == "address" and document.year >= MODERN
    return document.party == "Democratic" if modern else None


LABELS: dict[str, Label] = {"kind": is_novel, "era": is_old, "party": is_democratic}


@lru_cache(maxsize=2)
def load_tasks(words: int, cases: int) -> dict[str, SkipTask]:
    """Make all tasks, of as many cases for training as for testing."""
    fresh = {part: _fresh(words, part) for part in PARTS[1:]}
    pairs = {part: _pairs(fresh[part]) for part in fresh}
    tasks = {
        name: SkipTask(
            fit=_classes(fresh["fit"], label, cases), test=_classes(fresh["test"], label, cases)
        )
        for name, label in LABELS.items()
    }
    tasks["order"] = SkipTask(fit=_order(pairs["fit"], cases), test=_order(pairs["test"], cases))
    tasks["next"] = SkipTask(fit=_next(pairs["fit"], cases), test=_next(pairs["test"], cases))
    return tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A text with the codes of its sentences, and which of them occur in no earlier place."""

    document: Document
    codes: Codes
    is_fresh: NDArray[np.bool_]


def _fresh(words: int, part: str) -> list[Fresh]:
    """Mark the sentences of a part that no earlier part holds, nor the part itself before."""
    seen: set[bytes] = set()
    for earlier in PARTS[: PARTS.index(part)]:
        seen |= {row.tobytes() for codes in coded(words, earlier) for row in codes}
    found = []
    for document, codes in zip(documents_of(part), coded(words, part), strict=True):
        is_fresh = np.zeros(len(codes), bool)
        for place, row in enumerate(codes):
            is_fresh[place] = (key := row.tobytes()) not in seen
            seen.add(key)
        found.append(Fresh(document=document, codes=codes, is_fresh=is_fresh))
    return found


def _classes(texts: list[Fresh], label: Label, cases: int) -> Labelled:
    """Draw half of the cases from each class."""
    half = []
    for wanted in (False, True):
        rows = np.concatenate(
            [text.codes[text.is_fresh] for text in texts if label(text.document) is wanted]
        )
        half.append(_draw(rows, cases // 2))
    sentences = torch.from_numpy(np.concatenate(half))[:, None]
    return Labelled(sentences=sentences, labels=torch.arange(2).repeat_interleave(cases // 2))


def _pairs(texts: list[Fresh]) -> Codes:
    """Give all sentences with the one that follows, both of them fresh: (pairs, 2, T)."""
    rows = [
        np.stack([text.codes[:-1], text.codes[1:]], 1)[text.is_fresh[:-1] & text.is_fresh[1:]]
        for text in texts
    ]
    return np.concatenate(rows)


def _order(pairs: Codes, cases: int) -> Labelled:
    """Draw pairs and swap every second one."""
    drawn = torch.from_numpy(_draw(pairs, cases))
    labels = torch.arange(cases) % 2
    swapped = torch.where(labels[:, None, None] == 1, drawn.flip(1), drawn)
    return Labelled(sentences=swapped, labels=labels)


def _next(pairs: Codes, cases: int) -> Labelled:
    return Labelled(
        sentences=torch.from_numpy(_draw(pairs, cases)), labels=torch.zeros(cases, dtype=torch.long)
    )


def _draw(rows: Codes, count: int) -> Codes:
    chosen = np.random.default_rng(CHOICE_SEED).permutation(len(rows))[:count]
    if len(chosen) < count:
        raise ValueError(f"a task needs {count} cases of a kind, got {len(rows)}")
    return rows[chosen]


def ridge(x: Tensor, y: Tensor) -> Tensor:
    """Fit y linearly by x, which has mean 0 and variance 1: argmin of |xw - y|^2 + penalty |w|^2.

    Shapes: x (N, F), y (N, Q) -> (F, Q), float64.
    """
    penalty = PENALTY * len(x) * torch.eye(x.shape[1], dtype=x.dtype)
    weights: Tensor = torch.linalg.solve(x.T @ x + penalty, x.T @ y)
    return weights


def standardise(fit: Tensor, *others: Tensor) -> Iterator[Tensor]:
    """Give features mean 0 and variance 1 by the cases that a classifier is trained on."""
    mean, deviation = fit.mean(0), fit.std(0, correction=0) + 1e-8
    return ((part - mean) / deviation for part in (fit, *others))


def score(name: str, task: SkipTask, encode: Encode) -> float:
    """Train the task's classifier on thought vectors; give its share of right answers."""
    fit, test = (_vectors(of, encode) for of in (task.fit, task.test))
    if name == "next":
        return _found(fit, test)
    x_fit, x_test = standardise(fit.flatten(1), test.flatten(1))
    weights = ridge(x_fit, 2.0 * task.fit.labels[:, None].double() - 1)
    return float(((x_test @ weights)[:, 0] > 0).eq(task.test.labels == 1).double().mean())


def _vectors(labelled: Labelled, encode: Encode) -> Tensor:
    """Encode all the sentences: (cases, 1 or 2, H), float64."""
    cases, each, T = labelled.sentences.shape
    return encode(labelled.sentences.view(cases * each, T)).view(cases, each, -1).double()


def _found(fit: Tensor, test: Tensor) -> float:
    """Predict the next sentence's vector; how often is the right one among the nearest?

    Of `CANDIDATES` sentences, those that follow the others of a group of tests.
    """
    x_fit, x_test = standardise(fit[:, 0], test[:, 0])
    y_fit, y_test = standardise(fit[:, 1], test[:, 1])
    predicted = torch.nn.functional.normalize(x_test @ ridge(x_fit, y_fit), dim=1)
    candidates = torch.nn.functional.normalize(y_test, dim=1)
    groups = len(test) // CANDIDATES
    found = []
    for group in range(groups):
        of = slice(group * CANDIDATES, (group + 1) * CANDIDATES)
        near = predicted[of] @ candidates[of].T
        better = (near > near.diagonal()[:, None]).sum(1)
        found.append((better < FOUND_WITHIN).double())
    return float(torch.cat(found).mean())
