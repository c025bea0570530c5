"""The log of one run: its frames so far, appended by workers, read by any number of players."""

import asyncio
from collections import deque
from collections.abc import Sequence

from ln_core.runs.frame import join, pack, unpack


class Log:
    """An append-only list of packed frames, joined from the shards of a race.

    `changed` is set at the next change and then replaced, so that any number of readers can wait.
    """

    def __init__(self, shards: int, total: int) -> None:
        self.total = total
        self.frames: list[bytes] = []
        self.size = 0  # bytes, those still waiting for their other shards included
        self.changed = asyncio.Event()
        self._shards: list[deque[bytes]] = [deque() for _ in range(shards)]

    @property
    def done(self) -> bool:
        """Whether every frame of the film is there."""
        return len(self.frames) == self.total

    def next_of(self, shard: int) -> int:
        """Give the index of the next frame that a shard has to deliver."""
        return len(self.frames) + len(self._shards[shard])

    def append(self, shard: int, packed: Sequence[bytes]) -> None:
        """Take the next frames of one shard; a frame enters the log when all its shards are in."""
        self._shards[shard].extend(packed)
        self.size += sum(map(len, packed))
        before = len(self.frames)
        while all(self._shards):
            pieces = [waiting.popleft() for waiting in self._shards]
            if len(pieces) == 1:
                self.frames.append(pieces[0])
            else:
                self.frames.append(join_packed(pieces))
        if len(self.frames) > before:
            self.announce()

    def fill(self, frames: Sequence[bytes]) -> None:
        """Take a whole film, or its first frames, in place of what its shards would deliver."""
        self.frames = [*frames]
        self.size = sum(map(len, frames))
        self.announce()

    def announce(self) -> None:
        """Wake everyone who waits for a change."""
        self.changed.set()
        self.changed = asyncio.Event()

    def read(self, first: int, most: int) -> list[bytes]:
        """Return frames from index `first` on, together at most `most` bytes, but at least one."""
        taken: list[bytes] = []
        size = 0
        for packed in self.frames[first:]:
            size += len(packed)
            if taken and size > most:
                break
            taken.append(packed)
        return taken


def join_packed(pieces: Sequence[bytes]) -> bytes:
    """Join the packed shards of one frame along the variant axis."""
    return pack(join([unpack(piece)[0] for piece in pieces]))
