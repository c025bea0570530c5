"""A race of Transformers, and a sweep of learning rates, as scripts. Free of torch."""

import json

from ln_core.paper.transformer.config import WIDENING, TransformerConfig
from ln_core.runs.script import blocks, fill, indented
from ln_core.training import code as shared

CONSTANTS = """
BATCH_SIZE, LEARNING_RATE, WARMUP = $batch_size, $learning_rate, $warmup  # sequences; rate; steps
LENGTH, VOCABULARY = $length, $vocabulary  # tokens of $unit, and how many there are
LAYERS, WIDTH, HEADS = $depth, $width, $heads
EPSILON, BETAS = $epsilon, (0.9, 0.98)  # of the norms, and Adam's
"""
TASKS = {"reverse": "write a sequence backwards", "recall": "repeat what they read a segment ago"}
UNITS = {"reverse": "a sequence", "recall": "a segment"}

BATCHES = '''
def batches(size):
    """Draw sequences at random, again and again: (size, $tokens)."""
    generator = torch.Generator().manual_seed(64 * SEED + 63)
    while True:
        yield torch.randint(VOCABULARY, (size, $tokens), generator=generator)
'''

DYT = '''
class DyT(nn.Module):
    """In a norm's place: g * tanh(alpha * x) + b, without any statistics."""

    def __init__(self):
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor($alpha))
        self.g, self.b = nn.Parameter(torch.ones(WIDTH)), nn.Parameter(torch.zeros(WIDTH))

    def forward(self, x):
        return self.g * torch.tanh(self.alpha * x) + self.b
'''

LAYERS = {
    "none": "nn.Identity",
    "post": "lambda: nn.LayerNorm(WIDTH, eps=EPSILON)",
    "pre": "lambda: nn.LayerNorm(WIDTH, eps=EPSILON)",
    "rms": "lambda: nn.RMSNorm(WIDTH, eps=EPSILON)",
    "dyt": "DyT",
}

BLOCK = '''
NORMS = {$norms}


class Block(nn.Module):
    """Attention (read: queries, keys, values) and a feed-forward part, each with its norm."""

    def __init__(self, variant):
        super().__init__()
        self.is_post = variant == "post"
        self.norms = nn.ModuleList([NORMS[variant]() for _ in range(2)])
        self.read, self.write = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, $wide * WIDTH), nn.Linear($wide * WIDTH, WIDTH)
$more

    def forward(self, x$past):
        first, second = self.norms
        if self.is_post:  # as the first Transformers: normalize after each part
            x = first(x + self.attention(x$past))
            return second(x + self.narrow(self.wide(x).relu()))
$before
        x = x + self.attention(first(x)$past)
        return x + self.narrow(self.wide(second(x)).relu())

$attention
'''

ATTENTION = """
def attention(self, x):
    q, k, v = map(by_head, self.read(x).chunk(3, -1))
    scores = q @ k.mT / (WIDTH // HEADS) ** 0.5
    return self.write((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))
"""

MEMORY = """
def attention(self, x, past):
    read = self.read(x if past is None else torch.cat([past, x], 1))
    q, k, v = map(by_head, read.chunk(3, -1))
    q = q[:, :, -LENGTH:]
    back = torch.arange(LENGTH)[:, None] + LENGTH - torch.arange(2 * LENGTH)  # to keys
    back = back[:, -k.shape[2] :].expand(*q.shape[:2], LENGTH, -1)
    by_distance = (q + self.v[:, None]) @ by_head(self.far(WAVES.to(x.dtype))[None]).mT
    scores = (q + self.u[:, None]) @ k.mT + by_distance.gather(-1, back.clamp(min=0))
    scores = scores / (WIDTH // HEADS) ** 0.5
    scores = scores.masked_fill(back < 0, -torch.inf)  # the future is hidden
    return self.write((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))
"""
MORE = """
self.far = nn.Linear(WIDTH, WIDTH, bias=False)  # of distances
self.u, self.v = (nn.Parameter(torch.zeros(HEADS, WIDTH // HEADS)) for _ in range(2))
"""

WAVES = """
RATES = 10_000.0 ** (-torch.arange(0, WIDTH, 2, dtype=torch.float64) / WIDTH)
ANGLES = torch.arange(2 * LENGTH, dtype=torch.float64)[:, None] * RATES
WAVES = torch.cat([ANGLES.sin(), ANGLES.cos()], 1)[:, :WIDTH]  # codes of distances
"""

NETWORK = '''
def by_head(x):
    """Part the units among the heads: (N, T, WIDTH) -> (N, HEADS, T, WIDTH / HEADS)."""
    return x.view(*x.shape[:-1], HEADS, -1).transpose(1, 2)


class Transformer(nn.Module):
    """Embedding, blocks, and a readout of tokens: (N, $tokens) -> scores of the answers."""

    def __init__(self, variant, seed):
        super().__init__()
        self.blocks = nn.ModuleList([Block(variant) for _ in range(LAYERS)])
        self.last = nn.Identity() if variant == "post" else NORMS[variant]()
        draw = torch.Generator().manual_seed(64 * seed)
        self.token = nn.Parameter(torch.randn(VOCABULARY, WIDTH, generator=draw))
        for name in $names:
            for block in self.blocks:  # Xavier; queries, keys and values each on their own
                for matrix in getattr(block, name).weight.data.chunk(3 if name == "read" else 1):
                    nn.init.xavier_uniform_(matrix, generator=draw)
        for name, bias in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(bias)
        readout = torch.randn(VOCABULARY, WIDTH, generator=draw)
        self.readout = nn.Parameter(readout * WIDTH**-0.5)
$position

$forward
'''
POSITION = "self.position = nn.Parameter(torch.randn(LENGTH, WIDTH, generator=draw))"

FORWARD = """
def forward(self, tokens):
    x = (self.token[tokens] + self.position) / 2**0.5
    for block in self.blocks:
        x = block(x)
    return self.last(x) @ self.readout.T
"""

RECALL = """
def forward(self, tokens):
    memory, scores = LAYERS * [None], []
    for segment in tokens.split(LENGTH, 1):
        x, states = self.token[segment], []
        for block, past in zip(self.blocks, memory):
            states.append(x.detach())  # no gradient flows into the segment before
            x = block(x, past)
$remember
        scores.append(self.last(x) @ self.readout.T)
    return torch.cat(scores[1:], 1)  # the first segment has no answer
"""

ANSWER = '''
def answer(network, tokens):
    """Give the scores of all answers, and what is right: (n, VOCABULARY) and (n,)."""
    return network(tokens).flatten(0, 1), $answers.flatten()
'''
ANSWERS = {"reverse": "tokens.flip(1)", "recall": "tokens[:, :-LENGTH]"}

UNSEEN = """
generator = torch.Generator().manual_seed(64 * SEED + 62)
unseen = torch.randint(VOCABULARY, ($cases, $tokens), generator=generator)
"""
ERRORS = """
with torch.inference_mode():
    answered = (answer(network, unseen) for network in networks)
    errors = ((scores.argmax(1) != right).double().mean() for scores, right in answered)
    print("error, % ", *(f"{100 * error:12.6f}" for error in errors))
"""
TESTED = """
if step % $every == 0 or step == $steps:
$errors
"""
LOSS = "nn.functional.cross_entropy(*answer(network, chosen))"
SWEPT_RATE = 'optimizer.param_groups[0]["lr"] = rate * min(1, step / max(1, warmup))'
RATE = 'optimizer.param_groups[0]["lr"] = LEARNING_RATE * min(1, step / WARMUP)'
ADAM = "torch.optim.Adam(net.parameters(), LEARNING_RATE, BETAS)"


def code(config: TransformerConfig, origin: str) -> str:
    """Write the script of a race; `origin` is a line that says where the run is to be seen."""
    every = config.survey_every * config.frame_every
    tested = fill(TESTED, every=every, steps=config.steps, errors=indented(4, ERRORS))
    return blocks(
        *_definitions(config, origin),
        shared.loop(
            data=_unseen(config),
            network="Transformer",
            optimizer=ADAM,
            loss=LOSS,
            clip=indented(8, RATE) if config.warmup else "",
            tested=indented(4, tested),
        ),
    )


def sweep_code(config: TransformerConfig, origin: str) -> str:
    """Write the script of a sweep: race after race, at every rate, without warm-up and with it."""
    return blocks(
        *_definitions(config, origin, imports="import itertools"),
        shared.sweep(
            loss=LOSS,
            clip=indented(8, SWEPT_RATE),
            data=_unseen(config),
            setting="warmup, rate",
            what="warm-up, learning rate",
            values=f"itertools.product((0, WARMUP), {config.swept_rates})",
            network="Transformer",
            optimizer="torch.optim.Adam(net.parameters(), rate, BETAS)",
            tested=ERRORS,
        ),
    )


def _unseen(config: TransformerConfig) -> str:
    tokens = _tokens(config.test_segments)
    return fill(UNSEEN, cases=config.test_cases, tokens=tokens).strip()


def _tokens(segments: int) -> str:
    return f"{segments} * LENGTH" if segments > 1 else "LENGTH"


def _definitions(config: TransformerConfig, origin: str, imports: str = "") -> tuple[str, ...]:
    recalls = config.task == "recall"
    tokens = _tokens(config.segments if recalls else 1)
    norms = (f'    "{one}": {LAYERS[one]},' for one in config.variants)
    matrices = ("read", "write", "wide", "narrow", *["far"] * recalls)
    return (
        _head(config, origin, imports),
        fill(BATCHES, tokens=tokens),
        fill(DYT, alpha=config.alpha) if "dyt" in config.variants else "",
        WAVES if recalls else "",
        fill(
            BLOCK,
            norms="\n" + "\n".join(norms) + "\n",
            wide=WIDENING,
            more=indented(8, MORE) if recalls else "",
            past=", past" if recalls else "",
            before=indented(8, "past = past if past is None else first(past)") if recalls else "",
            attention=indented(4, MEMORY if recalls else ATTENTION),
        ),
        fill(
            NETWORK,
            tokens=tokens,
            names=json.dumps(matrices).replace("[", "(").replace("]", ")"),
            position="" if recalls else indented(8, POSITION),
            forward=indented(4, _forward(config)),
        ),
        fill(ANSWER, answers=ANSWERS[config.task]),
    )


def _head(config: TransformerConfig, origin: str, imports: str) -> str:
    own = ("batch_size", "learning_rate", "warmup", "length", "vocabulary")
    more = ("depth", "width", "heads", "epsilon")
    values = {name: getattr(config, name) for name in (*own, *more)}
    return shared.head(
        config.variants,
        title=f"Small Transformers that {TASKS[config.task]}, with the norm in different places.",
        origin=origin,
        modules=imports,
        seed=config.seed,
        seeds=config.seeds,
        constants=fill(CONSTANTS, unit=UNITS[config.task], **values).strip(),
        steps=config.steps,
    )


def _forward(config: TransformerConfig) -> str:
    if config.task == "reverse":
        return FORWARD
    remember = indented(8, "memory = states") if config.recurrence else ""
    return fill(RECALL, remember=remember)
