"""The paper's MNIST experiment, and a sweep, as scripts. Free of torch."""

from collections.abc import Mapping
from dataclasses import replace

from ln_core.paper.mnist.config import SCORED_CASES, MnistConfig, SweepConfig
from ln_core.race import code as race
from ln_core.runs.script import blocks, fill, indented
from ln_core.training import code as shared

TESTED = """
if step in TESTED:
    for name, network in zip(names, networks):
        numbers = *test(network, x[:$scored], y[:$scored]), *test(network, x_test, y_test)
        print("tested", *name, *(f"{number:.4f}" for number in numbers))
"""

PLAN = """
EPOCH = math.ceil(CASES / BATCH_SIZE)  # steps
TESTED = {frame * EPOCH // $per_epoch for frame in range(1, 1 + $frames)}
print("tested: variant, seed, loss and error (%) on training images, the same on unseen ones")
"""

UNSEEN = """
x_test, y_test = load_data("test", 10_000)
x_test = x_test.to(dtype)
"""

SWEPT_DATA = """
x, y = load_data(count=60_000)
x = x.to(dtype)
$unseen
held_out = slice(60_000 - $scored, None)  # the rate is chosen on these
"""
SWEPT_TOLD = """
print("tested: variant, seed, loss and error (%) on held-out images, the same on unseen ones")
"""
SWEPT_TESTED = """
for name, network in zip(names, networks):
    numbers = *test(network, x[held_out], y[held_out]), *test(network, x_test, y_test)
    print("tested", *name, *(f"{number:.4f}" for number in numbers))
"""


def mnist_code(config: MnistConfig, origin: str, rates: Mapping[str, float] | None = None) -> str:
    """Write the script of a race: it tests its networks when the film does.

    `rates` are those of the variants, where each has its own.
    """
    settings = config.race(config.variants)
    frames = config.epochs * config.tests
    tested = indented(4, fill(TESTED, scored=SCORED_CASES))
    plan = fill(PLAN, per_epoch=config.tests, frames=frames)
    data = race.DATA + UNSEEN.lstrip()
    return blocks(
        race.head(settings, origin, config.steps, rates),
        race.digits(),
        shared.BATCHES,
        *race.networks(settings, tested=True),
        shared.TEST,
        f"{plan}\n{race.loop(settings, data, tested, shared.OWN_RATES if rates else None)}",
    )


def sweep_code(config: SweepConfig, origin: str) -> str:
    """Write the script of a sweep: race after race, each from the first weights."""
    sizes = config.setting == "batch_size"
    settings = config.race(config.variants)
    size, rate = ("size", "LEARNING_RATE") if sizes else ("BATCH_SIZE", "rate")
    smallest = min(config.values) if sizes else config.batch_size  # what torch refuses is decided
    return blocks(
        race.head(settings, origin, config.steps),
        race.digits(),
        shared.BATCHES,
        *race.networks(replace(settings, batch_size=int(smallest)), tested=True),
        shared.TEST,
        shared.sweep(
            loss=race.LOSS,
            steps="steps",
            size=size,
            data=fill(SWEPT_DATA, unseen=UNSEEN.strip(), scored=SCORED_CASES).strip(),
            told=SWEPT_TOLD.strip(),
            setting="size" if sizes else "rate",
            what="batch size" if sizes else "learning rate",
            values=config.values,
            network="MLP",
            optimizer=f"torch.optim.Adam(net.parameters(), lr={rate})",
            limit=f"    steps = min(given.steps, math.ceil({config.examples} / {size}))",
            tested=SWEPT_TESTED,
        ),
    )
