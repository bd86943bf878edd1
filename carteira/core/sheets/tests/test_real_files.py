"""Issue "Real input": the CDNOW customers of Fader & Hardie."""

from pathlib import Path

import pytest

from carteira.core.sheets.reader import open_sheet

DATA = Path(__file__).resolve().parents[4] / "tests" / "data"


@pytest.mark.parametrize(
    ("name", "header", "rows", "first"),
    [
        ("customers", ["customer_id", "registered"], 2357, ["00004", "1997-01-01"]),
        ("payments", ["customer_id", "paid_on", "amount"], 6919, ["00004", "1997-01-01", "29.33"]),
    ],
)
def test_cdnow(name, header, rows, first):
    path = DATA / f"cdnow_sample_{name}.csv"
    with open_sheet(path) as sheet:
        assert (sheet.header, sheet.encoding, sheet.delimiter) == (header, "utf-8", ",")
        items = [item for batch in sheet for item in batch]
    assert [line for line, _ in items] == list(range(2, rows + 2))
    assert items[0] == (2, first)
    assert [",".join(cells) for _, cells in items] == path.read_text().splitlines()[1:]
