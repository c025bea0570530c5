"""Scripts: a run as plain Python, to be read, taken along and run without this app. Free of torch.

A script is written of templates, in which `$name` stands for a slot.
"""

import ast
import textwrap
from string import Template


def fill(template: str, **slots: object) -> str:
    """Fill a template's slots; a line that is but an empty slot goes."""
    empty = [f"${name}" for name, value in slots.items() if value == ""]
    lines = [line for line in template.splitlines() if line.strip() not in empty]
    return Template("\n".join(lines)).substitute(slots)


def indented(spaces: int, text: str) -> str:
    """Move lines to the right."""
    return textwrap.indent(text.strip("\n"), spaces * " ")


def blocks(*parts: str) -> str:
    """Join the blocks of a script, two blank lines between them; an empty one is left out."""
    return "\n\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def notebook(script: str) -> str:
    """Write a script as a notebook: its docstring as text, then a cell for each block."""
    from nbformat import v4, writes  # the server begins without it

    tree = ast.parse(script)
    said = ast.get_docstring(tree) or ""
    after = tree.body[0].end_lineno or 0
    code = "\n".join(script.splitlines()[after:])
    cells = [v4.new_markdown_cell(said)]
    cells += [v4.new_code_cell(block.strip("\n")) for block in code.split("\n\n\n")]
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place}"  # the same run gives the same file
    made = v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    return str(writes(made))
