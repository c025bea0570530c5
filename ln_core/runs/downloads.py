"""What people take along of a run: its code, as a script or a notebook, and all its numbers."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ln_core.runs.config import to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.frame import unpack
from ln_core.runs.hub import Hub, HubFullError
from ln_core.runs.numbers import archive
from ln_core.runs.schema import read
from ln_core.runs.script import notebook
from ln_core.runs.stream import same_origin

TYPES = {"py": "text/x-python", "ipynb": "application/x-ipynb+json"}
LONGEST_NAME = 80  # characters of a file's name up to its suffix or MORE
MORE = "and-more"  # settings, for which there is no room


class Downloads:
    """The routes of the files: their query is a config's, with the `link` to the run."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._experiments = hub, hub.experiments

    def routes(self, base: str = "") -> list[BaseRoute]:
        """List the routes, below the server's base path."""
        return [
            Route(f"{base}/code/{{experiment}}.{{suffix}}", self.code),
            Route(f"{base}/numbers/{{experiment}}.npz", self.numbers),
        ]

    def code(self, request: Request) -> Response:
        """Send the code of a run; a config that cannot be is refused with the page's words."""
        suffix = request.path_params["suffix"]
        if suffix not in TYPES:
            return PlainTextResponse("There is no such code.", 404)
        try:
            experiment, config, said = self._asked(request)
            script = experiment.write(config, said)
        except LookupError as error:
            return PlainTextResponse(str(error.args[0]), 404)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        return script_as(script, suffix, file_name(experiment, config))

    async def numbers(self, request: Request) -> Response:
        """Send all numbers of a run that are there so far."""
        if not same_origin(request):
            return PlainTextResponse("Only the app's own pages may ask.", status_code=403)
        try:
            experiment, config, said = self._asked(request)
            run = await self._hub.watch(experiment, config)
        except LookupError as error:
            return PlainTextResponse(str(error.args[0]), 404)
        except HubFullError as error:
            return PlainTextResponse(str(error), 503)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        if not run.log.frames:
            return PlainTextResponse("The run has no numbers yet. Ask again soon.", 503)
        frames = unpack(b"".join(run.log.frames))
        body = await run_in_threadpool(archive, experiment, config, frames, said)
        headers = named(f"{file_name(experiment, config)}.npz")
        return Response(body, media_type="application/zip", headers=headers)

    def _asked(self, request: Request) -> tuple[Experiment, FilmConfig, str]:
        """Give what is asked for, and a line that says where it is to be seen.

        Raises: LookupError if there is no such experiment; ValueError if its config cannot be.
        """
        query, name = dict(request.query_params), request.path_params["experiment"]
        link = query.pop("link", "")
        if name not in self._experiments:
            raise LookupError(f"There is no experiment {name!r}.")
        experiment = self._experiments[name]
        config = read(experiment.config, query)
        return experiment, config, origin(experiment, config, link)


def script_as(script: str, suffix: str, name: str) -> Response:
    """Send a script, as Python or as a notebook."""
    body = notebook(script) if suffix == "ipynb" else script
    media_type = f"{TYPES[suffix]}; charset=utf-8"
    return Response(body, media_type=media_type, headers=named(f"{name}.{suffix}"))


def named(name: str) -> dict[str, str]:
    """Give the headers of a file that is saved under a name."""
    return {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}


def origin(experiment: Experiment, config: FilmConfig, link: str) -> str:
    """Say where a run is to be seen, in letters that can do nothing in a script's text."""
    if not link.startswith(("http://", "https://")):
        return f"The run {experiment.key(config)} of Layer Norm Lab."
    return f"The run of {quote(link, safe=':/?&=,.%+-_~')} in Layer Norm Lab."


def file_name(experiment: Experiment, config: FilmConfig) -> str:
    """Name a file after its run: the experiment, and the settings that are not the usual ones."""
    usual = to_query(experiment.config())
    own = [f"{name}-{text}" for name, text in to_query(config).items() if text != usual.get(name)]
    kept = [experiment.name]
    for part in own:
        if len("_".join([*kept, part])) > LONGEST_NAME:
            kept.append(MORE)
            break
        kept.append("".join(c if c.isalnum() or c in "-_." else "-" for c in part))
    return "_".join(kept)
