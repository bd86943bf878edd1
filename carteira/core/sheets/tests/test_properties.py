"""Any table of texts, written in any way a program writes CSV, is read back the same, with the right
lines.
"""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carteira.core.sheets import csv_rows
from carteira.core.sheets.cells import restore
from carteira.core.sheets.problems import Problem
from carteira.core.sheets.reader import open_sheet

# Letters that Windows-1252 has and that never look like UTF-8, and what makes CSV hard.
HARD = 'áçÃõÑéÜ aZ09.-\'""",;\t|\r\n\n='
CELL = st.text(HARD, max_size=12)
ANY_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]
LAYOUT = st.tuples(
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)


def tables(cell):
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(cell, min_size=width, max_size=width), max_size=12)
    )


def written(rows, layout):
    """(text, rows expected with their lines)."""
    delimiter, end, quoting = layout
    width = len(rows[0]) if rows else 2
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow([f"coluna{i}" for i in range(width)])
    expected = []
    for row in rows:
        line = lines_in(out.getvalue()) + 1
        writer.writerow(row)
        if any(cell.strip() for cell in row):
            expected.append((line, [restore(cell) or None for cell in row]))
    return out.getvalue(), expected


def lines_in(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def read_here(content: bytes):
    """In this process: the child's code without the child."""
    table = csv_rows.open_text(io.BytesIO(content), len(content), columns=500)
    rows = []
    for batch, _ in table.batches:
        assert batch.bad == []
        rows += zip(batch.lines, batch.rows, strict=True)
    return table, rows


@given(tables(CELL), LAYOUT, st.sampled_from(ENCODINGS))
@settings(max_examples=150, deadline=None)
def test_reads_back_what_was_written(rows, layout, encoding):
    text, expected = written(rows, layout)
    table, found = read_here(text.encode(encoding))
    assert found == expected
    if len(table.header.names) > 1:
        assert table.delimiter == layout[0]
    if not text.isascii():
        assert table.encoding == encoding


@given(tables(ANY_CELL), LAYOUT, st.sampled_from(ENCODINGS[:3]))
@settings(max_examples=100, deadline=None)
def test_reads_back_any_text(rows, layout, encoding):
    text, expected = written(rows, layout)
    assert read_here(text.encode(encoding))[1] == expected


@given(tables(CELL), LAYOUT, st.sampled_from(ENCODINGS))
@settings(max_examples=15, deadline=None)
def test_reads_back_through_the_child(rows, layout, encoding):
    text, expected = written(rows, layout)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode(encoding))
        with open_sheet(path) as sheet:
            assert [item for batch in sheet for item in batch] == expected


@given(
    tables(CELL).filter(lambda rows: rows and len(rows[0]) > 1),
    LAYOUT,
    st.integers(1, 40),
)
@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("block", [64, 1000])
def test_blocks_of_any_size_make_no_difference(block, rows, layout, times):
    text, expected = written(rows * times, layout)
    before, csv_rows.BLOCK = csv_rows.BLOCK, block
    try:
        assert read_here(text.encode())[1] == expected
    finally:
        csv_rows.BLOCK = before


@given(st.text(HARD + '"\'"', max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_rows_bad_lines_or_a_problem(text):
    """No line is lost and none is told twice."""
    content = ("coluna1,coluna2\n" + text).encode()
    try:
        table = csv_rows.open_text(io.BytesIO(content), len(content), columns=500)
        lines: list[int] = []
        for batch, _ in table.batches:
            merged = [[line] for line in batch.lines]
            for at, line, *_ in batch.bad:
                merged.insert(at, [line])
            lines += [line for [line] in merged]
    except Problem:
        return
    assert lines == sorted(set(lines))
    assert all(2 <= line <= lines_in(content.decode()) + 1 for line in lines)


@given(tables(CELL).filter(bool), st.binary(min_size=1, max_size=3), st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_stray_bytes_are_told_or_read_as_windows_text(rows, stray, at):
    content = written(rows, (";", "\n", csv.QUOTE_MINIMAL))[0].encode()
    content = content[: at % len(content)] + stray + content[at % len(content) :]
    try:
        table = csv_rows.open_text(io.BytesIO(content), len(content), columns=500)
        for batch, _ in table.batches:
            "".join(cell or "" for cells in batch.rows for cell in cells).encode()
            "".join(cell for bad in batch.bad for cell in bad[4]).encode()
    except Problem:
        pass
