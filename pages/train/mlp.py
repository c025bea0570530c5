"""The MLP lab: small networks that differ in their normalization alone, trained live."""

import dataclasses
import random

import streamlit as st

from ln_core.experiments import MLP
from ln_core.figures.mlp import mlp_figure
from ln_core.race.config import MlpConfig
from ln_core.race.presets import PRESETS
from pages.ui.controls import choose, config_from_url, controls
from pages.ui.layout import side_and_main
from pages.ui.lesson import sections, show
from pages.ui.player import play

SLUG = "mlp"


def choose_preset(config: MlpConfig) -> None:
    """Take over the chosen preset; a second click on it starts it afresh."""
    choice = st.session_state[f"{SLUG}.preset"]
    choose(SLUG, PRESETS[choice].config if choice else config)


def new_seed(config: MlpConfig) -> None:
    """Draw another seed and keep everything else."""
    choose(SLUG, dataclasses.replace(config, seed=random.randrange(1_000_000)))


def render() -> None:
    """Draw the page top to bottom."""
    lesson = sections("mlp")
    st.markdown(f"## {lesson['Question']}")
    config = config_from_url(SLUG, MlpConfig())
    current = next((name for name, preset in PRESETS.items() if preset.config == config), None)
    st.session_state[f"{SLUG}.preset"] = current
    st.pills(
        "Preset",
        list(PRESETS),
        format_func=lambda name: PRESETS[name].label,
        key=f"{SLUG}.preset",
        on_change=choose_preset,
        args=(config,),
        label_visibility="collapsed",
    )
    st.markdown(PRESETS[current].notice if current else lesson["Line"])
    side, main = side_and_main()
    with side:
        controls(SLUG, config, "primary")
        with st.expander("Advanced"):
            controls(SLUG, config, "advanced")
        st.button(
            "New seed",
            key=f"{SLUG}.new_seed",
            on_click=new_seed,
            args=(config,),
            icon=":material/casino:",
        )
        st.caption("Each change trains again from the start, from the same seed.")
    with main:
        play(MLP, config, mlp_figure(config))
    show(lesson["Explanation"])


render()
