"""The sweep: a lab's run at all pairs of values of two settings; recorded in full, and live."""

from ln_core.experiments import PAGES
from pages.ui.sweep import Sweep

Sweep(
    page=PAGES["sweep"],
    note="Each change trains all runs again. Other runs that someone is watching go first.",
).render()
