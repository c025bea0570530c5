"""What the scripts of all trainings share: arguments, digits, batches, the loop. Free of torch."""

import json
from collections.abc import Sequence

from ln_core.runs.changes import Forkable
from ln_core.runs.script import fill, indented

HEAD = '''
"""$title

$origin
It runs by itself, with torch$more.
$reads
$left_out
Its losses$until are those of the run, but for rounding: the same sums in
another order round differently, and in deep nets or tiny batches that grows within a few steps to
what can be seen. In float64 (--dtype float64) it begins 500 million times smaller.
"""

import argparse
$modules

$numpy
import torch
from torch import nn

SEED = $seed
SEEDS = range(SEED, SEED + $seeds)  # a network of each variant for each of them
VARIANTS = $variants
$constants


parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=$steps)
parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
$argument
given, _ = parser.parse_known_args()  # a notebook has arguments of its own
'''
READS = "It reads {} from the app's own file: where that is, say with --data FILE."
ARGUMENT = 'parser.add_argument("--data", default="{}")'
DIGITS, NOVEL = "assets/data/mnist.npz", "assets/data/moby_dick.txt.bz2"
FILES = {DIGITS: "MNIST", NOVEL: "Moby-Dick"}

MADE = ("learning_rate", "batch_size", "momentum")  # the changes in mid-run that a script makes

OPTIMIZERS = {
    "adam": "torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)",
    "sgd": "torch.optim.SGD(net.parameters(), lr=LEARNING_RATE)",
    "momentum": "torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, momentum=0.9)",
}
# Where each variant has a rate of its own: three lines.
OWN_RATES = {
    "optimizer": "\n    torch.optim.Adam(net.parameters(), lr=LEARNING_RATE[variant])\n   ",
    "each": "(variant, _), net in zip(names, networks)\n",
}

MNIST = '''
def load_data(part="train", count=CASES, seed=$seed):
    """Draw images, and standardize their pixels: x (count, $shape), y (count,)."""
    with np.load(given.data) as mnist:
        images, labels = mnist[f"{part}_images"], mnist[f"{part}_labels"]
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(labels), generator=generator)[:count]
    x = (torch.from_numpy(images)[chosen].float() / 255 - 0.1307) / 0.3081
    return x$view, torch.from_numpy(labels)[chosen].long()
'''

BATCHES = '''
def batches(size):
    """Give the indices of batch after batch: a new order for every epoch, cut into pieces."""
    generator = torch.Generator().manual_seed(64 * SEED + 63)
    while True:
        yield from torch.randperm(CASES, generator=generator).split(size)
'''

# Where the batch size changes in mid-run.
CHANGING_BATCHES = '''
NEW_SIZES = $sizes  # of batches, each from so many steps on


def batches(size):
    """Give the indices of batch after batch: a new order for every epoch, cut into pieces."""
    generator = torch.Generator().manual_seed(64 * SEED + 63)
    steps = 0
    while True:
        left = torch.randperm(CASES, generator=generator)
        while len(left) > 0:
            size = NEW_SIZES.get(steps, size)
            yield left[:size]
            left, steps = left[size:], steps + 1
'''

# Of the optimizer, in mid-run.
CHANGE = """\
        if step == $step:
            optimizer.param_groups[0]["$name"] = $value\
"""

BEGIN = """
dtype = getattr(torch, given.dtype)
$data
names = [(variant, seed) for variant in VARIANTS for seed in SEEDS]
networks = [$network(variant, seed).to(dtype) for variant, seed in names]
optimizers = [$optimizer for $each]
print("step", *(f"{variant}/{seed}".rjust(12) for variant, seed in names))
"""

STEPS = """
for step, chosen in zip(range(1, $steps + 1), batches($size)):  # for all variants
    losses = []
    for network, optimizer in zip(networks, optimizers):
$own
        loss = $loss
        optimizer.zero_grad()
        loss.backward()
$clip
        optimizer.step()
        losses.append(loss.item())  # from before the update
    if step <= 50 or step % 50 == 0:
        print(f"{step:4}", *(f"{loss:12.6f}" for loss in losses))
$tested
"""

# Race after race, each from the first weights.
SWEEP = """
dtype = getattr(torch, given.dtype)
$data
names = [(variant, seed) for variant in VARIANTS for seed in SEEDS]
print("step", *(f"{variant}/{seed}".rjust(12) for variant, seed in names))
$told
for $setting in $values:
    networks = [$network(variant, seed).to(dtype) for variant, seed in names]
    optimizers = [$optimizer for net in networks]
    print("$what", $setting)
$limit
$steps
$tested
"""

TEST = '''
def test(network, x, y):
    """Give the mean loss and the error in % in evaluation mode: nothing is learned from these."""
    network.eval()
    with torch.inference_mode():
        scores = torch.cat([network(some) for some in x.split(500)])
    network.train()
    error = 100 * (scores.argmax(1) != y).double().mean().item()
    return nn.functional.cross_entropy(scores, y).item(), error
'''


def head(variants: Sequence[str], *, data: str = "", **slots: object) -> str:
    """Write what a script begins with: its text, constants and arguments, the slots of `HEAD`.

    `data` is the path of what it reads, if it reads anything.
    """
    arrays = data.endswith(".npz")
    usual = {
        "more": " and numpy" if arrays else "",
        "reads": READS.format(FILES[data]) if data in FILES else "",
        "left_out": "",
        "until": "",
        "modules": "import math",
        "numpy": "import numpy as np" if arrays else "",
        "variants": json.dumps(variants),
        "argument": ARGUMENT.format(data) if data else "",
    }
    return fill(HEAD, **(usual | slots))


def loop(*, own: str = "", tested: str = "", each: str = "net in networks", **slots: str) -> str:
    """Write the training of all networks: the slots of `BEGIN` and `STEPS`."""
    of_begin = {name: slots.pop(name) for name in ("data", "network", "optimizer")}
    begin = fill(BEGIN, each=each, **of_begin)
    steps = fill(STEPS, steps="given.steps", size="BATCH_SIZE", own=own, tested=tested, **slots)
    return f"{begin.strip()}\n{steps.strip()}"


def sweep(
    *,
    loss: str,
    steps: str = "given.steps",
    size: str = "BATCH_SIZE",
    clip: str = "",
    tested: str = "",
    **slots: object,
) -> str:
    """Write race after race: the slots of `STEPS`, and those of `SWEEP`."""
    each = fill(STEPS, steps=steps, size=size, own="", loss=loss, clip=clip, tested="")
    usual = {"told": "", "limit": ""}
    return fill(SWEEP, steps=indented(4, each), tested=indented(4, tested), **(usual | slots))


def batches(config: Forkable) -> str:
    """Write what gives the batches."""
    sizes = {step: size for step, size in config.batch_sizes if step > 0}
    return fill(CHANGING_BATCHES, sizes=sizes) if sizes else BATCHES


def changes(config: Forkable) -> str:
    """Write the changes of a run that are made in its loop."""
    lines = []
    for step, field, value in config.changes:
        if field == "learning_rate":
            lines.append(fill(CHANGE, step=step + 1, name="lr", value=value))
        elif field == "momentum":
            adam = config.optimizer == "adam"
            name, now = ("betas", f"({value}, 0.999)") if adam else ("momentum", str(value))
            lines.append(fill(CHANGE, step=step + 1, name=name, value=now))
    return "\n".join(lines)


def left_out(config: Forkable) -> str:
    """Say which changes of a run its script does not make; nothing if it makes all."""
    said = [
        words
        for change, words in zip(config.changes, config.changes_in_words, strict=True)
        if change.field not in MADE
    ]
    return "".join(f"\nNot here, but in the run: {words}." for words in said).strip()


def until(config: Forkable) -> str:
    """Say up to which step the losses of a script are the run's, if not to the end."""
    steps = [change.step for change in config.changes if change.field not in MADE]
    return f" up to step {steps[0]}" if steps else ""
