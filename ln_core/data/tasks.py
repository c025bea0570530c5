"""Tasks: what a network is trained and tested on, by name, from a seed."""

from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakValueDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from ln_core.data.mnist import Mnist, load_mnist
from ln_core.data.toys import TOYS, make_toy

TASK_NAMES: tuple[str, ...] = (*TOYS, "mnist")

# Mean and standard deviation of MNIST's 47 million training pixels, on the scale 0 to 1.
PIXEL_MEAN = 0.1307
PIXEL_STD = 0.3081

# A generator keeps the low 32 bits of its seed; the last one is set aside for test sets, so that
# no seed can train on them, and so that the test errors of all seeds are about the same cases.
TEST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Drawn images that are standardised as they are taken, so that films share their bytes.

    Shapes: images[cases], with cases (k,) or a slice, (k, 28, 28).
    """

    pixels: NDArray[np.uint8]  # of all there are, (n, 28, 28)
    chosen: Tensor

    @property
    def shape(self) -> tuple[int, int, int]:
        """That of all drawn images."""
        return len(self.chosen), *self.pixels.shape[1:]

    def __getitem__(self, cases: Tensor | slice) -> Tensor:
        """Take some of the images, their pixels with mean 0 and standard deviation 1 over all."""
        taken = torch.from_numpy(self.pixels[self.chosen[cases].numpy()]).float()
        return taken.div_(255).sub_(PIXEL_MEAN).div_(PIXEL_STD)  # in place: it may be 188 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Task:
    """Cases to learn from and cases to be tested on.

    Shapes: x_train (n, D) float32, y_train (n,) int64, x_test (m, D) float32, y_test (m,) int64.
    """

    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor
    classes: int  # labels are 0 to classes - 1
    is_plane: bool  # D = 2: the decision boundary can be drawn


def load_task(name: str, cases: int, seed: int, *, test_cases: int) -> Task:
    """Draw the training cases that the seed determines, and the test cases that none changes.

    A toy set is drawn afresh; MNIST gives a random subset of its training images, and a random
    but fixed one of its test images.

    Shapes: D = 2 for a toy set, 784 for MNIST.
    Units: toy points lie about in [-1, 1]^2; MNIST's pixels have mean 0 and standard deviation 1.
    Raises: ValueError if name is unknown, a count is not an integer of at least 2 (for MNIST also
        at most 60000 and 10000), or seed is not an integer in [0, 2**32 - 2].
    """
    if name not in TASK_NAMES:
        raise ValueError(f"name must be one of {', '.join(TASK_NAMES)}, got {name!r}")
    _check_integer("cases", cases, 2, 60000 if name == "mnist" else None)
    _check_integer("test_cases", test_cases, 2, 10000 if name == "mnist" else None)
    _check_integer("seed", seed, 0, TEST_SEED - 1)
    if name == "mnist":
        return _mnist_task(cases, test_cases, seed)
    x_train, y_train = make_toy(name, cases, Generator().manual_seed(seed))
    x_test, y_test = make_toy(name, test_cases, Generator().manual_seed(TEST_SEED))
    return Task(
        x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test, classes=2, is_plane=True
    )


_shared: "WeakValueDictionary[tuple[str, int, int, int], Task]" = WeakValueDictionary()


def shared_task(name: str, cases: int, seed: int, *, test_cases: int) -> Task:
    """Give what `load_task` gives, one object for all that have it at the same time: read it only.

    Reading six thousand digits takes as long as some training steps.
    """
    key = (name, cases, seed, test_cases)
    task = _shared.get(key)
    if task is None:
        with torch.inference_mode(mode=False):  # it may be read in either mode
            task = _shared[key] = load_task(name, cases, seed, test_cases=test_cases)
    return task


def _mnist_task(cases: int, test_cases: int, seed: int) -> Task:
    train, y_train = draw_images(cases, seed)
    test, y_test = draw_test_images(test_cases)
    return Task(
        x_train=train[:].flatten(1),
        y_train=y_train,
        x_test=test[:].flatten(1),
        y_test=y_test,
        classes=10,
        is_plane=False,
    )


def draw_images(cases: int, seed: int) -> tuple[Images, Tensor]:
    """Draw the images and labels that `load_task` trains on with the same arguments."""
    mnist = _shared_mnist()
    return _pick(mnist.train_images, mnist.train_labels, cases, seed)


def draw_test_images(cases: int) -> tuple[Images, Tensor]:
    """Draw the images and labels that `load_task` tests on."""
    mnist = _shared_mnist()
    # Not the first ones: the two halves of MNIST's test set had different writers, and the first
    # half is the harder (a 784-200-10 net erred on 3.6 % of it and 1.4 % of the second).
    return _pick(mnist.test_images, mnist.test_labels, cases, TEST_SEED)


@lru_cache(maxsize=1)
def _shared_mnist() -> Mnist:
    """Read MNIST once a process: 55 MB, read-only, the same for every race."""
    return load_mnist()


def _pick(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], cases: int, seed: int
) -> tuple[Images, Tensor]:
    """Draw cases without replacement. A smaller draw is the beginning of a larger one."""
    generator = Generator().manual_seed(seed)
    chosen = torch.randperm(len(labels), generator=generator)[:cases].clone()
    return Images(images, chosen), torch.from_numpy(labels[chosen.numpy()]).long()


def _check_integer(name: str, value: int, low: int, high: int | None) -> None:
    if not (isinstance(value, int) and value >= low and (high is None or value <= high)):
        allowed = f"at least {low}" if high is None else f"in [{low}, {high}]"
        raise ValueError(f"{name} must be an integer {allowed}, got {value!r}")
