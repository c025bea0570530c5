"""A race of recurrent nets as a script: what a student would write to see the same. No torch."""

from ln_core.recurrent.config import TASKS, RnnConfig
from ln_core.runs.script import blocks, fill, indented
from ln_core.training import code as shared

TITLE = "{}: one {} with each normalization: the same weights, the same batches."
CONSTANTS = """
CASES, BATCH_SIZE, LEARNING_RATE = $cases, $batch_size, $learning_rate
WIDTH = $width  # hidden units
RADIUS = $radius  # spectral radius of the recurrent weights, or of each gate's
GAIN, EPSILON = $gain, $epsilon  # where the gains of all norms start, and what keeps from 0 / 0
"""

ADDING = '''
def load_data():
    """Draw numbers and mark two of them, in x (CASES, $length, 2); their sums are y (CASES, 1)."""
    generator = torch.Generator().manual_seed(SEED)
    numbers = torch.rand(CASES, $length, generator=generator)
    marks, case = torch.zeros_like(numbers), torch.arange(CASES)
    marks[case, torch.randint($half, (CASES,), generator=generator)] = 1
    marks[case, torch.randint($half, $length, (CASES,), generator=generator)] = 1
    return torch.stack([numbers, marks], 2), (numbers * marks).sum(1, keepdim=True)
'''

COPY = '''
def load_data():
    """Draw words of 5 symbols (0 to 7), to be repeated after blanks (8) and a cue (9)."""
    generator = torch.Generator().manual_seed(SEED)
    word = torch.randint(8, (CASES, 5), generator=generator)
    x = torch.full((CASES, $T), 8)
    y = x.clone()
    x[:, :5], x[:, -6], y[:, -5:] = word, 9, word
    return x, y
'''

TEXT = '''
with bz2.open(given.data, "rt", encoding="utf-8", newline="") as file:
    TEXT = file.read()
ALPHABET = sorted(set(TEXT))


def load_data():
    """Cut the novel's first nine tenths into pieces x (CASES, $length); y is one letter on."""
    code = {letter: place for place, letter in enumerate(ALPHABET)}
    codes = torch.tensor([code[letter] for letter in TEXT[: len(TEXT) - len(TEXT) // 10]])
    count = (len(codes) - 1) // $length
    generator = torch.Generator().manual_seed(SEED)
    chosen = torch.randperm(count, generator=generator)[:CASES]
    here, following = codes[: count * $length], codes[1 : count * $length + 1]
    return here.view(count, $length)[chosen], following.view(count, $length)[chosen]
'''

BATCH_NORM = '''
class BatchNorm(nn.Module):
    """Batch Norm in training mode, with a gain: every time step has statistics of its own.

    nn.BatchNorm1d refuses a batch of one example, and would mix the running statistics of all
    steps; here nothing is evaluated, so that none are needed.
    """

    def __init__(self, units):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(units))

    def forward(self, a):
        n = a - a.mean(0)
        if len(a) > 1:  # a batch of one is its own mean: n = 0
            n = n / torch.sqrt(n.square().mean(0) + EPSILON)
        return self.weight * n
'''

LAYERS = {
    "none": "nn.Identity()",
    "batch": "BatchNorm(units)",
    "layer": "nn.LayerNorm(units, eps=EPSILON, bias=False)",
    "rms": "nn.RMSNorm(units, eps=EPSILON)",
}

PARTS = '''
def make_norm(variant, units):
    """Make a norm of summed inputs, with a gain; biases are added where it is used."""
    norm = {
$layers
    }[variant]()
    if variant != "none":
        nn.init.constant_(norm.weight, GAIN)
    return norm


def draw(seed, part, outputs, inputs):
    """Draw weights from Normal(0, 1): each matrix has a generator of its own."""
    generator = torch.Generator().manual_seed(64 * seed + part)
    return torch.randn(outputs, inputs, generator=generator)


def input_weights(seed, part, outputs, inputs):
    """Make weights of the usual scale."""
    return nn.Parameter(draw(seed, part, outputs, inputs) / math.sqrt(inputs))


def recurrent_weights(seed, part, gates):
    """Make square weights for each gate, one below the other, of spectral radius RADIUS."""
    drawn = draw(seed, part, gates * WIDTH, WIDTH).double().split(WIDTH)
    return nn.Parameter(
        RADIUS * torch.cat([W / torch.linalg.eigvals(W).abs().max() for W in drawn])
    )
'''

NETWORK = '''
class Network(nn.Module):
    """$equation"""

    def __init__(self, variant, seed):
        super().__init__()
        self.W_x = input_weights(seed, 0, $rows, $inputs)
        self.W_h = recurrent_weights(seed, 1, $gates)
        self.b = nn.Parameter(torch.zeros($rows))
$norms
$more
        self.readout = nn.Linear(WIDTH, $outputs)
        self.readout.weight = input_weights(seed, 4, $outputs, WIDTH)
        nn.init.zeros_(self.readout.bias)

    def forward(self, x):
$codes
        h = x.new_zeros(len(x), WIDTH)
$begin
        for x_t in x.unbind(1):  # step by step
$step
$keep
        return self.readout($read)
'''

ON_THE_SUM = "self.norm = make_norm(variant, $rows)"
ON_PARTS = """\
self.norm_h, self.norm_x = make_norm(variant, $rows), make_norm(variant, $rows)\
"""
SUM = "self.norm(h @ self.W_h.T + x_t @ self.W_x.T) + self.b"
OF_PARTS = "self.norm_h(h @ self.W_h.T) + self.norm_x(x_t @ self.W_x.T) + self.b"

EQUATIONS = {
    "sum": "h_t = f(norm(W_h h_t-1 + W_x x_t) + b): eq. (4) of Ba, Kiros, Hinton 2016.",
    "parts": "h_t = f(norm(W_h h_t-1) + norm(W_x x_t) + b), each part normalized on its own.",
    "gru": "The GRU of Ba, Kiros, Hinton 2016, eqs. (26) to (28).",
    "lstm": "The LSTM of Ba, Kiros, Hinton 2016, eqs. (20) to (22).",
}
GATES = {"rnn": 1, "gru": 2, "lstm": 4}
ACTIVATIONS = {"tanh": "torch.tanh(z)", "relu": "torch.relu(z)", "identity": "z"}

# Of each cell: what it has beside W_x, W_h and b, and what it does at a step, with z there.
MORE = {
    "rnn": "",
    "gru": """\
self.W = input_weights(seed, 2, WIDTH, $inputs)
self.U = recurrent_weights(seed, 3, 1)
self.b_W, self.b_U = nn.Parameter(torch.zeros(WIDTH)), nn.Parameter(torch.zeros(WIDTH))
self.norm_W, self.norm_U = make_norm(variant, WIDTH), make_norm(variant, WIDTH)""",
    "lstm": """\
nn.init.ones_(self.b[:WIDTH])  # of the forget gate: it remembers until it learns to forget
self.norm_c = make_norm(variant, WIDTH)
self.b_c = nn.Parameter(torch.zeros(WIDTH), requires_grad=variant != "none")""",
}
STEPS = {
    "rnn": "h = $activation",
    "gru": """\
z, r = torch.sigmoid(z).chunk(2, 1)
w, u = self.norm_W(x_t @ self.W.T) + self.b_W, self.norm_U(h @ self.U.T) + self.b_U
h = (1 - z) * h + z * torch.tanh(w + r * u)""",
    "lstm": """\
f, i, o, g = z.chunk(4, 1)
c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
h = torch.sigmoid(o) * torch.tanh(self.norm_c(c) + self.b_c)""",
}

# Of each task: inputs, outputs, whether the inputs are codes, and whether every step has a target.
SIZES = {
    "rows": (28, 10, False, False),
    "adding": (2, 1, False, False),
    "copy": (10, 9, True, True),
    "text": ("len(ALPHABET)", "len(ALPHABET)", True, True),
}
FILES = {"rows": shared.DIGITS, "text": shared.NOVEL}
LOSS = {
    "rows": "nn.functional.cross_entropy(network(x[chosen]), y[chosen])",
    "adding": "nn.functional.mse_loss(network(x[chosen]), y[chosen])",
    "copy": "nn.functional.cross_entropy(network(x[chosen]).flatten(0, 1), y[chosen].flatten())",
    "text": "nn.functional.cross_entropy(network(x[chosen]).flatten(0, 1), y[chosen].flatten())",
}
CONVERT = {"rows": "x = x.to(dtype)", "adding": "x, y = x.to(dtype), y.to(dtype)"}


def code(config: RnnConfig, origin: str) -> str:
    """Write the script of a race; `origin` is a line that says where the run is to be seen."""
    clip = f"nn.utils.clip_grad_norm_(network.parameters(), {config.clip})"
    layers = [f'"{variant}": lambda: {LAYERS[variant]},' for variant in config.taking_part]
    return blocks(
        _head(config, origin),
        _data(config),
        shared.batches(config),
        BATCH_NORM if "batch" in config.taking_part else "",
        fill(PARTS, layers=indented(8, "\n".join(layers))),
        _network(config),
        shared.loop(
            data=f"x, y = load_data()\n{CONVERT.get(config.task, '')}".strip(),
            network="Network",
            optimizer=shared.OPTIMIZERS[config.optimizer],
            own=shared.changes(config),
            loss=LOSS[config.task],
            clip=indented(8, clip) if config.clip else "",
        ),
    )


def _head(config: RnnConfig, origin: str) -> str:
    own = ("batch_size", "learning_rate", "width", "radius", "gain", "epsilon")
    values = {name: getattr(config, name) for name in own}
    return shared.head(
        config.taking_part,
        data=FILES.get(config.task, ""),
        title=TITLE.format(TASKS[config.task], config.cell.upper()),
        origin=origin,
        left_out=shared.left_out(config),
        until=shared.until(config),
        modules="import bz2\nimport math" if config.task == "text" else "import math",
        seed=config.seed,
        seeds=config.seeds,
        constants=fill(CONSTANTS, cases=config.training_cases, **values).strip(),
        steps=config.steps,
    )


def _data(config: RnnConfig) -> str:
    if config.task == "rows":
        return fill(shared.MNIST, shape="28, 28", seed="SEED", view="")
    template = {"adding": ADDING, "copy": COPY, "text": TEXT}[config.task]
    return fill(template, length=config.length, half=config.length // 2, T=config.T)


def _network(config: RnnConfig) -> str:
    inputs, outputs, coded, everywhere = SIZES[config.task]
    gates = GATES[config.cell]
    rows = "WIDTH" if gates == 1 else f"{gates} * WIDTH"
    on_parts = config.cell != "rnn" or config.placement == "parts"
    one_hot = f"x = nn.functional.one_hot(x, {inputs}).to(self.b.dtype)"
    begin = [*(["c = h"] * (config.cell == "lstm")), *(["states = []"] * everywhere)]
    step = fill(STEPS[config.cell], activation=ACTIVATIONS[config.activation])
    return fill(
        NETWORK,
        equation=EQUATIONS[config.placement if config.cell == "rnn" else config.cell],
        rows=rows,
        inputs=inputs,
        gates=gates,
        norms=indented(8, fill(ON_PARTS if on_parts else ON_THE_SUM, rows=rows)),
        more=indented(8, fill(MORE[config.cell], inputs=inputs)),
        outputs=outputs,
        codes=indented(8, one_hot) if coded else "",
        begin=indented(8, "\n".join(begin)),
        step=indented(12, f"z = {OF_PARTS if on_parts else SUM}\n{step}"),
        keep=indented(12, "states.append(h)") if everywhere else "",
        read="torch.stack(states, 1)" if everywhere else "h",
    )
