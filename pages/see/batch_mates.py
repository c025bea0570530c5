"""The batch-mate experiment: one pinned digit, and neighbours drawn again and again."""

import streamlit as st

from ln_core.experiments import PAGES
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["batch_mates"],
    note="With neighbours, a new seed draws others for the same digit.",
).render()
st.page_link(
    "see/replicas.py",
    label="Next: the same batch, split over several devices",
    icon=":material/arrow_forward:",
)
