"""Who imports whom, against the table in CONTRIBUTING.md; and that nothing private is touched."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "app.py",
    *sorted((ROOT / "pages").rglob("*.py")),
    *sorted((ROOT / "ln_core").rglob("*.py")),
]
# Names that Streamlit and Plotly keep for themselves; classes that begin with `st-key-` are no such
# names, for the documentation of `key` has them.
PRIVATE = re.compile(
    r"_fullData|_fullLayout|calcdata|\b_module\b|\b_plots\b|_rehover|_ownFill|BackMsg|_stcore"
    r"|stHorizontalBlock|stColumn|data-testid|st-emotion|streamlit\.(runtime|proto|web)\b"
)


def room_of(module: str) -> str:
    """Name the room that a module is in, as the table does."""
    first, *rest = module.split(".")
    if first != "ln_core" or not rest:
        return first
    if rest[0] == "recorded":
        return "loader" if rest[1:2] == ["loader"] else "recorded"
    if rest[0] in ("see", "paper") and (ROOT / "ln_core" / rest[0] / "".join(rest[1:2])).is_dir():
        return f"{rest[0]}/x" if rest[1:] else rest[0]
    return rest[0]


def table() -> dict[str, set[str]]:
    """Read who may import whom."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w/]+) \| ?([\w/, ]*)\|$", text, re.MULTILINE)
    return {room: set(others.replace(" ", "").split(",")) - {""} for room, others in rows}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[str]:
    """List the project's modules that a file imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            inside = [f"{node.module}.{name.name}" for name in node.names]
            modules = [name for name in inside if is_module(name)]
            found += modules or [node.module]
    return [name for name in found if name.split(".")[0] in ("app", "ln_core", "pages")]


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_module_imports_only_what_its_room_may(path):
    allowed, own = table(), module_of(path)
    for name in imports(path):
        room, other = room_of(own), room_of(name)
        if room == other and room.endswith("/x"):
            assert name.split(".")[:3] == own.split(".")[:3], f"{own} imports {name}"
        elif room != other:
            assert other in allowed[room], f"{own} ({room}) imports {name} ({other})"


def test_the_table_names_every_room():
    assert {room_of(module_of(path)) for path in FILES} <= table().keys() | {"paper"}


SHIPPED = [*FILES, *sorted((ROOT / "assets" / "player").rglob("*.*"))]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_private_part_of_streamlit_or_plotly_is_touched(path):
    found = PRIVATE.findall(path.read_text(encoding="utf-8"))
    assert not found
