"""Issue "Bad input and faults" and "Import": ordinary and messy CSV."""

import os
import tracemalloc
from pathlib import Path

import pytest
from django.utils import translation

from carteira.core.sheets.errors import LINE_MESSAGES
from carteira.core.sheets.reader import BadLine, Limits, SheetError, open_sheet


def read(path: Path, **limits: int) -> list:
    with open_sheet(path, limits=Limits(**limits)) as sheet:
        return [item for batch in sheet for item in batch]


def refused(path: Path, **limits: int) -> SheetError:
    with pytest.raises(SheetError) as caught:
        read(path, **limits)
    return caught.value


def bad(items: list) -> list[tuple[int, str]]:
    return [(item.line, item.code) for item in items if isinstance(item, BadLine)]


def test_header_kind_rows_and_lines(write):
    with open_sheet(write("a.csv", " nome , e-mail \nAna,ana@x.com\n\nBeto,\n"), name="clientes.csv") as sheet:
        assert (sheet.name, sheet.kind, sheet.header) == ("clientes.csv", "csv", ["nome", "e-mail"])
        assert (sheet.encoding, sheet.delimiter, sheet.worksheet) == ("utf-8", ",", None)
        assert list(sheet) == [[(2, ["Ana", "ana@x.com"]), (4, ["Beto", None])]]
        assert sheet.progress == 100


def test_header_only_has_no_rows(write):
    assert read(write("a.csv", "nome;valor\n")) == []


def test_sample_reads_ahead_and_loses_nothing(write):
    path = write("a.csv", "n,m\n" + "".join(f"{i},x\n" for i in range(100_000)))
    with open_sheet(path) as sheet:
        assert sheet.sample(3) == [(2, ["0", "x"]), (3, ["1", "x"]), (4, ["2", "x"])]
        assert sheet.progress < 50
        assert len(sheet.sample(1500)) == 1500
        items = [item for batch in sheet for item in batch]
    assert [line for line, _ in items] == list(range(2, 100_002))
    assert all(len(batch) <= 2000 for batch in open_all(path))


def open_all(path: Path) -> list:
    with open_sheet(path) as sheet:
        return list(sheet)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(write, delimiter, end):
    lines = ["nome|valor|obs", "Ana|10|a", "Beto|20|b", ""]
    with open_sheet(write("a.csv", end.join(lines).replace("|", delimiter))) as sheet:
        assert sheet.delimiter == delimiter
        assert list(sheet) == [[(2, ["Ana", "10", "a"]), (3, ["Beto", "20", "b"])]]


def test_semicolons_in_quotes_are_text(write):
    items = read(write("a.csv", 'nome,obs\n"Silva; Ana","a;b;c"\nBeto,"x, y"\n'))
    assert items == [(2, ["Silva; Ana", "a;b;c"]), (3, ["Beto", "x, y"])]


def test_decimal_commas_in_a_semicolon_file(write):
    with open_sheet(write("a.csv", "Nome, completo;Valor\nAna;1.234,56\nBeto;1,50\n")) as sheet:
        assert (sheet.delimiter, sheet.header) == (";", ["Nome, completo", "Valor"])
        assert sheet.sample(1) == [(2, ["Ana", "1.234,56"])]


def test_one_column_keeps_its_commas(write):
    assert read(write("a.csv", "valor\n1,50\n2,75\n")) == [(2, ["1,50"]), (3, ["2,75"])]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", "sep=;\r"])
def test_excels_first_line_names_the_delimiter(write, first):
    with open_sheet(write("a.csv", f"{first}\nnome,x;valor\nAna;1\n")) as sheet:
        assert sheet.header == ["nome,x", "valor"]
        assert list(sheet) == [[(3, ["Ana", "1"])]]


def test_quoted_newlines_keep_the_lines_true(write):
    path = write("a.csv", 'nome,obs\nAna,"um\ndois\r\ntrês"\nBeto,x\n"Caio ""C""","\n"\n')
    assert read(path) == [(2, ["Ana", "um\ndois\r\ntrês"]), (5, ["Beto", "x"]), (6, ['Caio "C"', "\n"])]


def test_quoted_newlines_across_blocks(write):
    text = "n,obs\n" + "".join(f'{i},"{"linha " * 20}\n{i}"\n' for i in range(5000))
    items = read(write("a.csv", text))
    assert [line for line, _ in items] == list(range(2, 10_002, 2))
    assert all(cells == [str(i), "linha " * 20 + f"\n{i}"] for i, (_, cells) in enumerate(items))


def test_blank_lines_are_skipped_and_counted(write):
    assert read(write("a.csv", "\n ; \nnome;valor\n\n;\n ;\t\nAna;1\n")) == [(7, ["Ana", "1"])]


def test_blank_cells_at_the_end_are_fine(write):
    items = read(write("a.csv", "nome;valor;;\nAna;1;;\nBeto;2\nCaio;3;;;;\n"))
    assert items == [(2, ["Ana", "1"]), (3, ["Beto", "2"]), (4, ["Caio", "3"])]


def test_wrong_number_of_cells_is_told_with_its_line(write):
    items = read(write("a.csv", "a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n"))
    assert items == [
        (2, ["1", "2", "3"]),
        BadLine(3, "too_few", ["1", "2"], {"found": 2, "expected": 3}),
        BadLine(4, "too_many", ["1", "2", "3", "4"], {"found": 4, "expected": 3}),
        (5, ["4", "5", "6"]),
    ]
    with translation.override("en"):
        assert str(items[1].message) == "This line has fewer cells (2) than there are columns (3)."


def test_text_after_a_closing_quote_is_one_bad_line(write):
    items = read(write("a.csv", 'a,b\n"João "Zé" Silva",1\nAna,2\n'))
    assert items == [BadLine(2, "quotes", ['"João "Zé" Silva",1']), (3, ["Ana", "2"])]


@pytest.mark.parametrize(
    "broken",
    ['2;"João;20', '2;"João;20\n3;Ana;30', '"2;x;y', '2;";""'],
)
@pytest.mark.parametrize("after", ["4;Bia;40\n", '4;"Bia";40\n', '4;"B";"4"\n5;"";""\n', '4;"a\nb";40\n'])
def test_a_quote_never_closed_takes_no_other_line_along(write, broken, after):
    good = "1;x;10\n" * 3
    items = read(write("a.csv", f"a;b;c\n{good}{broken}\n{after}{good}"))
    assert bad(items) == [(5, "quotes")]
    lines_with_rows = {item[0] for item in items if not isinstance(item, BadLine)}
    total = f"a;b;c\n{good}{broken}\n{after}{good}".count("\n")
    inside = {line + 1 for line, cells in (i for i in items if not isinstance(i, BadLine)) if "\n" in str(cells[1])}
    assert lines_with_rows | inside | {5} == set(range(2, total + 1))


def test_a_quote_never_closed_in_a_long_file(write):
    text = "a;b\n" + "1;x\n" * 400_000
    text = text[:400] + '"' + text[400:]
    items = read(write("a.csv", text))
    assert bad(items) == [(101, "quotes")]
    assert len(items) == 400_000


def test_every_line_with_broken_quotes(write):
    """Each such line opens a text that the next one goes on with: without a budget that takes forever."""
    items = read(write("a.csv", "x,y\n" + '1","Ana\n' * 60_000))
    assert len(items) == 60_000
    assert {code for _, code in bad(items)} == {"quotes"}


def test_quotes_open_until_the_end(write):
    assert bad(read(write("a.csv", 'a,b\n1,"x\n'))) == [(2, "quotes")]


def test_hundred_thousand_characters_in_a_cell(write):
    name = "á" * 100_000
    assert read(write("a.csv", f"nome,x\n{name},1\n")) == [(2, [name, "1"])]


def test_strange_names_survive(write):
    names = ["שלום עולם", "👩‍👩‍👧 Família", "<script>alert(1)</script>", "a\u2028b\x85c", "\u202emoc"]
    items = read(write("a.csv", "nome,x\n" + "".join(f"{name},1\n" for name in names)))
    assert [cells[0] for _, cells in items] == names


def test_apostrophes_of_our_own_files_are_taken_off(write):
    items = read(write("a.csv", "nome,x\n'=1+1,'ok\n'-10,''=a\n"))
    assert items == [(2, ["=1+1", "'ok"]), (3, ["'-10", "'=a"])]


def test_many_bad_lines_stay_in_order_in_small_batches(write):
    path = write("a.csv", "a,b\n" + "1,2\n3\n" * 3000)
    batches = open_all(path)
    assert max(map(len, batches)) == 2000
    items = [item for batch in batches for item in batch]
    assert [item.line if isinstance(item, BadLine) else item[0] for item in items] == list(range(2, 6002))


# --- what concerns the file as a whole


@pytest.mark.parametrize("content", ["", "\n\n\n", " ; ;\n", "\ufeff", "\ufeff\n"])
def test_empty(write, content):
    assert refused(write("a.csv", content)).code == "empty"


@pytest.mark.parametrize("content", ["1,2\n3,4\n", "00004,1997-01-01\n", "Ana,ana@x.com\nBeto,b@x.com\n"])
def test_no_header(write, content):
    error = refused(write("a.csv", content))
    assert (error.code, error.line) == ("no_header", 1)


def test_names_with_an_at_sign_are_names(write):
    with open_sheet(write("a.csv", "Instagram (@),@ no X\nana,b\n")) as sheet:
        assert sheet.header == ["Instagram (@)", "@ no X"]


def test_after_closing_there_are_no_rows(write):
    sheet = open_sheet(write("a.csv", "nome,x\nAna,1\n"))
    assert sheet.sample(5) == [(2, ["Ana", "1"])]
    sheet.close()
    assert list(sheet) == []


def test_duplicated_header(write):
    error = refused(write("a.csv", "\nNome;x; nome \nAna;1;2\n"))
    assert (error.code, error.line, error.column) == ("duplicated_header", 2, 3)
    assert (error.params["name"], error.params["first"]) == ("nome", "1")


def test_data_under_a_blank_name(write):
    error = refused(write("a.csv", "nome;;valor\nAna;;1\nBeto;x;2\n"))
    assert (error.code, error.line, error.column) == ("missing_header", 3, 2)
    assert refused(write("b.csv", "nome;valor;\nAna;1;x\n")).column == 3


def test_a_blank_name_over_nothing_stays_in_place(write):
    with open_sheet(write("a.csv", "nome;;valor\nAna; ;1\n")) as sheet:
        assert sheet.header == ["nome", "", "valor"]
        assert list(sheet) == [[(2, ["Ana", " ", "1"])]]


def test_data_under_a_blank_name_far_down_is_a_bad_line(write):
    items = read(write("a.csv", "nome;;valor\n" + "Ana;;1\n" * 100_000 + "Beto;x;2\nCaio;;3\n"))
    assert bad(items) == [(100_002, "unnamed_column")]
    assert items[-1] == (100_003, ["Caio", None, "3"])


def test_ten_thousand_columns(write):
    header = ",".join(f"c{i}" for i in range(10_000))
    error = refused(write("a.csv", f"{header}\n{',' * 9_999}\n"))
    assert (error.code, error.params) == ("too_many_columns", {"found": 10_000, "limit": 500})


def test_long_header(write):
    assert refused(write("a.csv", f"nome,{'x' * 201}\n")).code == "long_header"


def test_broken_header(write):
    assert refused(write("a.csv", '"nome" x,valor\nAna,1\n')).code == "broken_header"


def test_three_hundred_megabytes_are_refused_at_once(write, tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(300_000_000)
    error = refused(path)
    assert (error.code, error.params) == ("too_large", {"size": 300, "limit": 200})


def test_missing_file_folder_and_pipe(tmp_path):
    assert refused(tmp_path / "none.csv").code == "not_found"
    assert refused(tmp_path).code == "not_a_file"
    os.mkfifo(tmp_path / "pipe.csv")
    assert refused(tmp_path / "pipe.csv").code == "not_a_file"


def test_memory_stays_flat(write):
    """reliability L5: memory does not grow with the file."""
    path = write("a.csv", "nome,valor,obs\n" + "Ana Maria da Silva,1234.50,texto\n" * 100_000)
    tracemalloc.start()
    with open_sheet(path) as sheet:
        rows = sum(len(batch) for batch in sheet)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 100_000
    assert peak < 4_000_000


def test_every_line_message_can_be_said():
    params = {"found": 1, "expected": 2, "place": "C", "column": 3}
    for code in LINE_MESSAGES:
        assert "{" not in str(BadLine(1, code, [], params).message)
