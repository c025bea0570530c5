"""The entry: Streamlit's pages, the live routes beside them, and the hub's life."""

import contextlib
import functools
import os
from collections.abc import AsyncIterator
from typing import Any

import streamlit as st

from ln_core.experiments import EXPERIMENTS
from ln_core.runs.downloads import Downloads
from ln_core.runs.hub import Hub
from ln_core.runs.stream import Stream
from ln_core.runs.worker import spawn_executor
from ln_core.saved.route import SavePage
from ln_core.serve import answer_without_delay, asset_routes, base_path

base = base_path(st.get_option("server.baseUrlPath"))
hub = Hub(
    EXPERIMENTS,
    # Any worker may get any page's run, and the first one must not wait for imports.
    functools.partial(spawn_executor, tuple(one.module for one in EXPERIMENTS.values())),
    workers=min(os.cpu_count() or 2, 8),
)


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401
    """Keep the hub's workers for as long as the server runs."""
    answer_without_delay()
    async with hub.running():
        yield {}


app = st.App(
    "pages/router.py",
    routes=[
        *Stream(hub).routes(base),
        *SavePage(hub).routes(base),
        *Downloads(hub).routes(base),
        *asset_routes(base),
    ],
    lifespan=lifespan,
)
