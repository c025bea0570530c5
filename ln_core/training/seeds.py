"""Seeds: from one seed of a run, one for each thing that is drawn."""

from torch import Generator

LAYER_SEEDS = 64  # seeds set aside for each network: one for each layer, the last two as follows
DATA_SEED, ORDER_SEED = LAYER_SEEDS - 2, LAYER_SEEDS - 1


def part_seed(seed: int, part: int) -> int:
    """Give the seed of one part, 0 to LAYER_SEEDS - 1, of what a seed of a run decides."""
    return LAYER_SEEDS * seed + part


def make_generator(seed: int, part: int) -> Generator:
    """Make the generator that one part is drawn from."""
    return Generator().manual_seed(part_seed(seed, part))
