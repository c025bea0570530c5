"""Skip-thoughts as a script: the texts, the nets, their training. Free of torch."""

from ln_core.data.sentences import LENGTH, SHORTEST
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.runs.script import blocks, fill, indented
from ln_core.training import code as shared

TITLE = "Skip-thoughts: from the vector of a sentence two decoders tell the sentences around it."
MORE = ", without the tests on tasks. Its texts are the app's: --data FOLDER"
MODULES = """
import bz2
import itertools
import re
from collections import Counter
from pathlib import Path
"""
CONSTANTS = """
BATCH_SIZE, LEARNING_RATE = $batch_size, $learning_rate
EMBEDDING, WIDTH, WORDS, LENGTH = $embedding, $width, $words, $length  # words: known, and read
NOTHING, UNKNOWN, END = 0, 1, 2  # codes that are no words
PARTS = (2 * WIDTH, WIDTH)  # of a GRU's sums: gates, candidate
"""

TEXTS = r'''
STOP = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')]))\s+(?=[\"'(]*[A-Z0-9])")
NUMBER = re.compile(r"[0-9][0-9,.]*")
TITLES = ("mr", "mrs", "messrs", "dr", "st", "gen", "no", "hon", "capt")


def tokens_of(sentence):
    """List words and marks in lower case; every number is "0"."""
    return re.findall(r"[a-z]+(?:'[a-z]+)*|0|[.,;:?!]", NUMBER.sub("0", sentence.lower()))


def sentences_of(text):
    """Cut a text where a stop is followed by a space and a capital, but not after titles."""
    sentences, held = [], ""
    for piece in STOP.split(" ".join(text.split())):
        held = f"{held} {piece}" if held else piece
        last = held.rsplit(" ", 1)[-1].strip("\"'(").removesuffix(".").lower()
        if not held.endswith(".") or last not in TITLES and len(last.split(".")[-1]) != 1:
            sentences.append(held)  # not so at "Mr. Speaker", "the U.S. Congress"
            held = ""
    return [one for one in [*sentences, held] if len(tokens_of(one)) >= SHORTEST]


def load_texts():
    """List chapters and addresses as (part, title, sentences); "model" is what nets learn from."""
    files = (Path(given.data, name) for name in ("moby_dick.txt.bz2", "addresses.txt.bz2"))
    novel, speeches = (bz2.decompress(file.read_bytes()).decode() for file in files)
    chapters = [text.split("\n", 1) for text in re.split(r"\n\n(?=CHAPTER \d|Epilogue)", novel)]
    lines, parts = speeches.splitlines(), ("model", "fit", "model", "test", "model")
    return [
        (part, title, sentences_of(text))
        for texts in (chapters, zip(lines[::2], lines[1::2]))
        for part, (title, text) in zip(itertools.cycle(parts), texts)
    ]


def encoded(texts, part):
    """Write the sentences of each text as their first codes: [(sentences, LENGTH), ...]."""
    learned = (one for of, _, text in texts if of == "model" for one in text)
    counts = Counter(token for sentence in learned for token in tokens_of(sentence))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[: WORDS - 3]  # most frequent
    words = {word: code for code, word in enumerate(ranked, start=3)}
    texts = [[tokens_of(one)[:LENGTH] for one in text] for of, _, text in texts if of == part]
    codes = [[[words.get(token, UNKNOWN) for token in one] for one in text] for text in texts]
    return [torch.tensor([one + (LENGTH - len(one)) * [NOTHING] for one in of]) for of in codes]
'''.replace("SHORTEST", str(SHORTEST))

TRIPLETS = '''
def batches(size):
    """Draw triplets in a new order for every epoch; what fills no batch is left out."""
    for epoch in itertools.count():
        generator = torch.Generator().manual_seed(64 * (SEED + 1000 * epoch) + 63)
        order = torch.randperm(len(triplets), generator=generator)
        yield from triplets[order].split(size)[: len(triplets) // size]
'''

NETWORK = '''
class GRU(nn.Module):
    """h' = (1 - z) h + z tanh(norm(W x) + r norm(U h)), for all words: (T, N, WIDTH)."""

    def __init__(self, variant, W, U):
        super().__init__()
        self.W, self.U, normed = nn.Parameter(W), nn.Parameter(U), variant == "layer"
        self.bias = nn.Parameter(torch.zeros(3 * WIDTH), requires_grad=not normed)
        self.norms = nn.ModuleList(nn.LayerNorm(n) if normed else nn.Identity() for n in 2 * PARTS)

    def forward(self, x, h):
        x_gates, x_candidate, h_gates, h_candidate = self.norms
        gates, candidate = (x @ self.W + self.bias).split(PARTS, -1)
        states = []
        for a, c in zip(x_gates(gates), x_candidate(candidate)):
            b, d = (h @ self.U).split(PARTS, -1)
            z, r = torch.sigmoid(a + h_gates(b)).chunk(2, -1)
            h = torch.lerp(h, torch.tanh(c + r * h_candidate(d)), z)
            states.append(h)
        return torch.stack(states)


class SkipThoughts(nn.Module):
    """An encoder, a decoder of the sentence before, one of the sentence after."""

    def __init__(self, variant, seed):
        super().__init__()
        draw = torch.Generator().manual_seed(64 * seed)
        self.words = nn.Parameter(torch.randn(WORDS, EMBEDDING, generator=draw))
        cells = []
        for count in (1, 2):  # recurrent weights are orthogonal, a matrix for each gate
            squares = torch.randn(count, 3, WIDTH, WIDTH, generator=draw)
            turns = torch.linalg.qr(squares)[0].movedim(1, 2).reshape(count, WIDTH, 3 * WIDTH)
            W = torch.randn(count, EMBEDDING, 3 * WIDTH, generator=draw) * EMBEDDING**-0.5
            cells += [GRU(variant, *pair) for pair in zip(W, turns)]
        self.encoder, self.decoders = cells[0], nn.ModuleList(cells[1:])
        self.readout = nn.Parameter(0.1 * torch.randn(WIDTH, WORDS, generator=draw))
        self.bias = nn.Parameter(torch.zeros(WORDS))

    def forward(self, triplets):
        """Give the scores of all words of both neighbours, and what the words are."""
        before, sentence, after = triplets.permute(1, 2, 0)  # each (LENGTH, N)
        states = self.encoder(self.words[sentence], self.readout.new_zeros(len(triplets), WIDTH))
        thought = states[(sentence != NOTHING).sum(0) - 1, torch.arange(len(triplets))]
        scores, right = [], []
        for decoder, asked in zip(self.decoders, (before, after)):
            told = nn.functional.pad(asked[:-1], (0, 0, 1, 0))  # one word behind
            states = decoder(self.words[told], thought)
            asked = asked.masked_fill((asked == NOTHING) & (told != NOTHING), END)
            scores.append(states[asked != NOTHING] @ self.readout + self.bias)
            right.append(asked[asked != NOTHING])
        return torch.cat(scores), torch.cat(right)
'''
DATA = """
codes = [of for of in encoded(load_texts(), "model") if len(of) > 2]
triplets = torch.cat([torch.stack([of[:-2], of[1:-1], of[2:]], 1) for of in codes])
"""
CLIP = "nn.utils.clip_grad_norm_(network.parameters(), $clip)"


def code(config: SkipConfig, origin: str) -> str:
    """Write the script of a race; `origin` is a line that says where the run is to be seen."""
    own = ("batch_size", "learning_rate", "embedding", "width", "words")
    values = {name: getattr(config, name) for name in own}
    return blocks(
        shared.head(
            config.variants,
            data="assets/data",
            title=TITLE,
            origin=origin,
            more=MORE,
            modules=MODULES.strip(),
            seed=config.seed,
            seeds=config.seeds,
            constants=fill(CONSTANTS, length=LENGTH, **values).strip(),
            steps=config.steps,
        ),
        TEXTS,
        TRIPLETS,
        NETWORK,
        shared.loop(
            data=DATA.strip(),
            network="SkipThoughts",
            optimizer=shared.OPTIMIZERS["adam"],
            loss="nn.functional.cross_entropy(*network(chosen))",
            clip=indented(8, fill(CLIP, clip=config.clip)),
        ),
    )
