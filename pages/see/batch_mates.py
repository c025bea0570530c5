"""The batch-mate experiment: one pinned digit, and neighbours drawn again and again."""

import streamlit as st

from ln_core.see.batch_mates.config import MatesConfig
from ln_core.see.experiments import MATES
from pages.ui.still import Still

Still(
    slug="mates",
    experiment=MATES,
    presets={},
    note="A new seed draws other neighbours for the same digit.",
    shown_by=(MatesConfig(), MatesConfig(company="same"), MatesConfig(mode="evaluation")),
).render()
st.page_link(
    "see/replicas.py",
    label="Next: the same batch, split over several devices",
    icon=":material/arrow_forward:",
)
