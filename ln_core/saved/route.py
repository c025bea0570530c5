"""The route through which a player has its film written as a page."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ln_core.runs.config import from_query
from ln_core.runs.frame import unpack
from ln_core.runs.hub import Hub, HubFullError, Run
from ln_core.runs.pin import read_pin
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
        `line`, `view` and `link`, all as texts but `frames`; and `pinned`, how many it holds of the
        run that the view pins, if that is another one.
        """
        return await answer(request, self._film)

    async def _film(self, asked: dict[str, Any]) -> Film:
        """Give what is asked for, with the run that is pinned beside it.

        Raises: HubFullError; ValueError, TypeError, KeyError or AttributeError if it cannot be.
        """
        pin, held = asked["view"].pop("pin", ""), int(asked.get("pinned", 0))
        film = _film(await self._run(asked), asked)
        if not held:
            return film
        pinned = {**asked, "show": read_pin(pin, asked["show"]), "frames": held}
        return replace(film, pinned=_film(await self._run(pinned), pinned))

    async def _run(self, asked: dict[str, Any]) -> Run:
        """Give a run with the frames that are asked for: a restarted server makes them again."""
        experiment, wanted = self._hub.experiments[asked["experiment"]], _wanted(asked)
        config, problems = from_query(experiment.config, asked["show"])
        if problems:
            raise problems[0]
        run = await self._hub.watch(experiment, config)
        while len(run.log.frames) < wanted and run.state not in OVER:
            await self._hub.watch(run.experiment, run.config)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(run.log.changed.wait(), LEASE_RENEWAL)
        return run


async def answer(request: Request, find: Callable[[Any], Awaitable[Film]]) -> Response:
    """Answer with the page of a film; `find` gives what is asked for, or raises as `seen` does."""
    if not same_origin(request):
        return PlainTextResponse("Only the app's own pages may ask.", status_code=403)
    try:
        film = await find(json.loads((await request.body())[:LONGEST_WORDS]))
    except HubFullError as error:
        return PlainTextResponse(str(error), status_code=503)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return PlainTextResponse(f"No page can be written: {error}", status_code=400)
    return HTMLResponse(await asyncio.to_thread(write_page, film))


def seen(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a player says of its view and its link, as fields of a `Film`.

    Raises: ValueError, TypeError, KeyError or AttributeError if it cannot be.
    """
    if not asked["link"].startswith(("http://", "https://")):
        raise ValueError(f"link must be an address, http or https, got {asked['link'][:80]!r}")
    view = {str(name): str(text) for name, text in asked["view"].items()}
    return {"view": view, "live": asked["link"]}


def _wanted(asked: dict[str, Any]) -> int:
    """Give the number of frames that a page is to have."""
    return max(1, int(asked["frames"]))


def _film(run: Run, asked: dict[str, Any]) -> Film:
    if not run.log.frames:
        raise ValueError(run.error)
    return Film(
        experiment=run.experiment,
        config=run.config,
        frames=unpack(b"".join(run.log.frames[: _wanted(asked)])),
        title=str(asked["title"]),
        line=str(asked["line"]),
        **seen(asked),
    )
