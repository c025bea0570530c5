"""What people take along of a recording: its code, its numbers, and its film as a page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ln_core.experiments import PAGES
from ln_core.lessons import sections
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about, minutes, recorded_frames
from ln_core.runs.downloads import TYPES, named, origin, script_as
from ln_core.runs.numbers import archive
from ln_core.saved.document import Film
from ln_core.saved.route import answer, seen


def recorded_routes(base: str = "") -> list[BaseRoute]:
    """List the routes of the recordings' files, below the server's base path."""
    return [
        Route(f"{base}/recorded/{{name}}.{{suffix}}", _file),
        Route(f"{base}/recorded/{{name}}/page", _page, methods=["POST"]),
    ]


def film_of(name: str) -> Film:
    """Say of a recording what its page does: its question, what it is, and when it was made."""
    recording, made = RECORDINGS[name], about(name)
    pages = [page.lesson for page in PAGES.values() if name in page.recordings]
    lesson = sections(pages[0] if pages else "home")
    took = f"{recording.title}: recorded in full, in {minutes(name)} min of one core."
    return Film(
        experiment=recording.experiment,
        config=recording.config,
        frames=recorded_frames(name),
        title=lesson["Question"],
        line=took if pages else lesson["Line"],
        date=made["date"],
        torch=made["versions"]["torch"],
    )


async def _file(request: Request) -> Response:
    name, suffix = (request.path_params[part] for part in ("name", "suffix"))
    if name not in RECORDINGS or suffix not in (*TYPES, "npz"):
        return PlainTextResponse("There is no such recording.", 404)
    link = request.query_params.get("link", "")
    if suffix == "npz":
        body = await run_in_threadpool(_numbers, name, link)
        return Response(body, media_type="application/zip", headers=named(f"recorded_{name}.npz"))
    script = RECORDINGS[name].write(_origin(name, link))
    return script_as(script, suffix, f"recorded_{name}")


def _origin(name: str, link: str) -> str:
    """Say which recording it is, and where it is to be seen."""
    said = origin(RECORDINGS[name].experiment, RECORDINGS[name].config, link)
    return said.replace("The run", f"The recording {name} ({about(name)['date']})", 1)


def _numbers(name: str, link: str) -> bytes:
    recording, made = RECORDINGS[name], about(name)
    own: dict[str, Mapping[str, Any]] = {"+".join(of): one for of, one in recording.own.items()}
    facts = {"recorded": made["date"], "versions": made["versions"], "of single variants": own}
    frames = recorded_frames(name)
    return archive(recording.experiment, recording.config, frames, _origin(name, link), facts)


async def _page(request: Request) -> Response:
    """Answer with a recording as a page; what is asked says, as JSON, its `view` and `link`."""
    name = request.path_params["name"]
    if name not in RECORDINGS:
        return PlainTextResponse("There is no such recording.", 404)

    async def film(asked: Mapping[str, Any]) -> Film:
        return replace(film_of(name), **seen(asked))

    return await answer(request, film)
