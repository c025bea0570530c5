"""The list of pages; nothing else."""

import streamlit as st

st.set_page_config(page_title="Layer Norm Lab", layout="wide")
st.navigation(
    [
        st.Page("home.py", title="Home", default=True),
        st.Page("train/mlp.py", title="MLP lab"),
        st.Page("train/rnn.py", title="RNN lab"),
        st.Page("train/time.py", title="Time microscope"),
    ],
    position="top",
).run()
