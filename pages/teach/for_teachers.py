"""For teachers: plans for a class, misconceptions, homework; to read and to print."""

import streamlit as st

from ln_core.lessons import sections
from ln_core.references import slots
from pages.ui.layout import wide_tables
from pages.ui.lesson import show
from pages.ui.player import classroom

# On paper the longer plan begins a sheet, and homework is one of its own, to hand out.
_PRINT = """<style>
@media print {
  h3:not(#_) { break-after: avoid; }
  h3:is(#homework, [id^="a-lesson-of-45-minutes"]) { break-before: page; }
  tr, li, p { break-inside: avoid; }
  .lnl-class-start { display: none; }
}
</style>"""

lesson = sections("for_teachers")
wide_tables()
st.html(_PRINT)
st.markdown(f"## {lesson['Question']}")
st.markdown(lesson["Line"])
classroom()
with st.container(width=900):  # a plan's table
    show(lesson["Plans"], slots(lambda reference: reference.address))
