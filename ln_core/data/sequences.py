"""Sequence tasks: what a recurrent net is trained and tested on, by name, from a seed.

`T` counts the steps of a case and `S` those at its end that have a target, the last of them `A`
answers: a net reads off `S` outputs a case, and is judged by `A` of them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from torch import Generator, Tensor

from ln_core.data.tasks import (
    PIXEL_MEAN,
    PIXEL_STD,
    TEST_SEED,
    Images,
    draw_images,
    draw_test_images,
)
from ln_core.data.text import shared_moby_dick

LossKind = Literal["class", "squared"]

ROWS, DIGITS = 28, 10  # an image of MNIST, one row a step; and what it may show
LONGEST = 1000  # no rule of the tasks: five times what the lab unrolls

# The lengths that each task allows. Of "copy" it is the delay, of the others the number of steps.
LENGTHS: dict[str, tuple[int, int]] = {
    "rows": (ROWS, ROWS),  # longer: `blank_in_front`
    "adding": (2, LONGEST),  # a number to mark in each half
    "copy": (1, LONGEST),
    "text": (1, LONGEST),
}
SEQUENCE_NAMES: tuple[str, ...] = tuple(LENGTHS)

COPY_SYMBOLS = 8  # codes 0 to 7
COPY_WORD = 5  # symbols to remember
COPY_BLANK = 8
COPY_CUE = 9  # "now repeat them": input only


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SequenceTask:
    """Sequences to learn from and sequences to be tested on.

    Where the input is one-hot, x holds the codes: the product with W_x is then a gather of its
    columns, W_x.T[x], and no one-hot array is ever made.

    Shapes: x (n, T, D) float32, or (n, T) int64 in [0, D - 1] if `is_coded`; y (n, S) int64 in
        [0, O - 1] if `loss` is "class", (n, S, O) float32 if it is "squared".
    """

    x_train: Tensor | Images
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor
    is_coded: bool
    inputs: int  # D
    outputs: int  # O: classes, or numbers to predict
    loss: LossKind  # mean over cases and S steps of: cross-entropy in nats, or squared error
    loss_steps: int  # S: so many steps at the end have a target
    answer_steps: int  # A <= S: so many at the end are what the task asks for
    baseline: float  # the loss of a guess that ignores the input
    baseline_name: str  # which guess that is


def load_sequences(
    name: str, cases: int, seed: int, *, length: int, test_cases: int
) -> SequenceTask:
    """Draw the training cases that the seed determines, and the test cases that none changes.

    - "rows": an image of MNIST, 28 steps of 28 standardised pixels; name the digit at the end.
    - "adding": `length` steps of a number and a mark; give the sum of the two marked at the end.
    - "copy": 5 symbols, then `length` steps later the same again; a target at every step.
    - "text": `length` characters of Moby-Dick; the next one at every step.

    Raises: ValueError if name is unknown, length is not an integer in `LENGTHS[name]`, a count is
        not an integer of at least 2 and at most what `most_cases` says, or seed is not an integer
        in [0, 2**32 - 2].
    Source: adding, Hochreiter & Schmidhuber 1997; copy, Arjovsky, Shah, Bengio 2016, sec. 5.
    """
    most, most_test = most_cases(name, length)
    _check_integer("cases", cases, 2, most)
    _check_integer("test_cases", test_cases, 2, most_test)
    _check_integer("seed", seed, 0, TEST_SEED - 1)
    return _MAKERS[name](cases, test_cases, seed, length)


def most_cases(name: str, length: int) -> tuple[int | None, int | None]:
    """Say how many training and test cases there are, None where they are made up on demand.

    Raises: ValueError if name is unknown or length is not an integer in `LENGTHS[name]`.
    """
    if name not in LENGTHS:
        raise ValueError(f"name must be one of {', '.join(LENGTHS)}, got {name!r}")
    _check_integer(f"length of {name!r}", length, *LENGTHS[name])
    if name == "rows":
        return 60000, 10000
    if name == "text":
        train, test = _shared_codes()
        return (len(train) - 1) // length, (len(test) - 1) // length  # - 1: each chunk's target
    return None, None


def blank_in_front(x: Tensor, k: int) -> Tensor:
    """Put k blank rows in front of images: longer than trained, with nothing new to see.

    A blank row is paper after standardising, about -0.42 and not 0. Rows of zeros would chain layer
    normalizations of a zero vector, whose Jacobian is 1/sqrt(eps): gradients of 4e16 were measured.

    Shapes: x (N, T, 28) -> (N, k + T, 28).
    Raises: ValueError if x is not (N, T, 28) or k is not an integer of at least 0.
    """
    if x.ndim != 3 or x.shape[2] != ROWS:
        raise ValueError(f"x must have shape (N, T, {ROWS}), got {tuple(x.shape)}")
    _check_integer("k", k, 0, None)
    paper = x.new_zeros(len(x), k, ROWS).sub_(PIXEL_MEAN).div_(PIXEL_STD)  # rounded as x was
    return torch.cat([paper, x], dim=1)


def adding_baseline() -> float:
    """Return the mean squared error of always answering 1, the mean of the sum.

    It is the variance of the sum of two independent numbers from U[0, 1], each 1/12.
    """
    return 2 / 12


def copy_baseline(delay: int) -> float:
    """Return the cross-entropy of knowing when to answer, and guessing the symbols.

    K ln 8 / (T + 2K): the mean over all steps, of which K are guessed, T the delay.

    Source: Arjovsky, Shah, Bengio 2016, sec. 5, whose K is 10.
    """
    return COPY_WORD * math.log(COPY_SYMBOLS) / (delay + 2 * COPY_WORD)


def letter_baseline(train: Tensor, test: Tensor, classes: int) -> float:
    """Return the cross-entropy on one text of the frequencies of characters in another.

    Shapes: train (n,) and test (m,), codes in [0, classes - 1].
    """
    p = train.bincount(minlength=classes).double() / len(train)
    return -p[test].log().mean().item()


def make_adding(cases: int, length: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Draw numbers from U[0, 1] and mark one in each half of the steps.

    Shapes: -> x (cases, length, 2), the number and its mark; y (cases, 1, 1), the sum.
    """
    numbers = torch.rand(cases, length, generator=generator)
    half, case = length // 2, torch.arange(cases)
    marks = torch.zeros_like(numbers)
    marks[case, torch.randint(half, (cases,), generator=generator)] = 1
    marks[case, torch.randint(half, length, (cases,), generator=generator)] = 1
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=1).view(-1, 1, 1)


def make_copy(cases: int, delay: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Draw words to be repeated: the input shows the word, then blanks, the cue, more blanks.

    The cue is the step before the answer; the target is blank until then.

    Shapes: -> x and y (cases, delay + 2K), codes; the word is x[:, :K] and y[:, -K:].
    """
    word = torch.randint(COPY_SYMBOLS, (cases, COPY_WORD), generator=generator)
    x = torch.full((cases, delay + 2 * COPY_WORD), COPY_BLANK)
    y = x.clone()
    x[:, :COPY_WORD] = word
    x[:, -COPY_WORD - 1] = COPY_CUE
    y[:, -COPY_WORD:] = word
    return x, y


def make_chunks(
    codes: Tensor, cases: int, length: int, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Cut a text into chunks, end to end, and draw some; the target is the text one step on.

    Shapes: codes (n,) -> x and y (cases, length).
    """
    count = (len(codes) - 1) // length
    chosen = torch.randperm(count, generator=generator)[:cases]
    here, next_one = codes[: count * length], codes[1 : count * length + 1]
    return here.view(count, length)[chosen], next_one.view(count, length)[chosen]


def _rows(cases: int, test_cases: int, seed: int, length: int) -> SequenceTask:
    x_train, y_train = draw_images(cases, seed)
    test, y_test = draw_test_images(test_cases)
    return SequenceTask(
        x_train=x_train,
        y_train=y_train.view(cases, 1),
        x_test=test[:],
        y_test=y_test.view(test_cases, 1),
        is_coded=False,
        inputs=ROWS,
        outputs=DIGITS,
        loss="class",
        loss_steps=1,
        answer_steps=1,
        baseline=math.log(DIGITS),
        baseline_name="every digit equally likely",
    )


def _adding(cases: int, test_cases: int, seed: int, length: int) -> SequenceTask:
    train_generator, test_generator = _generators(seed)
    x_train, y_train = make_adding(cases, length, train_generator)
    x_test, y_test = make_adding(test_cases, length, test_generator)
    return SequenceTask(
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        is_coded=False,
        inputs=2,
        outputs=1,
        loss="squared",
        loss_steps=1,
        answer_steps=1,
        baseline=adding_baseline(),
        baseline_name="always answering 1",
    )


def _copy(cases: int, test_cases: int, seed: int, length: int) -> SequenceTask:
    train_generator, test_generator = _generators(seed)
    x_train, y_train = make_copy(cases, length, train_generator)
    x_test, y_test = make_copy(test_cases, length, test_generator)
    return SequenceTask(
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        is_coded=True,
        inputs=COPY_SYMBOLS + 2,
        outputs=COPY_SYMBOLS + 1,  # the cue is never an answer
        loss="class",
        loss_steps=length + 2 * COPY_WORD,
        answer_steps=COPY_WORD,
        baseline=copy_baseline(length),
        baseline_name="the symbols forgotten",
    )


def _text(cases: int, test_cases: int, seed: int, length: int) -> SequenceTask:
    train_generator, test_generator = _generators(seed)
    train, test = _shared_codes()
    characters = len(shared_moby_dick().alphabet)
    x_train, y_train = make_chunks(train, cases, length, train_generator)
    x_test, y_test = make_chunks(test, test_cases, length, test_generator)
    return SequenceTask(
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        is_coded=True,
        inputs=characters,
        outputs=characters,
        loss="class",
        loss_steps=length,
        answer_steps=length,
        baseline=letter_baseline(train, test, characters),
        baseline_name="letter frequencies alone",
    )


_MAKERS: dict[str, Callable[[int, int, int, int], SequenceTask]] = {
    "rows": _rows,
    "adding": _adding,
    "copy": _copy,
    "text": _text,
}


@lru_cache(maxsize=1)
def _shared_codes() -> tuple[Tensor, Tensor]:
    """Encode the novel once a process: 10 MB that `make_chunks` copies from."""
    novel = shared_moby_dick()
    return torch.from_numpy(novel.encode(novel.train)), torch.from_numpy(novel.encode(novel.test))


def _generators(seed: int) -> tuple[Generator, Generator]:
    return Generator().manual_seed(seed), Generator().manual_seed(TEST_SEED)


def _check_integer(name: str, value: int, low: int, high: int | None) -> None:
    if not (isinstance(value, int) and value >= low and (high is None or value <= high)):
        allowed = f"of at least {low}" if high is None else f"in [{low}, {high}]"
        raise ValueError(f"{name} must be an integer {allowed}, got {value!r}")
