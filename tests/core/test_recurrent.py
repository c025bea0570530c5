"""Recurrent cells: equal to plain loops with autograd and to torch's own, in float64."""

import math

import pytest
import torch
from torch import nn

from ln_core.recurrent.network import Learner
from ln_core.training.products import linear, weight_gradient
from tests.core.plain_recurrent import (
    KINDS,
    PlainNet,
    copies,
    draw_batch,
    make_network,
    plain_loss,
    unrolling_for,
)

T = 7
LOSSES = ("last class", "every class", "last squared")
every_kind = pytest.mark.parametrize("kind", KINDS, ids="-".join)


def assert_near(found, expected, atol, name=None):
    torch.testing.assert_close(
        found, expected, rtol=0, atol=atol, msg=lambda message: f"{name}: {message}"
    )


@pytest.mark.parametrize("N", [1, 2, 5])
@pytest.mark.parametrize("loss", LOSSES)
@every_kind
def test_losses_and_gradients_are_those_of_a_plain_loop_with_autograd(kind, loss, N):
    network = make_network(kind, unrolling_for(loss, T))
    x, y = draw_batch(network, N, coded=loss == "every class")
    p = copies(network)
    plain = PlainNet(network.architecture, p)
    states = plain.states(x)
    expected = plain_loss(plain.outputs(states, len(y)), y)
    expected.backward()
    workspace = network.workspace(N, training=True)
    for _ in range(2):  # the second pass finds the buffers of the first
        with torch.inference_mode():
            found = workspace.forward(x, y)
            workspace.backward(y)
    assert_near(found, expected.detach(), 1e-12)
    for name, value in p.items():
        assert_near(network.parameters.gradient[name], value.grad, 1e-9, name)
    for t, h in enumerate(states, 1):
        assert_near(workspace.cell.states[t], h.detach(), 1e-12, f"h_{t}")
        dh = torch.zeros_like(h) if h.grad is None else h.grad
        assert_near(workspace.cell.gradients[t], dh, 1e-9, f"dh_{t}")


@pytest.mark.parametrize(
    ("optimizer", "rate", "clip"), [("adam", 0.01, 0.5), ("momentum", 1e-3, 0)]
)
@every_kind
def test_losses_of_50_steps_are_those_of_a_plain_loop_with_torch_optim(kind, optimizer, rate, clip):
    network = make_network(kind, unrolling_for("last class", T))
    learner = Learner(network, optimizer, rate, clip=clip, momentum=0.1)
    workspaces = {N: network.workspace(N, training=True) for N in (4, 3)}
    p = copies(network)
    plain = PlainNet(network.architecture, p)
    theirs = {
        "adam": torch.optim.Adam(p.values(), rate),
        "momentum": torch.optim.SGD(p.values(), rate, momentum=0.9),
    }[optimizer]
    for step in range(50):
        N = 3 if step % 5 == 4 else 4  # a smaller batch ends each epoch
        x, y = draw_batch(network, N, seed=step)
        expected = plain_loss(plain.outputs(plain.states(x), 1), y)
        theirs.zero_grad()
        expected.backward()
        expected_norm = nn.utils.clip_grad_norm_(p.values(), clip or math.inf)
        theirs.step()
        with torch.inference_mode():
            loss, norm = learner.step(workspaces[N], x, y)
        assert_near(loss, expected.detach(), 1e-8)
        assert norm.item() == pytest.approx(expected_norm.item(), rel=1e-6)
    plain.training = False
    # Beyond T, Batch Norm uses the last step's statistics; with a delay, those of steps before.
    for T_test, delay in ((T, 0), (T + 3, 0), (T + 3, 2)):
        plain.delay = delay
        x, y = draw_batch(network, 5, seed=99, T=T_test)
        with torch.no_grad():
            expected = plain.outputs(plain.states(x), 1)
        workspace = network.workspace(5, training=False, T=T_test, delay=delay)
        with torch.inference_mode():
            workspace.forward(x, y)
        assert_near(workspace.readout.outputs, expected, 1e-8)


@pytest.mark.parametrize(
    ("cell", "f"), [("rnn", "tanh"), ("rnn", "relu"), ("gru", ""), ("lstm", "")]
)
def test_cells_without_normalization_are_torchs_own(cell, f):
    network = make_network((cell, "none", "sum", f or "tanh"), unrolling_for("every class", T))
    own, H = network.parameters.value, network.architecture.width
    options = {"nonlinearity": f} if f else {}
    theirs = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell](5, H, **options).double()
    with torch.no_grad():
        for name, value in torchs_parameters(cell, own).items():
            getattr(theirs, name).copy_(value)
    x, y = draw_batch(network, 3)
    h, _ = theirs(x)
    h.retain_grad()
    plain_loss(h @ own["W_y"].T + own["b_y"], y).backward()
    workspace = network.workspace(3, training=True)
    with torch.inference_mode():
        workspace.forward(x, y)
        workspace.backward(y)
    assert_near(workspace.cell.states[1:], h.detach(), 1e-12)
    for name, value in torchs_parameters(cell, network.parameters.gradient).items():
        if name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0"):
            assert_near(getattr(theirs, name).grad, value, 1e-9, name)


def torchs_parameters(cell, own):
    """Put our pieces in the places and the order of torch's."""

    def in_order(matrix):
        if cell == "lstm":
            f, i, o, g = matrix.chunk(4)
            return torch.cat([i, f, g, o])
        return matrix

    if cell == "gru":
        # torch's z is 1 - the paper's: sigmoid(-a) = 1 - sigmoid(a).
        z_x, r_x = own["W_x"].chunk(2)
        z_h, r_h = own["W_h"].chunk(2)
        z_b, r_b = own["b"].chunk(2)
        nothing = torch.zeros_like(own["b"])
        return {
            "weight_ih_l0": torch.cat([r_x, -z_x, own["W"]]),
            "weight_hh_l0": torch.cat([r_h, -z_h, own["U"]]),
            "bias_ih_l0": torch.cat([r_b, -z_b, own["b_W"]]),
            "bias_hh_l0": torch.cat([nothing, own["b_U"]]),
        }
    return {
        "weight_ih_l0": in_order(own["W_x"]),
        "weight_hh_l0": in_order(own["W_h"]),
        "bias_ih_l0": in_order(own["b"]),
        "bias_hh_l0": torch.zeros_like(own["b"]),
    }


@every_kind
def test_evaluation_mode_changes_nothing_but_batch_norm(kind):
    network = make_network(kind, unrolling_for("every class", T))
    x, y = draw_batch(network, 4)
    outputs = []
    for training in (True, False):
        workspace = network.workspace(4, training=training)
        with torch.inference_mode():
            workspace.forward(x, y)
        outputs.append(workspace.readout.outputs)
    assert torch.equal(*outputs) == (kind[1] != "batch")


@pytest.mark.parametrize("placement", ["sum", "parts"])
def test_batch_norm_of_one_case_puts_out_its_bias_and_passes_no_gradient(placement):
    network = make_network(("rnn", "batch", placement, "tanh"), unrolling_for("last class", T))
    workspace = network.workspace(1, training=True)
    x, y = draw_batch(network, 1)
    with torch.inference_mode():
        workspace.forward(x, y)
        workspace.backward(y)
    bias = network.parameters.value["b"].tanh()
    assert_near(workspace.cell.states[1:, 0], bias.expand(T, -1), 1e-15)
    assert (network.parameters.gradient["W_x"] == 0).all()
    assert (workspace.cell.gradients[1:-1] == 0).all()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_block_of_recurrent_weights_has_the_spectral_radius_and_variants_share_weights(cell):
    weights = {}
    for variant in ("none", "layer", "rms"):
        network = make_network((cell, variant, "sum", "tanh"), unrolling_for("last class", T))
        network.parameters.initialize(3, radius=2.5, gain=0.7)
        weights[variant] = network.parameters.weights
        value, H = network.parameters.value, network.architecture.width
        for name in {"W_h", "U"} & value.keys():
            for block in value[name].split(H):
                assert torch.linalg.eigvals(block).abs().max().item() == pytest.approx(2.5)
        assert all((piece == 0.7).all() for name, piece in value.items() if name[0] == "g")
        starts = {name: piece for name, piece in value.items() if name[0] == "b"}
        if cell == "lstm":
            assert (starts["b"][:H] == 1).all()  # f
            starts["b"] = starts["b"][H:]
        assert all((piece == 0).all() for piece in starts.values())
    assert torch.equal(weights["none"], weights["layer"])
    assert torch.equal(weights["none"], weights["rms"])


@pytest.mark.parametrize("n", [3, 2000])  # in front of and beyond the size for oneDNN
def test_products_in_float32_are_those_of_float64(n):
    generator = torch.Generator().manual_seed(0)
    x, W, b, dy = (
        torch.randn(*shape, generator=generator) for shape in ((n, 30), (50, 30), (50,), (n, 50))
    )
    assert_near(
        linear(x, W, b), nn.functional.linear(x.double(), W.double(), b.double()).float(), 1e-4
    )
    out = torch.empty(50, 30)
    weight_gradient(dy, x, out)
    assert_near(out, (dy.double().T @ x.double()).float(), 1e-3)


@every_kind
def test_float32_follows_float64(kind):
    found = []
    for dtype in (torch.float32, torch.float64):
        network = make_network(
            kind, unrolling_for("last class", 20), inputs=28, width=48, outputs=10, dtype=dtype
        )
        x, y = draw_batch(network, 32)
        workspace = network.workspace(32, training=True)
        with torch.inference_mode():
            loss = workspace.forward(x, y)
            workspace.backward(y)
        found.append((loss.item(), network.parameters.grad.double().flatten()))
    (loss32, grad32), (loss64, grad64) = found
    assert loss32 == pytest.approx(loss64, abs=1e-4)
    assert ((grad32 - grad64).norm() / grad64.norm()).item() < 1e-3


def test_blank_steps_of_zeros_chain_the_jacobian_of_a_zero_vector_and_standardised_ones_do_not():
    def gradient(blank):
        network = make_network(("rnn", "layer", "sum", "tanh"), unrolling_for("last class", 12))
        network.parameters.initialize(0, radius=1.0, gain=1.0)
        x, y = draw_batch(network, 8)
        x[:8] = blank
        workspace = network.workspace(8, training=True)
        with torch.inference_mode():
            workspace.forward(x, y)
            workspace.backward(y)
        return network.parameters.grad.norm().item()

    assert gradient(0.0) > 1e8  # each step multiplies by up to 1 / sqrt(1e-5) = 316
    assert gradient(-0.42) < 100


def test_summed_inputs_are_those_of_the_equations():
    for kind in KINDS:
        network = make_network(kind, unrolling_for("last class", T))
        p = network.parameters.value
        workspace = network.workspace(3, training=True)
        x, y = draw_batch(network, 3)
        with torch.inference_mode():
            workspace.forward(x, y)
            summed, h = workspace.cell.summed(), workspace.cell.states[:-1]
        W_h, W_x = p["W_h"], p["W_x"]
        if kind[0] == "gru":
            W_h, W_x = torch.cat([W_h, p["U"]]), torch.cat([W_x, p["W"]])
        assert_near(summed, h @ W_h.T + x @ W_x.T, 1e-12, kind)
