"""A frame: the numbers that the charts show at one moment of training, and their bytes.

Bytes of one frame, little-endian: u32 size of the rest, u32 size of the head, the head as JSON,
then the arrays one after the other, each padded to a multiple of 4. The head names the step, the
arrays (name, shape, type) and the notes. `assets/player/film.js` reads the same format.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Array = Floats | Bytes
TYPES: dict[str, np.dtype[Any]] = {"f4": np.dtype("<f4"), "u1": np.dtype("u1")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The state of a run at one step.

    Every array has the variant axis first, so that frames of the shards of a race join by index;
    every note is a list of JSON values, for the same reason.
    """

    step: int
    arrays: Mapping[str, Array]
    notes: Mapping[str, list[Any]] = field(default_factory=dict)


def pack(frame: Frame) -> bytes:
    """Write a frame as bytes.

    Raises: ValueError if an array is neither float32 nor uint8.
    """
    blocks: list[bytes] = []
    layout: list[tuple[str, tuple[int, ...], str]] = []
    for name, array in frame.arrays.items():
        kind = array.dtype.str.lstrip("<|")
        if kind not in TYPES:
            raise ValueError(f"array {name!r} must be float32 or uint8, got {array.dtype}")
        block = np.ascontiguousarray(array).tobytes()
        layout.append((name, array.shape, kind))
        blocks.append(block + bytes(-len(block) % 4))
    head = json.dumps(
        {"step": frame.step, "arrays": layout, "notes": dict(frame.notes)},
        allow_nan=False,
        separators=(",", ":"),
    ).encode()
    head += b" " * (-len(head) % 4)
    body = struct.pack("<I", len(head)) + head + b"".join(blocks)
    return struct.pack("<I", len(body)) + body


def unpack(data: bytes) -> list[Frame]:
    """Read the frames that stand one after the other in `data`."""
    frames, at = [], 0
    while at < len(data):
        size, head_size = struct.unpack_from("<II", data, at)
        head = json.loads(data[at + 8 : at + 8 + head_size])
        block = at + 8 + head_size
        arrays: dict[str, Array] = {}
        for name, shape, kind in head["arrays"]:
            count = int(np.prod(shape, dtype=np.int64))
            array: Array = np.frombuffer(data, TYPES[kind], count, block).reshape(shape)
            arrays[name] = array
            block += array.nbytes + -array.nbytes % 4
        frames.append(Frame(step=head["step"], arrays=arrays, notes=head["notes"]))
        at += 4 + size
    return frames


def split(data: bytes) -> list[bytes]:
    """Cut packed frames that stand one after the other in `data` apart."""
    frames, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        frames.append(data[at : at + 4 + size])
        at += 4 + size
    return frames


def join(shards: Sequence[Frame]) -> Frame:
    """Put the frames of shards of one race together along the variant axis.

    Raises: ValueError if the shards are not of the same step or hold different arrays.
    """
    first = shards[0]
    for shard in shards[1:]:
        if shard.step != first.step or shard.arrays.keys() != first.arrays.keys():
            raise ValueError(
                f"shards of a frame must share step and arrays, got steps "
                f"{first.step} and {shard.step}, arrays {[*first.arrays]} and {[*shard.arrays]}"
            )
    names = {name: None for shard in shards for name in shard.notes}
    return Frame(
        step=first.step,
        arrays={
            name: np.concatenate([shard.arrays[name] for shard in shards]) for name in first.arrays
        },
        notes={name: [n for shard in shards for n in shard.notes.get(name, [])] for name in names},
    )
