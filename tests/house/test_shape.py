"""The house keeps its shape: imports and foreign keys go down, writes happen in verbs, files stay small."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from importlinter import cli

from tests.urls_table import routes

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "carteira"

# Floors from the ground up (architecture, section 2); rooms on one floor are strangers.
FLOORS = [
    {"core"},
    {"accounts"},
    {"customers", "catalog"},
    {"groups", "tasks"},
    {"conversations"},
    {"billing", "documents"},
    {"subscriptions", "scheduling"},
    {"boards"},
    {"home", "site", "connect"},
    {"config"},
]
ROOMS = {room for rooms in FLOORS for room in rooms}
# The ground floor names the business and the person by settings, as Django does for users.
SWAPPABLE = {"accounts.Account", "accounts.User"}


def floor(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def python_files() -> list[Path]:
    return sorted(file for file in PACKAGE.rglob("*.py") if "migrations" not in file.parts)


def code_files() -> list[Path]:
    return [file for file in python_files() if "tests" not in file.parts and not file.name.startswith("test_")]


def names(files: list[Path]) -> list[str]:
    return [str(file.relative_to(ROOT)) for file in files]


def test_imports_only_go_down():
    assert cli.lint_imports(no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_foreign_keys_only_point_down():
    """Foreign keys given as strings escape the import linter."""
    wrong = []
    for model in apps.get_models():
        if not model.__module__.startswith("carteira."):
            continue
        for field in model._meta.local_fields:
            target = field.remote_field and field.remote_field.model
            if target is None or not target.__module__.startswith("carteira.") or target._meta.label in SWAPPABLE:
                continue
            here, there = model._meta.app_label, target._meta.app_label
            if here != there and floor(there) >= floor(here):
                wrong.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert wrong == []


# Help is everybody's, and so is the page on which an export is waited for (home's README).
ASKED_FROM_BELOW = {"help:page", "help:index", "exports:show"}


def test_names_in_text_only_point_down():
    """Tables in SQL, addresses and templates are named as text, which the import linter does not see either."""
    addresses = {
        name: {pattern.callback.__module__.split(".")[1] for pattern in patterns}
        for name, patterns in routes(settings.ACCOUNT_URLCONF).items()
    }
    tables = {model._meta.db_table: model.__module__.split(".")[1] for model in apps.get_models() if _ours(model)}
    named = re.compile(r"""["'](\w+:\w+)["']|["'](\w+)/screens/|\b(\w+_\w+)\b""")
    wrong = []
    for file in sorted(PACKAGE.rglob("*")):
        inside = file.relative_to(PACKAGE)
        if file.suffix not in {".py", ".html"} or {"migrations", "tests", "config"} & set(inside.parts):
            continue
        room = inside.parts[0]
        for address, template, table in set(named.findall(file.read_text())) if room in ROOMS else ():
            others = addresses.get(address, set()) | ({template} & ROOMS) | ({tables.get(table, room)})
            if address in ASKED_FROM_BELOW or file.name.startswith("test_"):
                continue
            wrong += [f"{inside}: {address or template or table}" for other in others if _is_above(other, room)]
    assert wrong == []


def _ours(model: type) -> bool:
    return model.__module__.startswith("carteira.")


def _is_above(other: str, room: str) -> bool:
    """Or a stranger on the same floor. The ground floor may name whatever accounts are, as settings say."""
    return other != room and floor(other) >= floor(room) and (room, other) != ("core", "accounts")


@pytest.mark.xdist_group("alone")
def test_tests_of_one_group_stay_in_one_worker(request):
    """Tests that share a running program rely on it; a pytest and an xdist that do not fit drop groups in silence."""
    if request.config.getoption("loadgroup", False):
        assert request.node.nodeid.endswith("@alone")


WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}


def test_screens_and_forms_do_not_write():
    """Verbs write; screens, forms, queries and APIs call them."""
    wrong = []
    for file in code_files():
        if "screens" not in file.parts and file.name not in {"forms.py", "queries.py", "api.py", "querysets.py"}:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
                continue
            owner = ast.unparse(node.func.value)
            if ".objects" in owner or (node.func.attr in {"save", "bulk_create"} and not owner.startswith("super()")):
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.func)}")
    assert wrong == []


def test_the_clock_is_read_in_one_place():
    wrong = []
    for file in code_files():
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if re.search(r"\b(datetime\.now|timezone\.now|date\.today|datetime\.today|utcnow)\(", line):
                wrong.append(f"{file.relative_to(ROOT)}:{number}")
    # The backup writes its manifest where Django, hence core.dates, may not be imported.
    allowed = ("carteira/core/dates/", "carteira/core/database/backup.py")
    assert [place for place in wrong if not place.startswith(allowed)] == []


@pytest.mark.parametrize("folder", ["billing", "core/money"])
def test_no_float_near_money(folder):
    """M6: no binary fraction where money is counted."""
    wrong = []
    for file in (PACKAGE / folder).rglob("*.py"):
        if "tests" in file.parts or file.name == "demo.py":  # the demo draws lots with chances
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            is_call = (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"float", "round"}
            )
            if is_call or (isinstance(node, ast.Constant) and isinstance(node.value, float)):
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_files_stay_small():
    """A file that grows past this does two things. Tests may tell long stories."""
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in code_files()}
    assert [name for name, length in lengths.items() if length > 420] == []


def test_nothing_is_left_open():
    left = re.compile(r"\b(TODO|FIXME|XXX)\b|except Exception:\s*pass|print\(.*# debug")
    assert names([file for file in code_files() if left.search(file.read_text())]) == []


def test_templates_escape_and_keep_style_and_script_outside():
    """A2: autoescape stays on, nothing is marked safe, nothing inline (the content policy would refuse it)."""
    wrong = []
    for file in sorted(PACKAGE.rglob("*.html")):
        text = file.read_text()
        for pattern in (
            r"\|\s*safe\b",
            r"autoescape\s+off",
            r"\sstyle=",
            r"\son[a-z]+=",
            r"<style",
            r"<script(?![^>]*\ssrc=)",
        ):
            wrong += [f"{file.relative_to(ROOT)}: {pattern}"] if re.search(pattern, text) else []
    assert wrong == []


@pytest.mark.parametrize("arguments", [("check", "-q"), ("format", "--check", "-q")], ids=lambda a: a[0])
def test_ruff_is_content(arguments):
    result = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_djlint_is_content():
    result = subprocess.run(
        [sys.executable, "-m", "djlint", "--check", "--lint", "--quiet", "carteira"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_registry_hosts_or_secrets_in_tracked_files():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    dot = r"\."
    hosts = re.compile(
        f"pypi{dot}org|pythonhosted{dot}org|registry{dot}npmjs|debian{dot}org|BEGIN (RSA |EC )?PRIVATE KEY"
    )
    wrong = []
    for name in listed.stdout.splitlines():
        file = ROOT / name
        small = file.is_file() and file.stat().st_size < 2_000_000 and file != Path(__file__)
        if small and hosts.search(file.read_bytes().decode(errors="ignore")):
            wrong.append(name)
    assert wrong == []
