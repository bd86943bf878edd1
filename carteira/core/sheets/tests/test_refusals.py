"""The file of refused lines: readable, harmless, and importable again. reliability A8; issue "Import"."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carteira.core.sheets.reader import BadLine, open_sheet
from carteira.core.sheets.refusals import RefusedLines, is_added

from .making import row, xlsx

ADDED = 2


def read(path):
    with open_sheet(path) as sheet:
        return sheet.header, [item for batch in sheet for item in batch]


@pytest.mark.parametrize("delimiter", [";", ","])
def test_what_is_in_it(tmp_path, delimiter):
    path = tmp_path / "refused.csv"
    with RefusedLines(path, ["nome", "valor", "fone"], delimiter=delimiter) as refused:
        refused.add(7, ["=cmd|x", "-10,00", "+55 11 99999-0000"], "No; such, date")
        refused.add(9, [None, Decimal("1.5"), date(2024, 1, 31)], "x")
        assert refused.count == 2
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfCarteira:")
    assert raw.count(b"\r\n") == 3
    assert b"'=cmd|x" in raw
    assert b"'-10" not in raw
    assert b"'+55" not in raw
    header, items = read(path)
    assert all(map(is_added, header[:ADDED]))
    assert header[ADDED:] == ["nome", "valor", "fone"]
    assert items == [
        (2, ["7", "No; such, date", "=cmd|x", "-10,00", "+55 11 99999-0000"]),
        (3, ["9", "x", None, "1,5" if delimiter == ";" else "1.5", "2024-01-31"]),
    ]


def test_without_refusals_there_is_no_file(tmp_path):
    with RefusedLines(tmp_path / "refused.csv", ["nome"], delimiter=";"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_overwritten(tmp_path):
    path = tmp_path / "refused.csv"
    path.write_text("precious")
    with RefusedLines(path, ["nome"], delimiter=";") as refused, pytest.raises(FileExistsError):
        refused.add(1, ["x"], "y")
    assert path.read_text() == "precious"


def refuse_everything(source, target):
    with open_sheet(source) as sheet, RefusedLines(target, sheet.header, delimiter=";") as refused:
        for batch in sheet:
            for item in batch:
                if isinstance(item, BadLine):
                    refused.add(item.line, item.cells, item.message)
                else:
                    refused.add(*item, "refused")


def test_refused_lines_are_refused_again_until_corrected(write, tmp_path):
    """Too few, too many and broken quotes stay wrong; good lines stay as they were; the added columns do not
    pile up.
    """
    source = write("a.csv", 'nome;valor\n=1+1;10\nAna\nBeto;1;2\n"Zé" x;3\n\'-x;4\n')
    names = [tmp_path / f"{i}.csv" for i in range(3)]
    for name, before in zip(names, [source, *names], strict=False):
        refuse_everything(before, name)
    for name in names:
        header, items = read(name)
        assert len(header) == ADDED + 2
        assert header[ADDED:] == ["nome", "valor"]
        told = [item.code if isinstance(item, BadLine) else item[1][ADDED:] for item in items]
        assert told == [["=1+1", "10"], "too_few", "too_many", "too_few", ["-x", "4"]]
    assert names[1].read_bytes() == names[2].read_bytes()


def test_typed_cells_of_a_sheet(write, tmp_path):
    source = write("a.xlsx", xlsx(row(1, "nome", "valor", "dia") + row(2, "Ana", 1.5, ('s="1"', "<v>45322</v>"))))
    refuse_everything(source, tmp_path / "refused.csv")
    assert read(tmp_path / "refused.csv")[1][0][1][ADDED:] == ["Ana", "1,5", "2024-01-31"]


CELLS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2)


@settings(max_examples=30, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5), st.sampled_from(";,"))
def test_whatever_was_refused_comes_back_the_same(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("refused") / "refused.csv"
    with RefusedLines(path, ["nome", "obs"], delimiter=delimiter) as refused:
        for at, cells in enumerate(rows):
            refused.add(at, cells, "=reason")
    _, items = read(path)
    assert [cells[ADDED:] for _, cells in items] == [[cell or None for cell in cells] for cells in rows]
    assert all(cells[1] == "=reason" for _, cells in items)
