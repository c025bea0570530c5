"""What people take along of a run: its code, as a script or a notebook."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ln_core.runs.config import ConfigError, from_query, to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.hub import Hub
from ln_core.runs.schema import problem
from ln_core.runs.script import notebook

TYPES = {"py": "text/x-python", "ipynb": "application/x-ipynb+json"}
LONGEST_NAME = 80  # characters of a file's name, without its suffix


class Downloads:
    """The routes of the files: their query is a config's, with the `link` to the run."""

    def __init__(self, hub: Hub) -> None:
        self._experiments = hub.experiments

    def routes(self, base: str = "") -> list[BaseRoute]:
        """List the routes, below the server's base path."""
        return [Route(f"{base}/code/{{experiment}}.{{suffix}}", self.code)]

    def code(self, request: Request) -> Response:
        """Send the code of a run; a config that cannot be is refused with the page's words."""
        query, suffix = dict(request.query_params), request.path_params["suffix"]
        link = query.pop("link", "")
        experiment = self._experiments.get(request.path_params["experiment"])
        if experiment is None or suffix not in TYPES:
            return PlainTextResponse("There is no such code.", 404)
        config, problems = from_query(experiment.config, query)
        if problems:
            return PlainTextResponse("\n".join(refused(experiment, one) for one in problems), 400)
        try:
            script = experiment.write(config, origin(experiment, config, link))
        except LookupError as error:
            return PlainTextResponse(str(error), 404)
        body = notebook(script) if suffix == "ipynb" else script
        name = f"{file_name(experiment, config)}.{suffix}"
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return Response(body, media_type=f"{TYPES[suffix]}; charset=utf-8", headers=headers)


def refused(experiment: Experiment, error: ConfigError) -> str:
    """Say what cannot be, as the page's controls say it."""
    told = problem(experiment.config, error)
    names = ", ".join(told["labels"] or told["fields"])
    return f"{names}: {told['received']} is not possible. Allowed: {told['allowed']}."


def origin(experiment: Experiment, config: FilmConfig, link: str) -> str:
    """Say where a run is to be seen, in letters that can do nothing in a script's text."""
    if not link.startswith(("http://", "https://")):
        return f"The run {experiment.key(config)} of Layer Norm Lab."
    return f"The run of {quote(link, safe=':/?&=,.%+-_~')} in Layer Norm Lab."


def file_name(experiment: Experiment, config: FilmConfig) -> str:
    """Name a file after its run: the experiment, and the settings that are not the usual ones."""
    usual = to_query(experiment.config())
    own = [f"{name}-{text}" for name, text in to_query(config).items() if text != usual[name]]
    name = "_".join([experiment.name, *own]).replace(",", "-")
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)[:LONGEST_NAME]
