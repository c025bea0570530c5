"""The entry: Streamlit's pages, the live routes beside them, and the hub's life."""

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import streamlit as st

from ln_core.experiments import EXPERIMENTS
from ln_core.recorded.files import recorded_routes
from ln_core.rooms.registry import Registry
from ln_core.rooms.route import Classroom
from ln_core.runs.cluster import crew_of_environment
from ln_core.runs.downloads import Downloads
from ln_core.runs.hub import Hub
from ln_core.runs.machine import budget, memory_limit
from ln_core.runs.store import store_of_environment
from ln_core.runs.stream import Stream
from ln_core.saved.route import SavePage
from ln_core.serve import answer_without_delay, asset_routes, base_path

base = base_path(st.get_option("server.baseUrlPath"))
workers = min(os.cpu_count() or 2, 8)
memory = budget(memory_limit(), workers)
hub = Hub(
    EXPERIMENTS,
    crew_of_environment(tuple(one.module for one in EXPERIMENTS.values()), workers, memory),
    log_bytes=memory.logs,
    store=store_of_environment(),
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
        *recorded_routes(base),
        *Classroom(Registry()).routes(base),
        *asset_routes(base),
    ],
    lifespan=lifespan,
)
