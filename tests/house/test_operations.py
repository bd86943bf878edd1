"""docs/operations.md tells every variable the program reads, and no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "operations.md").read_text()
# Read or set, but nobody's business who runs the program.
INNER = {"DJANGO_SETTINGS_MODULE", "PGAPPNAME", "PGPASSWORD", "PATH"}
READERS = {"get", "flag", "words", "number", "getenv", "pop", "setdefault"}


def _is_environ(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr in {"environ", "env"}) or (
        isinstance(node, ast.Name) and node.id in {"environ", "env"}
    )


def _name(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return []


def variables() -> set[str]:
    """Names given to os.environ and to the readers of config/env.py, directly or in a collection beside them."""
    found: set[str] = set()
    for file in (ROOT / "carteira").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "/tests/" in str(file) or ("environ" not in text and "env." not in text):
            continue
        indirect = False
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                own = isinstance(node.func, ast.Name) and file.name == "env.py" and node.func.id in READERS
                method = isinstance(node.func, ast.Attribute) and _is_environ(node.func.value)
                if own or (method and node.func.attr in READERS):
                    found.update(_name(node.args[0]))
                    indirect |= not _name(node.args[0])
            elif isinstance(node, ast.Subscript) and _is_environ(node.value):
                found.update(_name(node.slice))
                indirect |= not _name(node.slice)
        if indirect and file.name != "env.py":
            found.update(_collected(tree))
    return found - INNER


def _collected(tree: ast.AST) -> set[str]:
    """Where a name comes out of a tuple or dictionary: all that look like one there."""
    constants = {value for node in ast.walk(tree) for value in _name(node)}
    names = {value for value in constants if re.fullmatch(r"[A-Z]+(_[A-Z]+)+|LANG", value)}
    return {name for name in names if name.startswith(("DATABASE_", "LC_", "LANG", "LD_"))}


def told() -> set[str]:
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", DOCS, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_variable_is_told_and_every_told_one_is_read() -> None:
    found = variables()
    assert {"CARTEIRA_HOME", "PORT", "SIGNUP", "DATABASE_OWNER_URL", "LANG"} <= found, "the search finds too little"
    assert found == told()


def test_every_command_is_told() -> None:
    from carteira.config.listing import commands

    ours = {name for name in commands() if (ROOT / f"carteira/core/management/commands/{name}.py").exists()}
    missing = {name for name in ours - {"demo"} if f"carteira {name}" not in DOCS}
    assert missing == set()
