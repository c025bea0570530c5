"""The route through which a player has its film written as a page."""

import asyncio
import contextlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ln_core.runs.config import from_query
from ln_core.runs.frame import unpack
from ln_core.runs.hub import Hub, HubFullError, Run
from ln_core.runs.stream import LEASE_RENEWAL, LONGEST_WORDS, OVER, same_origin
from ln_core.saved.document import Film, write_page


class SavePage:
    """Writes the films of a hub as pages."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self, base: str = "") -> list[BaseRoute]:
        """List the one route, below the server's base path."""
        return [Route(f"{base}/page", self.page, methods=["POST"])]

    async def page(self, request: Request) -> Response:
        """Answer with the page of a run as far as the player holds it.

        It says, as JSON: `experiment`, `show` (the query), `frames` (how many it holds), `title`,
        `line`, `view` and `link`, all as texts but `frames`.
        """
        if not same_origin(request):
            return PlainTextResponse("Only the app's own pages may ask.", status_code=403)
        try:
            asked = json.loads((await request.body())[:LONGEST_WORDS])
            run = await self._run(asked)
            wanted = max(1, int(asked["frames"]))
            await self._wait(run, wanted)
            film = _film(run, wanted, asked)
        except HubFullError as error:
            return PlainTextResponse(str(error), status_code=503)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return PlainTextResponse(f"No page can be written: {error}", status_code=400)
        return HTMLResponse(await asyncio.to_thread(write_page, film))

    async def _run(self, asked: dict[str, Any]) -> Run:
        experiment = self._hub.experiments[asked["experiment"]]
        config, problems = from_query(experiment.config, asked["show"])
        if problems:
            raise problems[0]
        return await self._hub.watch(experiment, config)

    async def _wait(self, run: Run, wanted: int) -> None:
        """Have a run trained on: a server that was restarted makes its frames again."""
        while len(run.log.frames) < wanted and run.state not in OVER:
            await self._hub.watch(run.experiment, run.config)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(run.log.changed.wait(), LEASE_RENEWAL)


def _film(run: Run, wanted: int, asked: dict[str, Any]) -> Film:
    if not run.log.frames:
        raise ValueError(run.error)
    if not asked["link"].startswith(("http://", "https://")):
        raise ValueError(f"link must be an address, http or https, got {asked['link'][:80]!r}")
    return Film(
        experiment=run.experiment,
        config=run.config,
        frames=unpack(b"".join(run.log.frames[:wanted])),
        title=str(asked["title"]),
        line=str(asked["line"]),
        view={str(name): str(text) for name, text in asked["view"].items()},
        live=asked["link"],
    )
