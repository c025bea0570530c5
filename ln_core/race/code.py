"""A race of MLPs as a script: what a student would write to see the same. Free of torch."""

import json
from collections.abc import Mapping

from ln_core.race.config import DATA_SETS, MlpConfig
from ln_core.runs.script import blocks, fill, indented
from ln_core.training import code as shared

DATA = """
x, y = load_data()
x = x.to(dtype)
"""
LOSS = "nn.functional.cross_entropy(network(x[chosen]), y[chosen])"
ACTIVATIONS = {"relu": "ReLU", "tanh": "Tanh", "identity": "Identity"}

TITLE = "{}: one MLP with each normalization, trained from the same weights on the same batches."
CONSTANTS = """
CASES, BATCH_SIZE, LEARNING_RATE = $cases, $batch_size, $learning_rate
SIZES = $sizes  # units of each layer, from the input to the output
EPSILON = $epsilon
"""

POINTS = {
    "circles": """
    inner, outer = 0.65 * y, 0.45 + 0.5 * y  # a disc, and a ring around it
    share = torch.rand(CASES, generator=generator)
    radius = (inner**2 + share * (outer**2 - inner**2)).sqrt()
    angle = 2 * math.pi * torch.rand(CASES, generator=generator)
    x = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    x = x + 0.08 * torch.randn(CASES, 2, generator=generator)
""",
    "xor": """
    size = 0.1 + 0.85 * torch.rand(CASES, 2, generator=generator)
    sign = 1.0 - 2 * torch.randint(2, (CASES,), generator=generator)
    x = torch.stack([sign, sign * (1 - 2 * y)], 1) * size  # class 1: the signs differ
    x = x + 0.08 * torch.randn(CASES, 2, generator=generator)
""",
    "gaussians": """
    centre = (0.8 * y - 0.4).unsqueeze(1)  # (-0.4, -0.4) and (0.4, 0.4)
    x = centre + 0.25 * torch.randn(CASES, 2, generator=generator)
""",
    "spirals": """
    radius = (0.01 + 0.89 * torch.rand(CASES, generator=generator)).sqrt()
    angle = 2 * math.pi * 1.75 * radius + math.pi * y  # 1.75 turns, half a turn apart
    x = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    x = x + 0.04 * torch.randn(CASES, 2, generator=generator)
""",
}

PLANE = '''
def load_data():
    """Draw points in the plane, half of them of each class: x (CASES, $inputs), y (CASES,)."""
    generator = torch.Generator().manual_seed(64 * SEED + 62)
    y = torch.randperm(CASES, generator=generator) % 2
$points
$constant
    return x, y
'''
CONSTANT = "    x = torch.cat([x, torch.ones(CASES, 1)], 1)  # a third input, always 1"

BATCH_NORM = '''
class BatchNorm(nn.BatchNorm1d):
    """Batch Norm in training mode, written out: nn.BatchNorm1d $refuses."""

    def forward(self, a):
$running
        n = a - a.mean(0)
        if len(a) > 1:  # a batch of one is its own mean: n = 0
            n = n / torch.sqrt(n.square().sum(0) / $divisor + self.eps)
        return self.weight * n + self.bias
'''

RUNNING = """
if not self.training:
    return super().forward(a)
with torch.no_grad():
    variance = a.var(0, correction=int(len(a) > 1))  # of one example it is 0
    self.running_mean.lerp_(a.mean(0), self.momentum)
    self.running_var.lerp_(variance, self.momentum)
"""

RMS_NORM = '''
class RMSNorm(nn.RMSNorm):
    """RMSNorm with a bias as the other layers have: nn.RMSNorm comes without."""

    def __init__(self, units, eps):
        super().__init__(units, eps=eps)
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, a):
        return super().forward(a) + self.bias
'''

LAYERS = {
    "batch": "$batch_norm(units, eps=EPSILON, momentum=$momentum)",
    "layer": "nn.LayerNorm(units, eps=EPSILON)",
    "rms": "RMSNorm(units, eps=EPSILON)",
    "group": "nn.GroupNorm($groups, units, eps=EPSILON)",
}

NORMALIZATIONS = """
NORMALIZATIONS = {  # of summed inputs, with a gain that begins at 1 and a bias that begins at 0
$layers
}
"""

NETWORK = '''
class MLP(nn.Sequential):
    """Hidden layers h = f(g normalize(W h) + b), and a linear one: x -> class scores."""

    def __init__(self, variant, seed):
        layers = []
        for index, (inputs, units) in enumerate(itertools.pairwise(SIZES)):
            hidden = index < len(SIZES) - 2
            normalized = $normalized
            linear = nn.Linear(inputs, units, bias=not normalized)  # a norm brings its own bias
            gain = $gain
            generator = torch.Generator().manual_seed(64 * seed + index)
            weights = torch.randn(units, inputs, generator=generator)
            linear.weight = nn.Parameter(weights * (gain / math.sqrt(inputs)))
            layers.append(linear)
            if normalized:
                layers.append(NORMALIZATIONS[variant](units))
            else:
                nn.init.zeros_(linear.bias)
            if hidden:
                layers.append(nn.$activation())
        super().__init__(*layers)
'''


def code(config: MlpConfig, origin: str) -> str:
    """Write the script of a race; `origin` is a line that says where the run is to be seen."""
    return blocks(
        head(config, origin, config.steps),
        digits() if config.data == "mnist" else plane(config),
        shared.batches(config),
        *networks(config),
        loop(config),
    )


def head(
    config: MlpConfig, origin: str, steps: int, rates: Mapping[str, float] | None = None
) -> str:
    """Write what a script begins with: its text, constants and arguments; `rates` by variant."""
    own = ("cases", "batch_size", "epsilon")
    constants = fill(
        CONSTANTS,
        learning_rate=json.dumps(rates) if rates else config.learning_rate,
        sizes=f"[{config.inputs}, *({config.depth} * [{config.width}]), {config.classes}]",
        **{name: getattr(config, name) for name in own},
    )
    return shared.head(
        config.variants,
        data=shared.DIGITS if config.data == "mnist" else "",
        title=TITLE.format(DATA_SETS[config.data]),
        origin=origin,
        left_out=shared.left_out(config),
        until=shared.until(config),
        modules="import itertools\nimport math",
        seed=config.seed,
        seeds=config.seeds,
        constants=constants.strip(),
        steps=steps,
    )


def digits() -> str:
    """Write how MNIST is read."""
    return fill(shared.MNIST, shape="784", seed="64 * SEED + 62", view=".flatten(1)")


def networks(config: MlpConfig, *, tested: bool = False) -> tuple[str, ...]:
    """Write the networks; where they are `tested`, Batch Norm keeps its running averages."""
    refuses = _refused(config)
    divisor = "(len(a) - 1)" if config.bn_unbiased else "len(a)"
    running = indented(8, RUNNING) if tested else ""
    own = fill(BATCH_NORM, refuses=refuses, divisor=divisor, running=running)
    return (
        own if refuses else "",
        RMS_NORM if "rms" in config.variants else "",
        _normalizations(config),
        _network(config),
    )


def loop(
    config: MlpConfig,
    data: str = DATA,
    tested: str = "",
    optimized: Mapping[str, str] | None = None,
) -> str:
    """Write the training: the `data`, what is `tested` after a step, how it is `optimized`."""
    return shared.loop(
        data=data.strip(),
        network="MLP",
        **(optimized or {"optimizer": shared.OPTIMIZERS[config.optimizer]}),
        own=shared.changes(config),
        loss=LOSS,
        clip="",
        tested=tested,
    )


def plane(config: MlpConfig) -> str:
    """Write how points in the plane are drawn."""
    return fill(
        PLANE,
        inputs=config.inputs,
        points=POINTS[config.data].strip("\n"),
        constant=CONSTANT if config.constant else "",
    )


def _refused(config: MlpConfig) -> str:
    """Say what of the run torch's own Batch Norm cannot do; nothing if it can."""
    smallest = min(config.sizes_of_batches)
    if "batch" not in config.variants:
        return ""
    if smallest == 1:
        return "refuses a batch of one example"
    if config.epsilon == 0:
        return "refuses an epsilon of 0"
    return "divides by N, not by N - 1" if config.bn_unbiased else ""


def _normalizations(config: MlpConfig) -> str:
    """List those that take part; torch refuses groups of one unit where the batch is of one."""
    layers = {**LAYERS, **({"group": LAYERS["layer"]} if config.groups == 1 else {})}
    lines = [
        f'    "{variant}": lambda units: {layer},'
        for variant, layer in layers.items()
        if variant in config.variants
    ]
    own = "BatchNorm" if _refused(config) else "nn.BatchNorm1d"
    made = fill("\n".join(lines), batch_norm=own, momentum=config.bn_momentum, groups=config.groups)
    return fill(NORMALIZATIONS, layers=made)


def _network(config: MlpConfig) -> str:
    he = " * math.sqrt(2)" if config.activation == "relu" else ""
    gain = f"{config.weight_gain}{he}"
    output = ' and (hidden or variant == "batch")' if config.bn_output else " and hidden"
    return fill(
        NETWORK,
        normalized=f'variant != "none"{output}',
        gain="1.0" if gain == "1.0" else f"{gain} if hidden else 1.0",
        activation=ACTIVATIONS[config.activation],
    )
