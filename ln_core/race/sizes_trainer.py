"""Races one after the other, in one film."""

from dataclasses import replace
from functools import partial

from ln_core.race.sizes import SizesConfig
from ln_core.race.trainer import MlpTrainer
from ln_core.runs.experiment import State
from ln_core.runs.frame import Frame
from ln_core.training.trainer import Trainer, film_of


class SizesTrainer(Trainer):
    """The race that is on."""

    def __init__(self, config: SizesConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants = config, variants
        self._begin(0)

    def _begin(self, place: int) -> None:
        self.begun = place * self.config.each
        self.race = MlpTrainer(self.config.race(place), self.variants)

    def train(self) -> None:
        """Take one step; after a race's last one, the first of the next."""
        if self.step and self.step % self.config.each == 0:
            self._begin(self.step // self.config.each)
        self.race.train()
        self.step += 1

    def make_frame(self, index: int) -> Frame:
        """Give the race's own frame of the moment, counted in the steps of all races."""
        own = (self.step - self.begun) // self.race.config.frame_every
        return replace(self.race.make_frame(own), step=self.step)

    def state(self) -> State:
        """Give the race's state, and which one it is."""
        return {"step": self.step, "begun": self.begun, "race": self.race.state()}

    def restore(self, state: State) -> None:
        """Take up a race where it was left."""
        self.step = state["step"]
        self._begin(state["begun"] // self.config.each)
        self.race.restore(state["race"])


film = partial(film_of, SizesTrainer)
