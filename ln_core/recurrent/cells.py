"""The cells: one step forward, and one step back through time, of RNN, GRU and LSTM.

Symbols and equation numbers are those of Ba, Kiros, Hinton 2016. `norm` stands for what the
network's variant does: nothing, Layer Norm, RMSNorm, or (plain cell only) Batch Norm; `sig` for
the logistic function. What is indexed by t holds one view a step, made once: `h[t]` is the state
before step t, `h[t + 1]` the one after it.
"""

import abc
from collections.abc import Sequence

import torch
from torch import Tensor

from ln_core.recurrent.parameters import GATES
from ln_core.recurrent.preactivations import InputPart, PreActivations, RecurrentPart, Space
from ln_core.training.activations import ACTIVATIONS

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input


class Cell(abc.ABC):
    """A recurrent net's layer, unrolled over T steps of N cases, from h_0 = 0.

    Shapes: x (T, N, D), or codes (T, N); h and dh (T + 1, N, H).
    """

    def __init__(self, space: Space) -> None:
        H = space.parameters.architecture.width
        self.space, self.steps = space, range(space.T)
        self.gates: Tensor | None = None  # (T, N, G, H), after their sigmoid
        self.states = space.whole(H, before=1)
        self.gradients = space.whole(H, before=1) if space.training else self.states  # unused
        self.h: Sequence[Tensor] = torch.unbind(self.states)
        self.dh: Sequence[Tensor] = torch.unbind(self.gradients)
        self.all_dz = space.steps(GATES[space.parameters.architecture.cell] * H)
        self.dz = torch.unbind(self.all_dz)
        self.preactivations = PreActivations(space, self, self.all_dz)

    def forward(self, x: Tensor) -> None:
        """Compute h of all steps."""
        self.begin(x)
        for t in self.steps:
            self.step(t)

    def backward(self) -> None:
        """Compute the gradients by the parameters and by every h_t.

        `gradients` holds what the loss passes to each h_t directly; each step back adds what
        comes through the steps after it.
        """
        self.begin_back()
        for t in reversed(self.steps):
            self.step_back(t)
        self.finish()

    def begin(self, x: Tensor) -> None:
        """Compute the input's part of all steps; nothing is remembered of another pass."""
        self.h[0].zero_()
        self.preactivations.begin(x)

    @abc.abstractmethod
    def step(self, t: int) -> None:
        """Compute h_t of h_{t-1}."""

    def begin_back(self) -> None:  # noqa: B027
        """Compute what the steps back need of all steps, before the first of them."""

    @abc.abstractmethod
    def step_back(self, t: int) -> None:
        """Pass dh_t on to h_{t-1}."""

    def finish(self) -> None:
        """Compute the gradients by the parameters, after the last step back."""
        self.preactivations.finish()

    def summed(self) -> Tensor:
        """Give the summed inputs a_t of all steps, (T, N, K)."""
        return self.preactivations.summed()


class Rnn(Cell):
    """h_t = f(z_t): the plain cell, eq. (4)."""

    def __init__(self, space: Space) -> None:
        super().__init__(space)
        self.f, self.f_backward = ACTIVATIONS[space.parameters.architecture.activation]

    def step(self, t: int) -> None:
        z = self.preactivations.forward(t)  # z_t = norm(W_h h_{t-1} + W_x x_t) + b
        self.f(z, self.h[t + 1])  # h_t = f(z_t)

    def step_back(self, t: int) -> None:
        self.f_backward(self.dh[t + 1], self.h[t + 1], self.dz[t])  # dz_t = dh_t f'(z_t)
        self.preactivations.backward(t)


class Lstm(Cell):
    """(f, i, o, g) = norm(W_h h_{t-1}) + norm(W_x x_t) + b, eq. (20), and eqs. (21) and (22).

    The cell c_t is stored as it is; only the copy that goes to the output is normalized. What
    every step back multiplies its gradients with is known once all steps forward are done, so
    `backward` computes it of all steps at once, and a step back is left with few calls.
    """

    def __init__(self, space: Space) -> None:
        super().__init__(space)
        H = space.parameters.architecture.width
        cells, fiog, dn = space.whole(H, before=1), space.steps(4 * H), space.steps(H)
        tanh_c = space.steps(H)
        self.all = (*fiog.view(space.T, space.N, 4, H).unbind(2), cells[:-1], tanh_c)
        self.gates = fiog.view(space.T, space.N, 4, H)[:, :, :3]
        self.norm = space.norm(cells[1:], dn, "g_c", "b_c")
        self.c, self.tanh_c, self.dn = (torch.unbind(b) for b in (cells, tanh_c, dn))
        self.dc, none = space.make(2, space.N, H).unbind()
        # Of every step: the sums and gates of f, i and o as one, and of each block.
        self.z = [(z[:, : 3 * H], z[:, 3 * H :]) for z in self.preactivations.z]
        self.fio = fiog[..., : 3 * H].unbind()
        self.fiog = [torch.split(gates, H, 1) for gates in torch.unbind(fiog)]
        self.f_after = [*(f for f, *_ in self.fiog[1:]), none]  # no gate follows the last step
        # Of every step: dz_t of all blocks and of o, by dc_t or dh_t; and dn_t by dh_t.
        self.all_by = space.steps(4 * H).view(space.T, space.N, 4, H)
        self.all_n_by = space.steps(H)
        self.by, self.o_by = self.all_by.unbind(), self.all_by[:, :, 2].unbind()
        self.n_by = self.all_n_by.unbind()
        self.dfiog = [dz.view(space.N, 4, H) for dz in self.dz]
        self.do = [d[:, 2] for d in self.dfiog]

    def begin(self, x: Tensor) -> None:
        super().begin(x)
        self.c[0].zero_()

    def step(self, t: int) -> None:
        f, i, o, g = self.fiog[t]
        z_fio, z_g = self.z[t]
        c, tanh_c = self.c[t + 1], self.tanh_c[t]
        self.preactivations.forward(t)  # z = norm(W_h h_{t-1}) + norm(W_x x_t) + b
        torch.sigmoid(z_fio, out=self.fio[t])
        torch.tanh(z_g, out=g)
        torch.mul(f, self.c[t], out=c).addcmul_(i, g)  # c_t = sig(f) c_{t-1} + sig(i) tanh(g)
        torch.tanh(self.norm.forward(t), out=tanh_c)
        torch.mul(o, tanh_c, out=self.h[t + 1])  # h_t = sig(o) tanh(norm(c_t))

    def begin_back(self) -> None:
        """Compute what gradients are multiplied with, of all steps; none comes from beyond c_T."""
        f, i, o, g, c_before, tanh_c = self.all
        by_f, by_i, by_o, by_g = self.all_by.unbind(2)
        _sigmoid_backward(c_before, f, grad_input=by_f)  # dz_f = dc_t c_{t-1} sig'(f)
        _sigmoid_backward(g, i, grad_input=by_i)  # dz_i = dc_t tanh(g) sig'(i)
        _sigmoid_backward(tanh_c, o, grad_input=by_o)  # dz_o = dh_t tanh(norm(c_t)) sig'(o)
        _tanh_backward(i, g, grad_input=by_g)  # dz_g = dc_t sig(i) tanh'(g)
        _tanh_backward(o, tanh_c, grad_input=self.all_n_by)  # dn_t = dh_t sig(o) tanh'(norm(c_t))
        self.dc.zero_()

    def step_back(self, t: int) -> None:
        dh, dc = self.dh[t + 1], self.dc
        torch.mul(dh, self.n_by[t], out=self.dn[t])
        # dc_t is what comes by norm(c_t), and dc_{t+1} sig(f_{t+1}).
        torch.addcmul(self.norm.backward(t), dc, self.f_after[t], out=dc)
        torch.mul(dc.unsqueeze(1), self.by[t], out=self.dfiog[t])  # right for f, i and g
        torch.mul(dh, self.o_by[t], out=self.do[t])
        self.preactivations.backward(t)

    def finish(self) -> None:
        super().finish()
        self.norm.finish()


class Gru(Cell):
    """(z, r) = norm(W_h h_{t-1}) + norm(W_x x_t) + b, eq. (26), and eqs. (27) and (28).

    torch.nn.GRU has 1 - sigmoid(z) where the paper has sigmoid(z), which is the same with the
    sign of z's weights turned.
    """

    def __init__(self, space: Space) -> None:
        super().__init__(space)
        H = space.parameters.architecture.width
        zr, candidates = space.steps(2 * H), space.steps(H)
        dw, du = space.steps(H), space.steps(H)
        self.gates = zr.view(space.T, space.N, 2, H)
        self.input = InputPart(space, "W", dw, gain="g_W", bias="b_W")
        self.recurrent = RecurrentPart(space, "U", self, du, gain="g_U", bias="b_U")
        self.w: Sequence[Tensor] = ()
        self.u = [du] * space.T
        self.dw, self.du, self.candidates = (torch.unbind(b) for b in (dw, du, candidates))
        self.zr, self.z_r = torch.unbind(zr), [torch.split(zr_t, H, 1) for zr_t in zr.unbind()]
        self.dz_dr = [torch.split(d, H, 1) for d in self.dz]
        self.scratch = space.make(space.N, H)

    def begin(self, x: Tensor) -> None:
        super().begin(x)
        self.w = self.input.forward(x).unbind(0)  # norm(W x_t) of all steps
        self.recurrent.begin()

    def step(self, t: int) -> None:
        (z, r), candidate = self.z_r[t], self.candidates[t]
        torch.sigmoid(self.preactivations.forward(t), out=self.zr[t])
        u = self.u[t] = self.recurrent.forward(t)  # norm(U h_{t-1})
        torch.addcmul(self.w[t], r, u, out=candidate).tanh_()  # tanh(norm(W x_t) + sig(r) u)
        torch.lerp(self.h[t], candidate, z, out=self.h[t + 1])  # (1 - sig(z)) h_{t-1} + sig(z) it

    def step_back(self, t: int) -> None:
        (z, r), candidate = self.z_r[t], self.candidates[t]
        (dz, dr), dw, share = self.dz_dr[t], self.dw[t], self.scratch
        dh, dh_before = self.dh[t + 1], self.dh[t]
        torch.sub(candidate, self.h[t], out=dz).mul_(dh)
        torch.mul(dh, z, out=share)
        dh_before.add_(dh).sub_(share)  # what goes straight back: (1 - sig(z)) dh
        _tanh_backward(share, candidate, grad_input=dw)
        torch.mul(dw, self.u[t], out=dr)
        torch.mul(dw, r, out=self.du[t])
        _sigmoid_backward(self.dz[t], self.zr[t], grad_input=self.dz[t])
        self.recurrent.backward(t)
        self.preactivations.backward(t)

    def finish(self) -> None:
        super().finish()
        self.input.backward()
        self.recurrent.finish()

    def summed(self) -> Tensor:
        biases = self.recurrent.shift.b + self.input.shift.b
        return torch.cat([super().summed(), self.recurrent.a + self.input.a - biases], 2)


CELLS: dict[str, type[Cell]] = {"rnn": Rnn, "gru": Gru, "lstm": Lstm}
