"""The nearest sentences as a script: it reads the recorded nets and the texts. Free of torch."""

import json

from ln_core.data.sentences import LENGTH
from ln_core.paper.skip_thoughts.code import TEXTS
from ln_core.paper.skip_thoughts.nearest.config import NearestConfig
from ln_core.recorded.loader import about
from ln_core.runs.script import blocks, fill

LINE = 80  # letters of a sentence on one line
HEAD = '''
"""The sentences whose vectors lie nearest to one's, by skip-thoughts without and with Layer Norm.

$origin
It runs by itself, with torch and numpy, and prints the cosines and sentences of the page.
It reads the app's own texts and nets: where they are, say with --data FOLDER and --nets FILE.
"""

import argparse
import bz2
import itertools
import re
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

SENTENCE = $sentence
NETS = {"none": "GRU", "layer": "LN-GRU"}
WORDS, LENGTH = $words, $length  # words: known, and read of a sentence
NOTHING, UNKNOWN = 0, 1  # codes that are no words


parser = argparse.ArgumentParser()
parser.add_argument("--data", default="assets/data")
parser.add_argument("--nets", default="assets/recorded/skip_thoughts.npz")
given, _ = parser.parse_known_args()  # a notebook has arguments of its own
'''

ENCODE = '''
def norm(net, part, a):
    """Normalize the gates' sums and the candidate's, each on its own; or only add the bias."""
    gain, bias = (net.get(f"encoder.{part}_{name}") for name in ("gain", "bias"))
    if gain is None:
        return a if bias is None else a + bias[0]
    width = a.shape[-1] // 3
    parts = [functional.layer_norm(of, of.shape[-1:]) for of in a.split([2 * width, width], -1)]
    return torch.cat(parts, -1) * gain[0] + bias[0]


def encode(net, sentences):
    """Read sentences (N, LENGTH) with a GRU; give its states after their last words."""
    x = norm(net, "x", net["words"][sentences.T] @ net["encoder.x_weights"][0])
    width = x.shape[-1] // 3
    h, states = x.new_zeros(len(sentences), width), []
    for a in x:
        b = norm(net, "h", h @ net["encoder.h_weights"][0])
        z, r = torch.sigmoid((a + b)[:, : 2 * width]).chunk(2, -1)
        h = torch.lerp(h, torch.tanh(a[:, 2 * width :] + r * b[:, 2 * width :]), z)
        states.append(h)
    last = (sentences != NOTHING).sum(1) - 1
    return torch.stack(states)[last, torch.arange(len(sentences))]
'''

FIND = """
texts = [*load_texts(), ("asked", "", [SENTENCE])]
shelf = [(one, title) for part, title, text in texts if part == "test" for one in text]
codes, first = np.unique(torch.cat(encoded(texts, "test")).numpy(), axis=0, return_index=True)
codes, shelf = torch.from_numpy(codes), [shelf[place] for place in first]
allowed = [place for place, (_, title) in enumerate(shelf) if $allowed]
tokens = tokens_of(SENTENCE)[:LENGTH]
asked = encoded(texts, "asked")[0].repeat(len(tokens) + 1, 1)  # without each word, then whole
asked[range(len(tokens)), range(len(tokens))] = UNKNOWN
with np.load(given.nets) as recorded:
    nets = {name: torch.from_numpy(recorded[name]).float() for name in recorded.files}
for variant, name in NETS.items():
    net = {key.removeprefix(f"{variant}."): nets[key] for key in nets if key.startswith(variant)}
    thoughts = torch.cat([encode(net, some) for some in codes.split(500)])
    vectors = functional.normalize(thoughts - thoughts.mean(0), dim=1)  # what all share is off
    *others, whole = functional.normalize(encode(net, asked) - thoughts.mean(0), dim=1)
    print(name)
    for token, other in zip(tokens, others):
        print(f"turns by {(1 - other @ whole).clamp(min=0):.4f} without: {token}")
    best = (vectors[allowed] @ whole).topk(min(len(allowed), $listed))
    for cosine, place in zip(best.values, best.indices):
        print(f"cosine {cosine:.4f}: {' | '.join(shelf[allowed[place]])}")
"""
ALLOWED = {  # titles of addresses begin with a year
    "all": "True",
    "novel": "not title[0].isdigit()",
    "address": "title[0].isdigit()",
}


def code(config: NearestConfig, origin: str) -> str:
    """Write the script of a sentence; `origin` says where its picture is to be seen."""
    head = fill(
        HEAD,
        origin=origin,
        sentence=quoted(config.sentence),
        words=about("skip_thoughts")["config"]["words"],
        length=LENGTH,
    )
    find = fill(FIND, allowed=ALLOWED[config.among], listed=config.listed)
    return blocks(head, TEXTS, ENCODE, find)


def quoted(text: str) -> str:
    """Write a text as Python, on more than one line where it is long."""
    parts = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    written = [
        repr(part) if part.count('"') > part.count("'") else json.dumps(part, ensure_ascii=False)
        for part in parts
    ]
    return written[0] if len(written) == 1 else "\n    ".join(["(", *written]) + "\n)"
