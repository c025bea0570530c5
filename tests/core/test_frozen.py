"""Addresses that are out in the world: each preset's canonical query is what it was.

`tests/freeze.py` also compares figures and frames, but frames may differ in their last bits from
one kind of processor to another, so only queries are committed. An intended change, such as a new
knob or preset, is taken over by `python tests/freeze.py --queries`.
"""

import json

from tests.freeze import QUERIES, queries


def test_the_canonical_queries_of_all_pages_and_recordings_are_unchanged():
    assert queries() == json.loads(QUERIES.read_text(encoding="utf-8"))
