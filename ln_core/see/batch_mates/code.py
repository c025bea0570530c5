"""The lines that ask nets about one digit in changing company, as a script. Free of torch."""

from ln_core.runs.script import blocks, fill
from ln_core.see.batch_mates.config import BatchMatesConfig
from ln_core.see.digit_code import DATA, READS

HEAD = '''
"""What three trained nets say of one digit, whatever digits share its batch.

$origin
$reads
"""

import argparse

import numpy as np
import torch

torch.set_printoptions(precision=4, sci_mode=False, linewidth=120)
DIGIT, BATCH_SIZE, DRAWS, SEED = $digit, $batch_size, $draws, $seed
$data
'''

SCRIPT = '''
def draw_batches():
    """Draw batches, (DRAWS, BATCH_SIZE): the digit first, then neighbours other than it."""
    able = $able
    able[DIGIT] = False
    candidates = able.nonzero().flatten()
    generator, size = torch.Generator().manual_seed(SEED), (DRAWS, BATCH_SIZE - 1)
    neighbours = candidates[torch.randint(len(candidates), size, generator=generator)]
    return torch.cat([torch.full((DRAWS, 1), DIGIT), neighbours], 1)


def normalize(name, a, layer):
    """Normalize the summed inputs of a hidden layer, one row an example."""
    if name == "none":
        return a
    if name == "layer":
        mu, variance = a.mean(1, keepdim=True), a.var(1, correction=0, keepdim=True)
    else:
        mu, variance = $statistics
    return (a - mu) / torch.sqrt(variance + 1e-5)


def answer(name, x):
    """Give the logits of a batch, and the outputs of the hidden layers."""
    h, hidden = x, []
    W, g, b = ([recorded[f"{of}{layer}"][NETS.index(name)] for layer in range(3)] for of in "Wgb")
    for layer in range(2):
        h = (g[layer] * normalize(name, h @ W[layer].T, layer) + b[layer]).relu()
        hidden.append(h)
    return h @ W[2].T + b[2], hidden


batches = draw_batches()
probability, spread, influence = {}, {}, {}
for name in NETS:
    answers = [answer(name, pixels[batch]) for batch in batches]
    probability[name] = torch.stack([logits[0].softmax(0) for logits, _ in answers])
    outputs = torch.stack([torch.stack([h[0] for h in hidden]) for _, hidden in answers])
    spread[name] = outputs.std(0, correction=0)  # over the draws: of each layer and unit
    x = pixels[batches[0]].requires_grad_()
    (gradient,) = torch.autograd.grad(answer(name, x)[0][0].max(), x)
    influence[name] = gradient.norm(dim=1)
    print(f"{name}: probabilities of 0 to 9 for the digit, {labels[DIGIT]}; a row for each draw")
    print(probability[name])
    print("standard deviation over the draws, of each hidden layer's outputs:")
    print(spread[name])
    print("how far the pixels of each example of the first draw move the answer:")
    print(influence[name])
'''

ABLE = {
    "mixed": "torch.ones(len(labels), dtype=torch.bool)",
    "same": "labels == labels[DIGIT]",
}
STATISTICS = {
    "training": "a.mean(0), a.var(0, correction=0)  # this batch's own",
    "evaluation": 'recorded["running_mean"][layer], recorded["running_variance"][layer]',
}


def code(config: BatchMatesConfig, origin: str) -> str:
    """Write the script; `origin` is a line that says where the answers are to be seen."""
    return blocks(
        fill(
            HEAD,
            origin=origin,
            reads=READS.strip(),
            digit=config.digit,
            batch_size=config.batch_size,
            draws=config.draws,
            seed=config.seed,
            data=DATA,
        ),
        fill(SCRIPT, able=ABLE[config.company], statistics=STATISTICS[config.mode]),
    )
