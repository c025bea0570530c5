"""The lines that split one batch over replicas, as a script. Free of torch."""

from ln_core.runs.script import blocks, fill
from ln_core.see.digit_code import DATA, READS
from ln_core.see.replicas.config import SPLIT_BATCH, SPLITS, ReplicasConfig

HEAD = '''
"""One batch split over replicas: whose gradients are still those of the whole batch.

$origin
$reads
"""

import argparse

import numpy as np
import torch
from torch.nn import functional

REPLICAS, SEED = $replicas, $seed
SPLITS = $splits  # numbers of replicas that share the batch
$data
chosen = torch.randperm(len(labels), generator=torch.Generator().manual_seed(SEED))[:$batch]
x, y = pixels[chosen].double(), labels[chosen]
'''

FRESH = '''
def make_net(variant):
    """Give weights, gains and biases of the layers, the same for every variant."""
    generator = torch.Generator().manual_seed(1_000_000 + SEED)
    sizes = [(784, 32), (32, 32), (32, 10)]
    W = [torch.randn(m, n, generator=generator) * (2 / n) ** 0.5 for n, m in sizes]
    return [w.double() for w in W], [1, 1], [0, 0, 0]
'''

TRAINED = '''
def make_net(variant):
    """Give weights, gains and biases of the layers, as they were trained."""
    net = NETS.index("layer" if variant == "layer" else "batch")
    return [[recorded[f"{of}{layer}"][net].double() for layer in range(3)] for of in "Wgb"]
'''

SCRIPT = '''
def gradient(variant, x, y):
    """Give the gradient of the mean loss of some examples by all weights, as one row."""
    W, g, b = make_net(variant)
    h, axis = x, 1 if variant == "layer" else 0  # each example over the units, or each unit
    for layer in range(2):
        W[layer].requires_grad_()
        a = h @ W[layer].T
        centred = a - a.mean(axis, keepdim=True)
        n = centred / torch.sqrt(centred.square().mean(axis, keepdim=True) + 1e-5)
        h = (g[layer] * n + b[layer]).relu()
    loss = functional.cross_entropy(h @ W[2].requires_grad_().T + b[2], y)
    return torch.cat([piece.flatten() for piece in torch.autograd.grad(loss, W)])


def replica_gradients(variant, K):
    """Give the gradient of each of K replicas; synchronized, they normalize as one."""
    K = 1 if variant == "sync" else K
    return torch.stack([gradient(variant, *share) for share in zip(x.chunk(K), y.chunk(K))])


compared, own = {}, {}
for variant in ["batch", "sync", "layer"]:
    whole = gradient(variant, x, y)
    compared[variant] = []
    print(f"{variant}: replicas; their mean gradient's cosine and length, to the whole batch's")
    for K in SPLITS:
        mean = replica_gradients(variant, K).mean(0)
        cosine = functional.cosine_similarity(mean, whole, dim=0).item()
        compared[variant].append([cosine, (mean.norm() / whole.norm()).item()])
        print(f"{K:8}", *(f"{value:8.4f}" for value in compared[variant][-1]))
    if variant != "sync":
        of_each = replica_gradients(variant, REPLICAS)
        own[variant] = functional.cosine_similarity(of_each, whole[None]).tolist()
        print(f"cosine of each of {REPLICAS}:", *(f"{value:.4f}" for value in own[variant]))

a = x @ make_net("batch")[0][0].T
estimates = []
print("replicas; how far their means lie from the batch's, in deviations, and variance ratio")
for K in SPLITS:
    shares = a.reshape(K, -1, 32)
    gap = (shares.mean(1) - a.mean(0)) / a.std(0, correction=0)
    ratio = shares.var(1, correction=0) / a.var(0, correction=0)
    estimates.append([gap.square().mean().sqrt().item(), ratio.mean().item()])
    print(f"{K:8}", *(f"{value:8.4f}" for value in estimates[-1]))
'''


def code(config: ReplicasConfig, origin: str) -> str:
    """Write the script; `origin` is a line that says where the gradients are to be seen."""
    return blocks(
        fill(
            HEAD,
            origin=origin,
            reads=READS.strip(),
            replicas=config.replicas,
            seed=config.seed,
            splits=SPLITS,
            data=DATA,
            batch=SPLIT_BATCH,
        ),
        TRAINED if config.weights == "trained" else FRESH,
        SCRIPT,
    )
