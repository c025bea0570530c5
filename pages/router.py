"""The list of pages; nothing else."""

import streamlit as st


def show() -> None:
    """Show the page that the address names, below the menu of all pages."""
    page = st.navigation(
        {
            "": [st.Page("home.py", title="Home", default=True)],
            "See it": [
                st.Page("see/shared_statistics.py", title="Which numbers share a mean"),
                st.Page("see/matrix.py", title="The matrix of a layer"),
                st.Page("see/invariance.py", title="What leaves the output unchanged"),
                st.Page("see/batch_mates.py", title="The batch-mate experiment"),
                st.Page("see/replicas.py", title="One batch on several devices"),
                st.Page("see/geometry.py", title="Why it helps: the geometry"),
            ],
            "Train": [
                st.Page("train/mlp.py", title="MLP lab"),
                st.Page("train/rnn.py", title="RNN lab"),
                st.Page("train/time.py", title="Time microscope"),
            ],
            "The paper": [
                st.Page("paper/mnist.py", title="MNIST"),
                st.Page("paper/sizes.py", title="Batch sizes"),
                st.Page("paper/skip_thoughts.py", title="Skip-thoughts"),
                st.Page("see/nearest.py", title="Nearest sentences"),
                st.Page("paper/transformer.py", title="Transformers"),
                st.Page("paper/convnet.py", title="ConvNets"),
                st.Page("paper/others.py", title="The other tasks"),
            ],
        },
        position="top",
    )
    st.set_page_config(page_title=f"{page.title} · Layer Norm Lab", layout="wide")
    page.run()


# A process that replaces a lost worker imports this file under another name: it shows nothing.
if __name__ == "__main__":
    show()
