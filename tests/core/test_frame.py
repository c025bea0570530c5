"""Frames as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from ln_core.runs.frame import Frame, join, pack, unpack

ARRAYS = st.dictionaries(
    st.text("abcdef_", min_size=1, max_size=8),
    st.one_of(
        st_numpy.arrays(np.float32, st_numpy.array_shapes(max_dims=3, min_side=0)),
        st_numpy.arrays(np.uint8, st_numpy.array_shapes(max_dims=3, min_side=0)),
    ),
    max_size=4,
)


def assert_same(left: Frame, right: Frame) -> None:
    assert (left.step, dict(left.notes)) == (right.step, dict(right.notes))
    assert left.arrays.keys() == right.arrays.keys()
    for name, array in left.arrays.items():
        assert array.dtype == right.arrays[name].dtype
        np.testing.assert_array_equal(array, right.arrays[name])


@given(st.lists(st.builds(Frame, step=st.integers(0, 20_000), arrays=ARRAYS), max_size=3))
def test_what_was_packed_is_unpacked(frames):
    again = unpack(b"".join(pack(frame) for frame in frames))
    assert len(again) == len(frames)
    for one, other in zip(frames, again, strict=True):
        assert_same(one, other)


def test_not_a_number_and_infinity_survive():
    values = np.array([[np.nan, np.inf, -np.inf]], np.float32)
    (frame,) = unpack(pack(Frame(step=1, arrays={"loss": values})))
    np.testing.assert_array_equal(frame.arrays["loss"], values)


def test_every_block_starts_at_a_multiple_of_four():
    frame = Frame(step=3, arrays={"a": np.zeros(5, np.uint8), "b": np.ones(2, np.float32)})
    assert len(pack(frame)) % 4 == 0
    assert_same(unpack(pack(frame))[0], frame)


def test_other_types_are_refused():
    with pytest.raises(ValueError, match="'loss' must be float32 or uint8, got float64"):
        pack(Frame(step=0, arrays={"loss": np.zeros(3)}))  # type: ignore[dict-item]


def test_parts_join_along_the_variant_axis():
    one = Frame(step=5, arrays={"a": np.ones((1, 2), np.float32)}, notes={"cards": [1]})
    two = Frame(step=5, arrays={"a": np.zeros((2, 2), np.float32)}, notes={"facts": [2]})
    both = join([one, two])
    np.testing.assert_array_equal(both.arrays["a"], [[1, 1], [0, 0], [0, 0]])
    assert both.notes == {"cards": [1], "facts": [2]}


def test_parts_of_different_steps_are_refused():
    one = Frame(step=5, arrays={})
    with pytest.raises(ValueError, match="steps 5 and 6"):
        join([one, Frame(step=6, arrays={})])
