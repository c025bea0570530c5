"""The site without a server: its files, its links, and what it does not write over."""

import errno
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from ln_core.experiments import PAGES
from ln_core.paths import FIRST
from ln_core.site import sheets as sheets_module
from ln_core.site import write
from ln_core.site.sheets import address_of, sheets
from ln_core.site.text import Site, markdown
from ln_core.site.write import main
from tests.conftest import SITE
from tests.core.test_saved import frames_in

pytestmark = pytest.mark.slow


class Links(HTMLParser):
    """The addresses that a page names, and the names that it has."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.names |= {given["id"]} if "id" in given else set()
        self.addresses += [given[name] for name in ("href", "src") if name in given]


@pytest.fixture
def quick(monkeypatch):
    """Write no films: they are not what the test is about."""
    monkeypatch.setattr(write, "_write_films", lambda site, folder, processes: None)


def test_every_link_leads_to_a_file_of_the_site_or_to_the_live_lab(site_folder):
    pages = {
        path.name: Links(path.read_text(encoding="utf-8")) for path in site_folder.glob("*.html")
    }
    assert len(pages) > len(SITE)
    for name, page in pages.items():
        for address in page.addresses:
            found = urlsplit(address)
            if found.scheme:
                assert address.startswith("https://lab.example/"), (name, address)
                assert found.path.strip("/") in PAGES, (name, address)
                continue
            assert (site_folder / found.path).is_file(), (name, address)
            if found.fragment:
                assert found.fragment in pages[found.path].names, (name, address)


def test_every_preset_and_every_recording_is_a_film_of_the_site(site_folder):
    for slug in SITE:
        page = PAGES[slug]
        films = (*page.recordings, *page.presets) or (("its own",) if page.experiment else ())
        assert len(sheets(page)) == len(films)
        assert len({sheet.label for sheet in sheets(page)}) == len(films)
        for sheet in sheets(page):
            assert 'id="lnl-film"' in (site_folder / sheet.address).read_text(encoding="utf-8")
    addresses = [sheet.address for page in PAGES.values() for sheet in sheets(page)]
    assert len(set(addresses)) == len(addresses)


def test_a_small_run_of_the_papers_pages_says_what_to_notice_and_links_to_its_live_run(site_folder):
    text = (site_folder / "mnist-small.html").read_text(encoding="utf-8")
    preset = PAGES["mnist"].presets["small"]
    assert preset.notice in text
    assert "Small: Batch size 4" in text
    assert "https://lab.example/mnist?batch_size=4" in text


def test_a_film_holds_the_run_too_that_its_sentence_compares_with(site_folder):
    text = (site_folder / "mnist-hidden.html").read_text(encoding="utf-8")
    assert "&amp;pin=bn_output:on" in text
    assert len(frames_in(text, "pinned")) == PAGES["mnist"].presets["hidden"].pin.frames


def test_the_path_leads_to_its_presets_and_on():
    assert [address_of(stop) for stop in FIRST.stops] == [
        "shared_statistics.html",
        "matrix-two_cases.html",
        "batch_mates.html",
        "batch_mates.html",
        "mlp-online.html",
        "rnn.html",
        "rnn-longer.html",
        "transformer-no_warmup.html",
    ]
    stop = sheets(PAGES["shared_statistics"])[0]
    leads_on = sheets_module._next_stop(stop, Site(slugs=tuple(PAGES)))
    assert '<a href="matrix-two_cases.html">' in leads_on


def test_no_slot_of_a_recording_is_left_open(site_folder):
    for name in ("mnist.html", "sizes.html", "mnist-small.html"):
        text = (site_folder / name).read_text(encoding="utf-8")
        assert "{{" not in text
        assert "data-slot" not in text
        assert "What we measured" in text


def test_lessons_become_html():
    site = Site(slugs=("nearest",))
    text = (
        "**{{best}}** of {{rest}}: $\\mu_a < 1$, [near](nearest), [far](mlp)\n\n| a |\n|---|\n| b |"
    )
    written = markdown(text, {"best": "3"}, site)
    assert '<strong>3</strong> of <span data-slot="rest"></span>' in written
    assert 'data-latex="\\mu_a &lt; 1"' in written
    assert '<a href="nearest.html">near</a>, far' in written
    assert "<td>b</td>" in written


def test_what_needs_computing_is_left_to_the_live_lab(site_folder, tmp_path, quick):
    text = (site_folder / "matrix.html").read_text(encoding="utf-8")
    assert '<a href="https://lab.example/matrix">open the live lab</a>' in text
    link = re.search(r'href="(https://lab.example/matrix\?[^"]+)">Open the live run', text)[1]
    assert "epsilon=" in link
    assert "streamlit run app.py" in sheets_module._lab(PAGES["mlp"], Site(slugs=("mlp",)))


def test_a_folder_that_is_not_empty_is_written_over_only_by_force(tmp_path, capsys, quick):
    (tmp_path / "lab").mkdir()
    own = tmp_path / "lab" / "own.txt"
    own.write_text("mine")
    with pytest.raises(SystemExit):
        main([str(tmp_path / "lab"), "--only", "others"])
    assert "is not empty; --force" in capsys.readouterr().err
    assert [*(tmp_path / "lab").iterdir()] == [own]
    main([str(tmp_path / "lab"), "--only", "others", "--force"])
    assert own.read_text() == "mine"
    assert (tmp_path / "lab" / "others.html").is_file()


@pytest.mark.parametrize("arguments", [["--live", "lab.example"], ["--only", "none"]])
def test_bad_orders_are_refused(tmp_path, arguments):
    with pytest.raises(SystemExit):
        main([str(tmp_path / "lab"), *arguments])
    assert not (tmp_path / "lab").exists()


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch, capsys, quick):
    def fill(site):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(write, "write_home", fill)
    with pytest.raises(SystemExit):
        main([str(tmp_path / "lab")])
    assert "No space left on device" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []
