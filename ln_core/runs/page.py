"""A page that shows pictures: what it asks for, and what its player has drawn of it."""

import asyncio
from typing import Any

from ln_core.runs.experiment import FilmConfig


class Drawn(asyncio.Event):
    """Set whenever a player has drawn; `turn` is that of the picture on its screen."""

    turn = 0


class Page:
    """A page that shows one picture after the other: what it asks for, in which turn."""

    def __init__(self, turn: int, config: FilmConfig, drawn: Drawn) -> None:
        self.turn, self.config, self.drawn = turn, config, drawn
        self.asked_again = asyncio.Event()
        self.figure: dict[str, Any] | None = None  # that the player has

    def ask(self, turn: int, config: FilmConfig) -> None:
        """Take what is asked for now, unless it is known."""
        if turn > self.turn:
            self.turn, self.config = turn, config
            self.asked_again.set()

    async def shows(self, turn: int) -> None:
        """Wait until the player has drawn the picture of a turn, or a later one."""
        while self.drawn.turn < turn:
            self.drawn.clear()
            await self.drawn.wait()
