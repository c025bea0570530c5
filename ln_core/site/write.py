"""Write the site: `python -m ln_core.site FOLDER`.

All is written into a folder beside it first and then moved: where something goes wrong, as on a
full disk, nothing is left of it.
"""

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from pathlib import Path

from ln_core.experiments import PAGES
from ln_core.paths import FIRST
from ln_core.runs.worker import spawn_pool
from ln_core.saved.document import write_shared
from ln_core.serve import ASSETS
from ln_core.site.sheets import HOME, Sheet, sheets, write_home, write_sheet, write_text
from ln_core.site.text import Site


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the site that the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m ln_core.site", description="Write the lab as a site of plain files."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--live", default="", help="address of a live lab, which pages link to")
    parser.add_argument("--only", nargs="+", choices=PAGES, metavar="PAGE", default=[*PAGES])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--force", action="store_true", help="write over what the folder has")
    order = parser.parse_args(arguments)
    if order.live and not order.live.startswith(("http://", "https://")):
        parser.error(f"--live must be an address, http or https, got {order.live!r}")
    if order.folder.exists() and not order.folder.is_dir():
        parser.error(f"{order.folder} must be a folder, and is a file")
    if not order.force and order.folder.is_dir() and any(order.folder.iterdir()):
        parser.error(f"{order.folder} is not empty; --force writes over what it has")
    try:
        slugs = tuple(slug for slug in PAGES if slug in order.only)
        write_site(order.folder, Site(slugs=slugs, live=order.live.rstrip("/")), order.processes)
    except OSError as error:
        parser.exit(1, f"The site could not be written: {error}\n")


def write_site(folder: Path, site: Site, processes: int) -> None:
    """Write all pages and what they share.

    Raises: OSError if that cannot be written; the folder is then as it was.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _write_films(site, aside, processes)
        _write_rest(site, aside)
        _move(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_films(site: Site, folder: Path, processes: int) -> None:
    """Have the films made and written, those that take longest first."""
    films = [sheet for slug in site.slugs for sheet in sheets(PAGES[slug])]
    films.sort(key=lambda sheet: sheet.is_recorded or sheet.page.file.startswith("see"))
    with spawn_pool(processes) as pool:
        at_work = {pool.submit(_write_film, sheet, folder, site): sheet for sheet in films}
        try:
            _follow(at_work)
        except BaseException:  # Ctrl-C too: nobody waits for what is not wanted
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _write_film(sheet: Sheet, folder: Path, site: Site) -> None:
    (folder / sheet.address).write_text(write_sheet(sheet, site), encoding="utf-8")


def _follow(at_work: dict[Future[None], Sheet]) -> None:
    """Print on one line how far it is, until all are done."""
    begun = time.monotonic()
    for done, future in enumerate(as_completed(at_work), 1):
        future.result()
        said = f"{done} of {len(at_work)} films, {time.monotonic() - begun:.0f} s"
        print(f"\r{said}: {at_work[future].address:40}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _write_rest(site: Site, folder: Path) -> None:
    """Write home, texts, what all pages share, and the pictures of the path."""
    texts = {
        f"{slug}.html": write_text(PAGES[slug], site)
        for slug in site.slugs
        if not sheets(PAGES[slug])
    }
    for name, text in {HOME: write_home(site), **texts, **write_shared()}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "images").mkdir()
    for picture, _ in (stop.image for stop in FIRST.stops):
        shutil.copyfile(ASSETS / "images" / picture, folder / "images" / picture)


def _move(aside: Path, folder: Path) -> None:
    for path in sorted(aside.rglob("*")):
        target = folder / path.relative_to(aside)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
