"""Stacks agree with one after the other."""

import pytest
import torch

from ln_core.norms import batch_norm, batch_norm_inference, layer_norm
from ln_core.see.batched import derivatives, side_by_side


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def test_side_by_side_each_batch_is_normalized_by_itself():
    a, g, b = normal(3, 5, 4), normal(4, seed=1), normal(4, seed=2)
    expected = torch.stack([batch_norm(batch, g, b) for batch in a])
    torch.testing.assert_close(side_by_side(batch_norm, a, g, b), expected)


def test_side_by_side_each_batch_may_have_its_own_values_of_a_unit():
    a, mean, g, b = normal(3, 5, 4), normal(3, 4, seed=1), normal(4, seed=2), normal(4, seed=3)
    variance = normal(3, 4, seed=4).square() + 0.1
    expected = torch.stack(
        [
            batch_norm_inference(batch, mu, square, g, b)
            for batch, mu, square in zip(a, mean, variance, strict=True)
        ]
    )
    found = side_by_side(batch_norm_inference, a, mean, variance, g, b)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("norm", [batch_norm, layer_norm])
def test_derivatives_are_the_jacobian(norm):
    a, g, b = normal(2, 5, 4), normal(4, seed=1), normal(4, seed=2)
    jacobian = torch.autograd.functional.jacobian
    expected = torch.stack([jacobian(lambda one: norm(one, g, b), one) for one in a])
    found = derivatives(lambda stack: torch.stack([norm(one, g, b) for one in stack]), a)
    torch.testing.assert_close(found, expected)
