"""The batch-mate experiment: one pinned digit, and neighbours drawn again and again."""

import streamlit as st

from ln_core.experiments import PAGES
from ln_core.see.batch_mates.config import BatchMatesConfig
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["batch_mates"],
    note="A new seed draws other neighbours for the same digit.",
    shown_by=(
        BatchMatesConfig(),
        BatchMatesConfig(company="same"),
        BatchMatesConfig(mode="evaluation"),
    ),
).render()
st.page_link(
    "see/replicas.py",
    label="Next: the same batch, split over several devices",
    icon=":material/arrow_forward:",
)
