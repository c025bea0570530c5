"""One batch on several devices: the second part of the batch-mate experiment."""

import streamlit as st

from ln_core.experiments import PAGES
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["replicas"],
    note="A new seed draws another batch; before training, other initial weights too.",
).render()
st.page_link(
    "see/batch_mates.py",
    label="Back: one digit and its neighbours",
    icon=":material/arrow_back:",
)
