"""Recurrent nets as the paper writes them: a plain loop over the steps, with autograd."""

import torch
from torch.nn import functional

from ln_core import norms
from ln_core.recurrent.network import Network, Unrolling
from ln_core.recurrent.parameters import Architecture

# Every cell with every norm and placement that it has: cell, variant, placement, activation.
KINDS = [
    *(("rnn", "none", "sum", f) for f in ("tanh", "relu", "identity")),
    *(
        ("rnn", variant, placement, f)
        for variant in ("layer", "rms", "batch")
        for placement in ("sum", "parts")
        for f in ("tanh", "relu")
    ),
    *(
        (cell, variant, "sum", "tanh")
        for cell in ("gru", "lstm")
        for variant in ("none", "layer", "rms")
    ),
]
EPS = 1e-5


def make_network(kind, unrolling, *, inputs=5, width=6, outputs=4, seed=0, dtype=torch.float64):
    cell, variant, placement, activation = kind
    architecture = Architecture(
        inputs=inputs,
        width=width,
        outputs=outputs,
        cell=cell,
        variant=variant,
        placement=placement,
        activation=activation,
        epsilon=EPS,
    )
    network = Network(architecture, unrolling, dtype=dtype)
    network.parameters.initialize(seed, radius=1.3, gain=1.0)
    generator = torch.Generator().manual_seed(seed)
    for name, piece in network.parameters.value.items():
        if name[0] in "gb":  # so that a wrong gain or bias shows
            piece += 0.3 * torch.randn(piece.shape, generator=generator, dtype=torch.float64)
    return network


def unrolling_for(loss, T):
    return Unrolling(
        T=T,
        loss="squared" if loss == "last squared" else "class",
        loss_steps=T if loss == "every class" else 1,
    )


def draw_batch(network, N, *, coded=False, seed=0, T=None):
    """Inputs and targets with time first, as the networks take them."""
    architecture, unrolling = network.architecture, network.unrolling
    generator = torch.Generator().manual_seed(100 + seed)
    T = unrolling.T if T is None else T
    dtype = network.parameters.theta.dtype
    x = torch.randn(T, N, architecture.inputs, generator=generator, dtype=torch.float64).to(dtype)
    if coded:
        x = torch.randint(architecture.inputs, (T, N), generator=generator)
    shape = (unrolling.loss_steps, N)
    if unrolling.loss == "class":
        return x, torch.randint(architecture.outputs, shape, generator=generator)
    y = torch.randn(*shape, architecture.outputs, generator=generator, dtype=torch.float64)
    return x, y.to(dtype)


def copies(network):
    """The parameters, as leaves for autograd."""
    return {name: v.clone().requires_grad_() for name, v in network.parameters.value.items()}


class PlainNet:
    """A cell, one step after the other, with the parameters that it is given."""

    def __init__(self, architecture, p):
        self.architecture, self.p = architecture, p
        self.variant = architecture.variant
        self.f = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda z: z}[
            architecture.activation
        ]
        self.running = {}  # Batch Norm's: (gain, step) -> mean and variance
        self.delay = 0  # steps by which they are moved
        self.training = True
        self.momentum = 0.1

    def states(self, x):
        """h of every step."""
        if not x.is_floating_point():
            x = functional.one_hot(x, self.architecture.inputs).double()
        h = x.new_zeros(x.shape[1], self.architecture.width)
        step = {"rnn": self.rnn, "gru": self.gru, "lstm": self.lstm}[self.architecture.cell]
        states, self.c = [], h
        for self.t, x_t in enumerate(x):
            h = step(x_t, h)
            states.append(h)
            if h.requires_grad:
                h.retain_grad()
        return states

    def outputs(self, states, S):
        return torch.stack(states[-S:]) @ self.p["W_y"].T + self.p["b_y"]

    def rnn(self, x, h):
        p = self.p
        if self.architecture.on_parts:
            return self.f(self.parts(x, h))
        return self.f(self.norm(h @ p["W_h"].T + x @ p["W_x"].T, "g", p["b"]))

    def lstm(self, x, h):
        f, i, o, g = self.parts(x, h).chunk(4, 1)
        self.c = f.sigmoid() * self.c + i.sigmoid() * g.tanh()
        c = self.c if self.variant == "none" else self.norm(self.c, "g_c", self.p["b_c"])
        return o.sigmoid() * c.tanh()

    def gru(self, x, h):
        p = self.p
        z, r = self.parts(x, h).chunk(2, 1)
        w = self.norm(x @ p["W"].T, "g_W", p["b_W"])
        u = self.norm(h @ p["U"].T, "g_U", p["b_U"])
        return (1 - z.sigmoid()) * h + z.sigmoid() * (w + r.sigmoid() * u).tanh()

    def parts(self, x, h):
        p = self.p
        nothing = torch.zeros_like(p["b"])
        a_h = self.norm(h @ p["W_h"].T, "g_h", nothing)
        return a_h + self.norm(x @ p["W_x"].T, "g_x", nothing) + p["b"]

    def norm(self, a, gain, b):
        """The textbook's norm of one step."""
        if self.variant == "none":
            return a + b
        g = self.p[gain]
        if self.variant == "layer":
            return norms.layer_norm(a, g, b, eps=EPS)
        if self.variant == "rms":
            return norms.rms_norm(a, g, eps=EPS) + b
        if self.training:
            self.follow(gain, a.detach())
            return norms.batch_norm(a, g, b, eps=EPS)
        known = max(t for name, t in self.running if name == gain)
        mean, variance = self.running[gain, min(max(self.t - self.delay, 0), known)]
        return norms.batch_norm_inference(a, mean, variance, g, b, eps=EPS)

    def follow(self, gain, a):
        start = (torch.zeros_like(a[0]), torch.ones_like(a[0]))
        mean, variance = self.running.get((gain, self.t), start)
        self.running[gain, self.t] = norms.update_running(mean, variance, a, self.momentum)


def plain_loss(outputs, y):
    """The mean over cases and steps."""
    if y.is_floating_point():
        return functional.mse_loss(outputs, y)
    return functional.cross_entropy(outputs.flatten(0, 1), y.flatten())
