"""The lines that compute what the matrix page shows, as a script. Free of torch."""

from ln_core.runs.script import blocks, fill
from ln_core.see.matrix.config import MatrixConfig

SCRIPT = '''
"""What Batch Norm, Layer Norm and RMSNorm make of a matrix of summed inputs.

$origin
It runs by itself, with torch. torch.nn has the three as BatchNorm1d, LayerNorm and RMSNorm; they
are written out here, for BatchNorm1d refuses a batch of one example and an epsilon of 0.
"""

import torch

torch.set_printoptions(precision=4, sci_mode=False)
EPSILON = $epsilon
a = torch.tensor(  # one row an example, one column a unit
    [
$rows
    ],
    dtype=torch.float64,
)
$half
$before
$affine

$statistics
batch = g * (a - mu) / torch.sqrt(variance + EPSILON) + b

mu = a.mean(1, keepdim=True)  # of each row: over the units
variance = (a - mu).square().mean(1, keepdim=True)
layer = g * (a - mu) / torch.sqrt(variance + EPSILON) + b

mean_square = a.square().mean(1, keepdim=True)  # no mean is subtracted, no bias added
rms = g * a / torch.sqrt(mean_square + EPSILON)

for name, h in {"Batch Norm": batch, "Layer Norm": layer, "RMSNorm": rms}.items():
    print(name)
    print(h$after)
'''

AFFINE = """\
g, b = torch.ones(a.shape[1], dtype=a.dtype), torch.zeros(a.shape[1], dtype=a.dtype)
g[$units], b[$units] = $gain, $bias"""

UNDO = """\
g, b = torch.sqrt(a.var(0, correction=0) + EPSILON), a.mean(0)  # they undo Batch Norm"""

TRAINING = """\
mu = a.mean(0)  # of each column: over the examples
variance = (a - mu).square().mean(0)"""

EVALUATION = """\
mu, variance = torch.zeros_like(g), torch.ones_like(g)  # running averages: each column's
for _ in range($steps):
    mu = (1 - $momentum) * mu + $momentum * a.mean(0)
    variance = (1 - $momentum) * variance + $momentum * a.var(0, correction=$correction)"""


def code(config: MatrixConfig, origin: str) -> str:
    """Write the script; `origin` is a line that says where the matrix is to be seen."""
    unbiased = config.stored == "unbiased" and len(config.matrix) > 1
    evaluation = fill(
        EVALUATION,
        steps=config.running_steps,
        momentum=config.momentum,
        correction=int(unbiased),
    )
    affine = fill(
        AFFINE,
        units=config.cell[1] if config.affine_on == "chosen" else ":",
        gain=config.gain,
        bias=config.bias,
    )
    half = "a = a.half().float()  # what float16 holds of it; computed in float32"
    return blocks(
        fill(
            SCRIPT,
            origin=origin,
            epsilon=config.epsilon,
            rows="\n".join(f"        {list(row)}," for row in config.matrix),
            half=half if config.half else "",
            before="a = a.relu()" if config.activation == "before" else "",
            affine=UNDO if config.affine_on == "undo" else affine,
            statistics=evaluation if config.mode == "evaluation" else TRAINING,
            after=".relu()" * (config.activation == "after") + ".half()" * config.half,
        )
    )
