"""The papers are true: features name tests that exist, translations are whole, the README stays short."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load_messages():
    spec = importlib.util.spec_from_file_location("messages", ROOT / "scripts" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_string_is_translated():
    """Portuguese and Spanish hold every string of the code, with its placeholders."""
    assert load_messages().missing() == []


def feature_rows() -> list[list[str]]:
    lines = (ROOT / "docs" / "features.md").read_text().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| S\d", line)]


def test_every_test_that_the_features_name_exists():
    rows = feature_rows()
    assert rows
    for row in rows:
        named = re.findall(r"`([\w/.]+\.py)::(\w+)`", row[-1])
        assert named, f"{row[0]} names no test"
        for file, name in named:
            text = (ROOT / file).read_text()
            assert re.search(rf"^(async )?def {name}\b|^    def {name}\b|^class {name}\b", text, re.M), (
                f"{row[0]}: {file}::{name}"
            )


def test_no_row_of_any_kind_names_a_test_that_is_not_there():
    """Ideas, attacks and further promises count as much as the sources' rows."""
    text = (ROOT / "docs" / "features.md").read_text()
    named = set(re.findall(r"`([\w/.]+\.py)(?:::(\w+))?", text))
    missing = [
        f"{file}::{name}"
        for file, name in sorted(named)
        if not (ROOT / file).exists() or (name and not re.search(rf"^def {name}\b", (ROOT / file).read_text(), re.M))
    ]
    assert missing == []


def test_every_promised_row_is_listed():
    """The rows of the first issue, and those of groups and own fields, each once."""
    promised = {"S0-06", "S0-07", *(f"S0-{n:02}" for n in range(9, 15)), *(f"S2-{n:02}" for n in range(2, 8))}
    promised |= {"S2-10", "S2-19", "S2-29", "S2-30"}
    promised |= {"S0-08", "S4-04", *(f"S1-{n:02}" for n in range(8, 15)), *(f"S3-{n:02}" for n in range(1, 18))}
    listed = [row[0] for row in feature_rows()]
    assert promised <= set(listed)
    assert len(listed) == len(set(listed))


def test_all_rows_stand_in_one_table_each_once():
    """A row behind other text is no row where the page is read."""
    lines = (ROOT / "docs" / "features.md").read_text().splitlines()
    rows = [nth for nth, line in enumerate(lines) if line.startswith("|")]
    assert rows == list(range(rows[0], rows[0] + len(rows)))
    assert len({lines[nth] for nth in rows}) == len(rows)


def test_the_readme_fits_two_screens():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80


def test_links_between_papers_lead_somewhere():
    for paper in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "carteira").rglob("README.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", paper.read_text()):
            assert (paper.parent / target).exists(), f"{paper.relative_to(ROOT)} -> {target}"


def test_every_room_tells_what_it_is():
    for room in ("accounts", "customers", "groups", "tasks", "billing", "home", "core"):
        assert (ROOT / "carteira" / room / "README.md").exists(), room
