"""A page that shows pictures: what it asks for, and what its player has drawn of it."""

import asyncio
from collections.abc import Callable
from typing import Any

from ln_core.runs.config import to_text
from ln_core.runs.experiment import FilmConfig

SCRIPT_SECONDS = 1.0  # within which a script asks for what was foreseen


class Drawn(asyncio.Event):
    """Set whenever a player has drawn: which picture is on its screen, by turn and by query.

    A player also says what its page is about to ask for: `foresee` is told the turn after which,
    and the query.
    """

    turn = 0
    query = ""
    foresee: Callable[[int, str], None] = staticmethod(lambda turn, query: None)


class Page:
    """A page that shows one picture after the other: what it asks for, in which turn."""

    def __init__(self, turn: int, config: FilmConfig, drawn: Drawn) -> None:
        self.turn, self.config, self.drawn = turn, config, drawn
        self.asked_again = asyncio.Event()
        self.answered = asyncio.Event()  # not set: a gesture has been made, its picture is to come
        self.answered.set()
        self.figure: dict[str, Any] | None = None  # that the player has
        self.told: tuple[FilmConfig, str] | None = None  # whose state it knows, and that state
        self._asked = config  # by the script, last
        self._news = turn  # in which it has last asked for what nobody had foreseen
        self._foreseen: list[FilmConfig] = []  # what the script has yet to ask for
        self._foreseen_at = 0.0

    def foresee(self, turn: int, config: FilmConfig) -> None:
        """Show a picture that the script will ask for once it has heard of the gesture.

        One that builds on an earlier turn than the script's last news is out of date.
        """
        if config == self.config or turn < self._news:
            return
        self.config = config
        # Back at what the script knows, it hears of no gesture.
        self._foreseen = [] if config == self._asked else [*self._foreseen, config]
        self._foreseen_at = asyncio.get_running_loop().time()
        self.asked_again.set()

    def ask(self, turn: int, config: FilmConfig) -> None:
        """Take what the script asks for now, unless it is known."""
        if turn <= self.turn:
            return
        self.turn, self._asked = turn, config
        since = asyncio.get_running_loop().time() - self._foreseen_at
        if config in self._foreseen and since < SCRIPT_SECONDS:
            # Of two gestures the script knows the first; the page is at the second already.
            last = len(self._foreseen) - self._foreseen[::-1].index(config)
            self._foreseen = self._foreseen[last:]
        else:
            self._foreseen = []
            self._news = turn
        if not self._foreseen:
            self.config = config
        self.asked_again.set()

    async def shows(self, turn: int) -> None:
        """Wait until the player has drawn the picture of a turn, or a later one."""
        while self.drawn.turn < turn:
            self.drawn.clear()
            await self.drawn.wait()

    async def catch_up(self) -> None:
        """Wait until the player has drawn what it has foreseen."""
        while self._foreseen and self.drawn.query != to_text(self.config):
            self.drawn.clear()
            await self.drawn.wait()
