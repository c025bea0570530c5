"""The archive: the store as the hub uses it, beside the server's event loop."""

import asyncio
from collections.abc import Callable, Sequence

from ln_core.runs.crew import Crew
from ln_core.runs.fingerprint import Fingerprint, fingerprint
from ln_core.runs.store import Store


class Archive:
    """Keeps the films of finished trainings and gives them back; nothing, without a store.

    `modules` are those that train, `crew` are those who do it.
    """

    def __init__(self, store: Store | None, modules: Sequence[str], crew: Crew) -> None:
        self._store, self._modules, self._crew = store, modules, crew
        self._fingerprints: asyncio.Future[dict[str, Fingerprint]]
        self._writing: set[asyncio.Task[None]] = set()

    @property
    def empty(self) -> bool:
        """Whether nothing is ever kept."""
        return self._store is None

    def open(self) -> None:
        """Note which code there is, now that the workers begin with it."""
        self._fingerprints = asyncio.ensure_future(asyncio.to_thread(self._take_fingerprints))

    async def close(self) -> None:
        """Wait until all is written."""
        await asyncio.gather(self._fingerprints, *self._writing, return_exceptions=True)

    async def read(self, key: str, module: str) -> list[bytes] | None:
        """Give the packed frames of a run, if they are kept."""
        if self._store is None:
            return None
        return await asyncio.to_thread(self._store.read, key, await self._fingerprint(module))

    def write(self, key: str, module: str, frames: Sequence[bytes]) -> None:
        """Have the packed frames of a run kept."""
        self._soon(module, lambda store, origin: store.write(key, origin, frames))

    def touch(self, key: str, module: str) -> None:
        """Have it noted that a run is watched again."""
        self._soon(module, lambda store, origin: store.touch(key, origin))

    def _soon(self, module: str, act: Callable[[Store, Fingerprint], None]) -> None:
        if self._store is not None:
            task = asyncio.create_task(self._act(self._store, module, act))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _act(
        self, store: Store, module: str, act: Callable[[Store, Fingerprint], None]
    ) -> None:
        await asyncio.to_thread(act, store, await self._fingerprint(module))

    async def _fingerprint(self, module: str) -> Fingerprint:
        own = (await asyncio.shield(self._fingerprints))[module]
        return {**own, "processor": await self._crew.processor()}

    def _take_fingerprints(self) -> dict[str, Fingerprint]:
        return {} if self._store is None else {name: fingerprint(name) for name in self._modules}
