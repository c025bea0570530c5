"""The lines that find which numbers share a mean, as a script. Free of torch."""

from ln_core.runs.script import blocks, fill
from ln_core.see.shared_statistics.config import SharedStatisticsConfig

SCRIPT = '''
"""Which numbers share a mean with a chosen one, under each normalization.

$origin
It runs by itself, with torch.
"""

import torch

N, C, SIDE, GROUPS = $cases, $channels, $side, $groups  # examples, channels, positions, groups
entry = $entry  # the chosen one: its example, channel, row and column
a = 1 + torch.arange(float(N * C * SIDE * SIDE)).reshape(N, C, SIDE, SIDE)  # any numbers would do
a.requires_grad_()
by_group = a.reshape(N, GROUPS, -1)  # neighbouring channels, with all their positions

means = {  # each of the size 1 along the axes that it is taken over
    "Batch Norm": a.mean((0, 2, 3), keepdim=True),
    "Layer Norm": a.mean((1, 2, 3), keepdim=True),
    "Instance Norm": a.mean((2, 3), keepdim=True),
    "Group Norm": by_group.mean(2).repeat_interleave(C // GROUPS, 1)[:, :, None, None],
    "Layer Norm per pixel": a.mean(1, keepdim=True),
    "RMSNorm": a.square().mean((1, 2, 3), keepdim=True).sqrt(),  # a root mean square, no mean
}
shared = {}
for name, mean in means.items():
    own = mean.expand_as(a)[entry]  # what the chosen number is normalized by
    (gradient,) = torch.autograd.grad(own, a, retain_graph=True)
    shared[name] = gradient != 0  # the numbers that move it
    numbers = int(shared[name].sum())
    print(f"{name}: {a.numel() // numbers} statistics, each over {numbers} numbers;")
    print("of each example (row) and channel (column), the share of numbers that take part:")
    print(shared[name].double().mean((2, 3)))
'''


def code(config: SharedStatisticsConfig, origin: str) -> str:
    """Write the script; `origin` is a line that says where the picture is to be seen."""
    return blocks(
        fill(
            SCRIPT,
            origin=origin,
            cases=config.cases,
            channels=config.channels,
            side=config.side,
            groups=config.group_count,
            entry=config.entry,
        )
    )
