"""What the arrays of the picture mean."""

from ln_core.runs.meaning import Meaning

ARRAYS = {
    "turn": Meaning(
        "How far the sentence's vector turns when a word is replaced by the unknown word",
        "variant, word",
        "1 - cosine",
    )
}
