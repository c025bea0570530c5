"""Record the nets of the batch-mate experiment: `python -m ln_core.see.batch_mates.record`.

The app's own race trains them: three nets from the same weights on the same batches, which differ
in their normalization alone. Beside the weights the file holds digits of MNIST's test set (by
LeCun, Cortes and Burges, CC BY-SA 3.0; see assets/data/README.md).
"""

import itertools
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ln_core.data.tasks import PIXEL_MEAN, PIXEL_STD, Task, load_task
from ln_core.race.config import MlpConfig
from ln_core.race.evaluation import Evaluation
from ln_core.race.model import Race
from ln_core.recorded.loader import with_origin
from ln_core.runs.config import to_query
from ln_core.runs.film_file import write_facts
from ln_core.see.digits import HIDDEN, NET_VARIANTS, NETS_PATH, checksum
from ln_core.training.batches import batches

NET = MlpConfig(
    data="mnist",
    depth=HIDDEN,
    width=32,
    batch_size=64,
    cases=60_000,
    steps=5_000,
    variants=NET_VARIANTS,
)
DIGITS = 1000


def train(config: MlpConfig, task: Task) -> Race:
    """Train the race to its end."""
    race = Race(config, config.variants, task.x_train, task.y_train)
    order = batches(config.cases, config.batch_size, config.seed)
    for chosen in itertools.islice(order, config.steps):
        race.step(chosen)
    return race


def arrays_of(race: Race, task: Task) -> dict[str, NDArray[np.float32] | NDArray[np.uint8]]:
    """Collect what is recorded of a trained race."""
    arrays: dict[str, NDArray[np.float32] | NDArray[np.uint8]] = {}
    for layer, (W, g, b) in enumerate(race.stack.theta):
        arrays |= {
            f"W{layer}": W.numpy(),
            f"g{layer}": g[:, 0].numpy(),
            f"b{layer}": b[:, 0].numpy(),
        }
    assert race.stack.running is not None
    hidden = HIDDEN * race.config.width  # running statistics of the output layer are not used
    for name, flat in zip(("running_mean", "running_variance"), race.stack.running, strict=True):
        arrays[name] = flat[0, :hidden].view(HIDDEN, race.config.width).numpy()
    pixels = (task.x_test * PIXEL_STD + PIXEL_MEAN) * 255
    arrays["images"] = pixels.round().to(torch.uint8).numpy()
    arrays["labels"] = task.y_test.to(torch.uint8).numpy()
    return arrays


def test_errors(race: Race, task: Task) -> dict[str, float]:
    """Measure each net's error on the recorded digits, in evaluation mode."""
    errors = Evaluation(race, task.x_test, task.y_test).score()["test_error"]
    return dict(zip(race.config.variants, errors[:, 0].tolist(), strict=True))


def record(path: Path = NETS_PATH, config: MlpConfig = NET, digits: int = DIGITS) -> None:
    """Train, and write the arrays and what they are."""
    start = time.process_time()
    with torch.inference_mode():
        task = load_task(config.data, config.cases, config.seed, test_cases=digits)
        race = train(config, task)
        arrays = arrays_of(race, task)
        errors = test_errors(race, task)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    facts = {
        "config": to_query(config),
        "test_error": {name: round(error, 4) for name, error in errors.items()},
        "digits": "MNIST test images by LeCun, Cortes and Burges, CC BY-SA 3.0",
        "sha256": checksum(arrays),
    }
    write_facts(path, with_origin(facts, time.process_time() - start))


if __name__ == "__main__":
    torch.set_num_threads(1)
    record()
