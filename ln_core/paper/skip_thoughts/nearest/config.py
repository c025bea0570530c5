"""Which sentences an encoder finds similar: the knobs. Free of torch."""

from dataclasses import dataclass
from typing import Any

from ln_core.data.sentences import LENGTH, tokenize
from ln_core.paper.skip_thoughts.config import VARIANTS
from ln_core.runs.config import Choice, Control, Whole, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig


@dataclass(frozen=True, slots=True)
class SentenceText:
    """A line of text with a word in it; any white space between words is one space."""

    longest: int  # characters

    @property
    def allowed(self) -> str:
        return (
            f"a text of at most {self.longest} characters, with an English word or a number in it"
        )

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return (
            isinstance(value, str)
            and len(value) <= self.longest
            and value == self.parse(value)
            and any(token[0].isalnum() for token in tokenize(value))
        )

    def parse(self, text: str) -> str:
        return " ".join(text.split())

    def format(self, value: str) -> str:
        return value

    def control(self) -> Control:
        return {"type": "text", "longest": self.longest}


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestConfig(SnapshotConfig):
    """A sentence, and among which ones the nearest are looked for."""

    sentence: str = knob(
        "The ship sailed on, and the sea was calm.",
        SentenceText(300),
        label="Your sentence",
        help=f"Any English sentence; the nets read its first {LENGTH} words and punctuation marks.",
        group="top",
    )
    among: str = knob(
        "all",
        Choice({"all": "Novel and speeches", "novel": "Moby-Dick", "address": "Speeches"}),
        label="Look in",
        help="Chapters, and presidents' speeches to Congress, that neither net was trained on.",
        group="primary",
    )
    listed: int = knob(
        4,
        Whole(1, 10),
        label="How many",
        help="Nearest sentences that are listed for each encoder.",
        group="primary",
    )

    @property
    def variants(self) -> tuple[str, ...]:
        """The two encoders."""
        return tuple(VARIANTS)

    @property
    def memory(self) -> int:
        """Bytes of the encoders, the sentences and their vectors."""
        return 100 << 20

    @property
    def tokens(self) -> tuple[str, ...]:
        """What is read of the sentence."""
        return tuple(tokenize(self.sentence)[:LENGTH])


EXPERIMENT = Experiment(
    name="nearest",
    config=NearestConfig,
    compute="ln_core.paper.skip_thoughts.nearest.compute:compute",
    figure="ln_core.paper.skip_thoughts.nearest.figure:nearest_figure",
    arrays="ln_core.paper.skip_thoughts.nearest.arrays:ARRAYS",
    code="ln_core.paper.skip_thoughts.nearest.code:code",
)
