"""The home page's races as a script: one batch size after the other. Free of torch."""

from dataclasses import replace

from ln_core.race import code as race
from ln_core.race.sizes import SizesConfig
from ln_core.runs.script import blocks
from ln_core.training import code as shared


def code(config: SizesConfig, origin: str) -> str:
    """Write the script of all races; `origin` is a line that says where they are to be seen."""
    settings = config.race(0)
    smallest = replace(settings, batch_size=min(config.SIZES))  # decides what torch refuses
    return blocks(
        race.head(settings, origin, config.each),
        race.plane(settings),
        shared.BATCHES,
        *race.networks(smallest),
        shared.sweep(
            loss=race.LOSS,
            size="size",
            data=race.DATA.strip(),
            setting="size",
            what="batch size",
            values=config.SIZES,
            network="MLP",
            optimizer=shared.OPTIMIZERS[settings.optimizer],
        ),
    )
