"""`carteira --help`: our commands, a line each. Read from the files, so that it needs no database and no
home.
"""

import ast
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]

# In the order in which one meets them; others follow by name.
_FIRST = ("serve", "work", "demo", "create_account", "import_sheet", "export_sheet", "activity", "archive")


def commands() -> dict[str, str]:
    """Name -> what it does."""
    found = {}
    for file in _PACKAGE.glob("*/management/commands/*.py"):
        if not file.name.startswith("_"):
            found[file.stem] = _help_of(file)
    order = {name: number for number, name in enumerate(_FIRST)}
    return dict(sorted(found.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0])))


def text() -> str:
    known = commands()
    width = max(map(len, known)) + 2
    lines = [f"  {name:{width}}{what}" for name, what in known.items()]
    return "\n".join(
        [
            "Carteira: a small business's customers and its money with them, in one place.",
            "",
            "usage: carteira COMMAND [OPTIONS]        carteira COMMAND --help tells more",
            "",
            *lines,
            "",
            "Django's own commands (check, shell, dbshell, makemigrations, ...) work as well.",
            "Exit status: 0 done, 1 nothing could be done or a check failed, 2 wrong usage.",
        ]
    )


def _help_of(file: Path) -> str:
    """The `help` of its Command, else the first line of the file's docstring."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Command":
            for line in node.body:
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "help":
                    return _text_of(line.value)
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _text_of(value: ast.expr) -> str:
    if isinstance(value, ast.Call) and value.args:  # gettext("…")
        value = value.args[0]
    return str(value.value) if isinstance(value, ast.Constant) else ""
