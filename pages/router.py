"""The list of pages; nothing else."""

import streamlit as st

st.set_page_config(page_title="Layer Norm Lab", layout="wide")
st.navigation(
    [
        st.Page("home.py", title="Home", default=True),
        st.Page("train/mlp.py", title="MLP lab"),
    ],
    position="top",
).run()
