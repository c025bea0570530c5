"""The player as one plain script: browsers load no modules from files."""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import (?:(\{[^}]*\}) from )?"([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def bundle(entry: Path) -> str:
    """Join a module and all that it imports; each stands in a function of its own.

    Raises: ValueError where a module imports or exports in another way than the player's do.
    """
    joined: dict[Path, str] = {}
    _join(entry.resolve(), entry.resolve().parent, joined)
    return "(() => {\n" + "\n".join(joined.values()) + "\n})();\n"


def _join(path: Path, folder: Path, joined: dict[Path, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for _, other in _IMPORT.findall(text):
        if (imported := (path.parent / other).resolve()) not in joined:
            _join(imported, folder, joined)
    exports = ", ".join(_EXPORT.findall(text))

    def names(found: re.Match[str]) -> str:
        """Take what is used of another module; some are imported for what they do."""
        imported = _name((path.parent / found[2]).resolve(), folder)
        return f"const {found[1]} = {imported};" if found[1] else ""

    body = _IMPORT.sub(names, _EXPORT.sub("", text))
    if left := re.search(r"^(?:import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{path.name} must use named imports and exports, got {left[0]!r}")
    joined[path] = (
        f"const {_name(path, folder)} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"
    )


def _name(path: Path, folder: Path) -> str:
    return re.sub(r"\W", "_", str(path.relative_to(folder)))
