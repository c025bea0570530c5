"""What people take along of recordings: code, numbers, and the film as a page."""

import io
import json

import nbformat
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.files import recorded_routes
from ln_core.recorded.loader import about, recorded_frames
from ln_core.runs.config import to_query
from tests.core.scripts import check_form

LINK = "https://lab.example/mnist"


@pytest.fixture(scope="module")
def client():
    return TestClient(Starlette(routes=recorded_routes("/lab")))


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_code_of_a_recording_is_that_of_its_config(client, tmp_path, name):
    recording = RECORDINGS[name]
    answer = client.get(f"/lab/recorded/{name}.py", params={"link": LINK})
    assert f'filename="recorded_{name}.py"' in answer.headers["content-disposition"]
    check_form(answer.text, tmp_path / "run.py", 160)
    assert f"SEED = {recording.config.seed}\n" in answer.text
    assert json.dumps(recording.config.variants) in answer.text
    assert f"The recording {name} ({about(name)['date']}) of {LINK} in" in answer.text
    notebook = client.get(f"/lab/recorded/{name}.ipynb").text
    nbformat.validate(nbformat.reads(notebook, as_version=4))


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_numbers_of_a_recording_say_when_and_from_what(client, name):
    recording, answer = RECORDINGS[name], client.get(f"/lab/recorded/{name}.npz")
    frames = recorded_frames(name)
    with np.load(io.BytesIO(answer.content)) as opened:
        told = json.loads(opened["about.json"])
        for array, of in told["arrays"].items():
            assert opened[array].shape == tuple(of["shape"])
            assert len(of["axes"]) == opened[array].ndim
    assert set(told["arrays"]) == {array for frame in frames for array in frame.arrays}
    assert told["recorded"] == about(name)["date"]
    assert told["versions"] == about(name)["versions"]
    assert told["config"] == to_query(recording.config)
    assert bool(told["of single variants"]) == bool(recording.own)


def test_a_recording_is_written_as_a_page(client):
    asked = {"view": {"at": "30"}, "link": LINK}
    page = client.post("/lab/recorded/mnist_4/page", content=json.dumps(asked)).text
    assert f"Recorded on {about('mnist_4')['date']} from a run of Layer Norm Lab" in page
    assert "Batch size 4: recorded in full" in page
    assert f'<a href="{LINK}">' in page
    assert len(page) < 2e6


@pytest.mark.parametrize(
    "asked", ["", "[]", '{"view": {}}', '{"view": {}, "link": "javascript:alert(1)"}']
)
def test_a_page_that_cannot_be_written_is_refused(client, asked):
    assert client.post("/lab/recorded/mnist_4/page", content=asked).status_code == 400


def test_other_sites_and_other_names_get_nothing(client):
    headers = {"origin": "http://elsewhere.example"}
    assert client.post("/lab/recorded/home/page", headers=headers).status_code == 403
    assert client.post("/lab/recorded/none/page").status_code == 404
    for path in ("none.py", "none.npz", "home.exe"):
        assert client.get(f"/lab/recorded/{path}").status_code == 404
