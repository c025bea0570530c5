"""The home page: what the lab is about in five seconds, a path through it, and all pages."""

from typing import NamedTuple

import streamlit as st

from ln_core.race.config import MlpConfig
from ln_core.race.presets import PRESETS
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about
from ln_core.recurrent.presets import RNN_PRESETS
from ln_core.runs.config import to_query
from pages.ui.lesson import sections
from pages.ui.player import replay


class Stop(NamedTuple):
    """A page at a view that is worth a look, and its picture."""

    page: str
    picture: str  # in assets/images
    shows: str
    question: str
    query: dict[str, str]


PATH = (
    Stop(
        "see/shared_statistics.py",
        "stop_1",
        "One mean for each lit block",
        "Which numbers share a mean?",
        {},
    ),
    Stop("see/matrix.py", "stop_2", "Outputs of a layer", "What does one number change?", {}),
    Stop(
        "see/batch_mates.py",
        "stop_3",
        "One digit's answers, batch by batch",
        "Does the batch change an answer?",
        {},
    ),
    Stop(
        "train/mlp.py",
        "stop_4",
        "Test errors at batch size 1",
        "A batch of one: who learns?",
        PRESETS["online"].query,
    ),
    Stop(
        "train/rnn.py",
        "stop_5",
        "Hidden state over time",
        "Why do states explode?",
        RNN_PRESETS["exploding"].query,
    ),
    Stop(
        "train/rnn.py",
        "stop_6",
        "Right answers with blank rows in front",
        "Longer than trained?",
        RNN_PRESETS["longer"].query,
    ),
    Stop("paper/transformer.py", "stop_7", "Training loss", "The norm in a Transformer", {}),
)

QUESTIONS = {
    "See it": {
        "see/shared_statistics.py": "Which numbers share a mean",
        "see/matrix.py": "Rows or columns: what does one number change?",
        "see/invariance.py": "What leaves the output unchanged?",
        "see/batch_mates.py": "Does an answer depend on the other examples?",
        "see/replicas.py": "Is the gradient the same on several devices?",
        "see/geometry.py": "What does the length of the weights do?",
    },
    "Train": {
        "train/mlp.py": "What does the batch size change? (MLP lab)",
        "train/rnn.py": "What does normalization do to memory? (RNN lab)",
        "train/time.py": "What happens to a signal over time? (Time microscope)",
    },
    "The paper": {
        "paper/mnist.py": "Does Layer Norm learn faster on MNIST?",
        "paper/sizes.py": "How small may the batch be?",
        "paper/skip_thoughts.py": "Are skip-thought vectors better?",
        "see/nearest.py": "Which sentences are similar?",
        "paper/transformer.py": "Where should the norm of a Transformer stand?",
        "paper/convnet.py": "Why is it not the choice for ConvNets?",
        "paper/others.py": "What of the paper's other tasks?",
    },
}


def render() -> None:
    """Draw the page top to bottom."""
    lesson = sections("home")
    home = RECORDINGS["home"]
    st.markdown(f"# {lesson['Question']}")
    st.markdown(lesson["Line"])
    label = f"Recorded on {about('home')['date']}"
    replay("home.film", label, home.config, home.figure, plays=True)
    st.page_link(
        "train/mlp.py",
        label="Train such networks yourself",
        icon=":material/play_circle:",
        query_params=to_query(MlpConfig()),
    )
    st.markdown("## A path in seven stops")
    columns = [column for _ in (0, 1) for column in st.columns(4, gap="medium")]
    for stop, column in zip(PATH, columns, strict=False):
        with column:
            picture = f"assets/images/{stop.picture}.jpeg"
            st.html(f'<img src="{picture}" alt="{stop.shows}" style="width: 100%">')
            st.page_link(stop.page, label=stop.question, query_params=stop.query or None)
    st.markdown("## All pages")
    for group, column in zip(QUESTIONS, st.columns(len(QUESTIONS)), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"### {group}")
            for page, question in QUESTIONS[group].items():
                st.page_link(page, label=question)


render()
