"""The lines that compare outputs before and after a change, as a script. Free of torch."""

from ln_core.runs.script import blocks, fill
from ln_core.see.invariance.config import CHANGES, InvarianceConfig

HEAD = '''
"""What one change does to normalized outputs: $change.

$origin
It runs by itself, with torch.
"""

import torch
$functional

torch.set_printoptions(precision=4, sci_mode=False)
N, D, H, GROUPS = 6, 5, 8, 2  # examples, inputs, units, groups
FACTOR, EPSILON = $factor, $epsilon
SEED, SEEDS = $seed, $seeds  # the first seed, and how many random layers and batches
'''

# Of a layer: the shapes of an input beside D, of what is added at every position, of a kernel.
DRAW = '''
def draw(seed):
    """Draw a batch, weights and biases, and what may be added: to examples, images, rows of W."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    x = normal(N, D$image) + normal(D$each)
    return x, normal(H, D$kernel), normal(H), normal(D$each), normal(D$image), normal(D$kernel)
'''
SHAPES = {
    "dense": {"image": "", "each": "", "kernel": ""},
    "conv": {"image": ", 5, 5", "each": ", 1, 1", "kernel": ", 3, 3"},
}

NORMS = '''
def standardize(a, axes$given):
    """Subtract the mean over the axes and divide by the standard deviation$whose."""
    $default
    mu = $of.mean(axes, keepdim=True)
    variance = ($of - mu).square().mean(axes, keepdim=True)
    return (a - mu) / torch.sqrt(variance + EPSILON)


def sums(x, W$bias):
    """Compute the summed inputs of the layer."""
    return $sums


def outputs(x, W$bias$stored):
    """Normalize the layer in each way, without gains and biases."""
    a = sums(x, W$bias)
    length = W.flatten(1).norm(dim=1).reshape(H$ones)  # of each unit's weights
    return {
$norms
    }
'''
SUMS = {"dense": "x @ W.T", "conv": "functional.conv2d(x, W$padding)"}
BIAS = {"dense": " + bias", "conv": " + bias[:, None, None]"}
RMS = '"RMSNorm": a / torch.sqrt(a.square().mean($axes, keepdim=True) + EPSILON),'
DENSE = f"""\
        "Batch Norm": standardize(a, 0$of),  # each unit, over the examples
        "Weight Norm": sums(x, W / length$bias),
        "Layer Norm": standardize(a, 1),  # each example, over the units
        {RMS}
        "Group Norm": standardize(a.reshape(N, GROUPS, -1), 2).reshape(a.shape),"""
CONV = f"""\
        "Batch Norm": standardize(a, (0, 2, 3)$of),  # each channel
        "Weight Norm": sums(x, W / length$bias),
        "Layer Norm": standardize(a, (1, 2, 3)),  # each example
        "Layer Norm per pixel": standardize(a, 1),
        {RMS}
        "Group Norm": standardize(a.reshape(N, GROUPS, -1), 2).reshape(a.shape),
        "Instance Norm": standardize(a, (2, 3)),"""

COMPARE = """
pairs = []  # the outputs before and after, for each seed
for seed in range(SEED, SEED + SEEDS):
    x, W, bias, vector, image, row = draw(seed)
    new_x, new_W = $changed
    $first
    $keep
    pairs.append((outputs(x, W$bias$stored), outputs(new_x, new_W$bias$stored)))
changes = {}
for name in pairs[0][0]:
    both = [(before[name], after[name]) for before, after in pairs]
    changes[name] = max(((h - old).norm() / old.norm()).item() for old, h in both)
    print(f"{name}: relative change {changes[name]:.2g}, the largest over the seeds")
    print("outputs of the first seed before and after$place, a row for each example:")
    print($both, sep="\\n")
"""

KEEP = "stored = sums(x, W$bias)  # whose statistics Batch Norm keeps, as running averages do"

# Of each change: the new data and weights, and a line that scales the first of them alone.
CHANGED = {
    "weights_scale": ("x, FACTOR * W", ""),
    "weights_shift": ("x, W + FACTOR * row", ""),
    "row_scale": ("x, W.clone()", "new_W[0] *= FACTOR"),
    "data_scale": ("FACTOR * x, W", ""),
    "data_shift": ("x + FACTOR * vector, W", ""),
    "case_scale": ("x.clone(), W", "new_x[0] *= FACTOR"),
    "image_shift": ("x + FACTOR * image, W", ""),
}


def code(config: InvarianceConfig, origin: str) -> str:
    """Write the script; `origin` is a line that says where the change is to be seen."""
    conv = config.layer == "conv"
    bias, stored = ", bias" * config.bias_inside, ", stored" * config.evaluation
    centre = 1 + config.padding  # of 3 x 3 outputs, or of 5 x 5
    changed, first = CHANGED[config.change]
    sums = fill(SUMS[config.layer], padding=", padding=1" if config.padding else "")
    return blocks(
        fill(
            HEAD,
            change=CHANGES[config.change],
            origin=origin,
            functional="from torch.nn import functional" if conv else "",
            factor=config.factor,
            epsilon=config.epsilon,
            seed=config.seed,
            seeds=config.seeds,
        ),
        fill(DRAW, **SHAPES[config.layer]),
        fill(
            NORMS,
            sums=sums + BIAS[config.layer] * config.bias_inside,
            given=", of=None" * config.evaluation,
            whose=", of `of` if given" * config.evaluation,
            default="of = a if of is None else of" * config.evaluation,
            of="of" if config.evaluation else "a",
            bias=bias,
            stored=stored,
            ones=SHAPES["conv"]["each"] + ", 1" if conv else ", 1",
            norms=fill(
                CONV if conv else DENSE,
                bias=bias,
                of=", of=stored" * config.evaluation,
                axes="(1, 2, 3)" if conv else "1",
            ),
        ),
        fill(
            COMPARE,
            changed=changed,
            first=first,
            keep=fill(KEEP, bias=bias) if config.evaluation else "",
            bias=bias,
            stored=stored,
            place=" at the centre" * conv,
            both=f"*(h[:, :, {centre}, {centre}] for h in both[0])" if conv else "*both[0]",
        ),
    )
