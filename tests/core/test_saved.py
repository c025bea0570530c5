"""Films as pages in one file: what is in them, and how the server is asked for one."""

import base64
import gzip
import json
import re
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest

from ln_core.runs.config import from_query, to_query
from ln_core.runs.frame import unpack
from ln_core.saved.document import Film, write_page, write_shared
from ln_core.saved.script import bundle
from ln_core.serve import ASSETS, PLOTLY
from tests.core.fake_film import COUNT, CountConfig, frames_of
from tests.core.fake_server import serving

LINK = "http://lab.example/count?length=20"


def film(**changes):
    config = CountConfig(length=20)
    given = {"experiment": COUNT, "config": config, "frames": frames_of(config)[0], "title": "T"}
    return Film(**{**given, **changes})


def text_of(page, part):
    return re.search(rf'id="lnl-{part}">(.*?)</script>', page, re.DOTALL)[1]


def frames_in(page, part="film"):
    planes = np.frombuffer(gzip.decompress(base64.b64decode(text_of(page, part))), np.uint8)
    return unpack(planes.reshape(4, -1).T.tobytes())


def test_a_page_holds_the_film_to_four_digits():
    whole = film()
    found = frames_in(write_page(whole))
    assert [frame.step for frame in found] == [frame.step for frame in whole.frames]
    for one, other in zip(found, whole.frames, strict=True):
        np.testing.assert_allclose(one.arrays["count"], other.arrays["count"], rtol=2**-13)


def test_what_is_no_number_stays_so():
    first, *rest = film().frames
    values = np.array([[np.nan, np.inf, -np.inf, 0.0, 3.4e38]], np.float32)
    page = write_page(film(frames=[replace(first, arrays={"count": values}), *rest]))
    np.testing.assert_allclose(frames_in(page)[0].arrays["count"], values, rtol=2**-13)


def test_only_what_is_drawn_is_carried():
    first, *rest = film().frames
    more = {**first.arrays, "unseen": np.zeros((1, 1), np.float32)}
    page = write_page(film(frames=[replace(first, arrays=more), *rest]))
    assert frames_in(page)[0].arrays.keys() == {"count"}


def test_a_page_names_no_file_but_the_live_run():
    page = write_page(film(live=LINK))
    html = re.sub(r'<script type="text/plain".*?</script>', "", page, flags=re.DOTALL)
    assert set(re.findall(r'(?:src|href)="([^"]*)"', html)) == {LINK}
    assert "url(" not in html


def test_a_page_says_when_and_from_what_it_was_recorded():
    page = write_page(film(live=LINK, date="2026-11-28", torch="2.13.0"))
    assert "Recorded on 2026-11-28 from a run of Layer Norm Lab with PyTorch 2.13.0." in page
    assert "<dt>Length</dt><dd>20</dd>" in page
    assert json.loads(text_of(page, "data"))["label"] == "Recorded on 2026-11-28"


def test_a_film_that_was_saved_early_ends_where_it_ends():
    page = write_page(film(frames=film().frames[:5]))
    total = json.loads(text_of(page, "data"))["total"]
    assert (total["frames"], total["steps"]) == (5, 40)
    assert "up to step 40 of 190" in page


def test_texts_cannot_end_what_they_stand_in():
    said = "</script><script>alert(1)</script>"
    page = write_page(film(title=said, line=said, live=f'http://a/"><b>{said}'))
    assert "alert(1)" not in re.sub(r"&lt;script&gt;|\\u003cscript>", "[quoted]", page).replace(
        "[quoted]alert(1)", ""
    )
    assert json.loads(text_of(page, "data"))["line"] == said


def test_pages_of_one_folder_share_style_and_script():
    page = write_page(film(), shared="../")
    assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) == {"../lab.css", "../lab.js"}
    assert write_shared().keys() == {"lab.css", "lab.js"}
    assert len(page) < 60_000


def test_the_script_has_every_module_once():
    script = bundle(ASSETS / "player" / "page.js")
    for module in ("player_js", "film_js", "panels_plot_js"):
        assert script.count(f"const {module} = (() => {{") == 1
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize("line", ['import x from "./b.js";', "export default 1;", "export { a };"])
def test_a_module_of_another_form_is_refused(tmp_path, line):
    (tmp_path / "b.js").write_text("")
    (tmp_path / "a.js").write_text(f"{line}\n")
    with pytest.raises(ValueError, match="named imports and exports"):
        bundle(tmp_path / "a.js")


@pytest.fixture
def client():
    with serving("/lab") as client:
        yield client


def ask(client, **changes):
    asked = {
        "experiment": "count",
        "show": to_query(CountConfig(length=20)),
        "frames": 20,
        "title": "T",
        "line": "",
        "view": {"at": "30"},
        "link": LINK,
    }
    return client.post("/lab/page", content=json.dumps({**asked, **changes}))


def test_the_server_writes_the_film_that_is_on_screen(client):
    answer = ask(client)
    assert answer.status_code == 200
    assert len(frames_in(answer.text)) == 20
    assert json.loads(text_of(answer.text, "data"))["view"] == {"at": "30"}
    assert len(frames_in(ask(client, frames=7).text)) == 7


def test_the_page_has_the_film_of_the_run_that_is_pinned_too(client):
    answer = ask(client, view={"at": "30", "pin": "length:9"}, pinned=9)
    assert answer.status_code == 200
    data = json.loads(text_of(answer.text, "data"))
    assert data["view"] == {"at": "30"}
    assert data["pinned"]["query"] == to_query(CountConfig(length=9))
    assert data["pinned"]["shown"] == to_query(CountConfig(length=20))
    assert data["pinned"]["total"]["frames"] == 9
    assert len(frames_in(answer.text, "pinned")) == 9
    assert len(frames_in(answer.text)) == 20


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"view": {"pin": "length:0"}, "pinned": 1}, "length"),
        ({"experiment": "none"}, "none"),
        ({"link": "javascript:alert(1)"}, "must be an address"),
        ({"frames": "many"}, "many"),
        ({"show": {"fails": "on"}}, "five is too many"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(client, changes, said):
    answer = ask(client, **changes)
    assert answer.status_code == 400
    assert said in answer.text


def test_settings_that_cannot_be_are_refused_in_the_words_of_their_config(client):
    shown = {"length": "0"}
    _, (problem,) = from_query(CountConfig, shown)
    answer = ask(client, show=shown)
    assert answer.status_code == 400
    assert str(problem) in answer.text


def test_other_sites_are_given_no_page(client):
    headers = {"origin": "http://elsewhere.example"}
    assert client.post("/lab/page", content="{}", headers=headers).status_code == 403


def test_plotlys_bundle_is_of_the_version_that_the_package_has():
    whole = distribution("plotly").locate_file("plotly/package_data/plotly.min.js")
    said = Path(str(whole)).read_text(encoding="utf-8")[:200]
    (version,) = re.findall(r"plotly\.js v(\S+)", said)
    assert PLOTLY.name == f"plotly-cartesian-{version}.min.js"
    assert f"v{version}" in PLOTLY.read_text(encoding="utf-8")[:300]
