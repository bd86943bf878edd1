"""Issue "Bad input": wrong encodings and NUL bytes."""

import pytest

from carteira.core.sheets.reader import BadLine, SheetError, open_sheet

TEXT = "nome;cidade\nJoão Müller;São Paulo\nPeña;Asunción\n"
ROWS = [(2, ["João Müller", "São Paulo"]), (3, ["Peña", "Asunción"])]


def opened(path):
    with open_sheet(path) as sheet:
        return sheet.encoding, [item for batch in sheet for item in batch]


def refused(path):
    with pytest.raises(SheetError) as caught:
        opened(path)
    return caught.value


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
def test_encodings(write, codec, told):
    assert opened(write("a.csv", TEXT.encode(codec))) == (told, ROWS)


def test_utf16_big_endian(write):
    assert opened(write("a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be"))) == ("utf-16", ROWS)


def test_windows_quotes_and_euro(write):
    encoding, items = opened(write("a.csv", "nome;valor\n“João” – ç;€ 10\n".encode("cp1252")))
    assert (encoding, items) == ("cp1252", [(2, ["“João” – ç", "€ 10"])])


def test_an_accent_late_in_the_file_counts(write):
    encoding, items = opened(write("a.csv", b"nome;x\n" + b"Ana;1\n" * 500_000 + "João;2\n".encode("cp1252")))
    assert encoding == "cp1252"
    assert items[-1] == (500_002, ["João", "2"])


def test_a_single_line_in_another_encoding_is_a_bad_line(write):
    content = TEXT.encode() + "Zé;Belém\n".encode("cp1252") + "Íris;Maceió\n".encode()
    encoding, items = opened(write("a.csv", content))
    assert encoding == "utf-8"
    assert items == [
        *ROWS,
        BadLine(4, "bad_encoding", ["Z\ufffd", "Bel\ufffdm"]),
        (5, ["Íris", "Maceió"]),
    ]


def test_wrong_bytes_after_a_bom_are_bad_lines(write):
    encoding, items = opened(write("a.csv", b"\xef\xbb\xbf" + b"nome;x\nZ\xe9;1\nAna;2\n"))
    assert encoding == "utf-8-sig"
    assert items == [BadLine(2, "bad_encoding", ["Z\ufffd", "1"]), (3, ["Ana", "2"])]


def test_wrong_bytes_in_a_broken_line(write):
    _, items = opened(write("a.csv", TEXT.encode() + b'"Z\xe9" x;1\n'))
    assert items[-1] == BadLine(4, "quotes", ['"Z\ufffd" x;1'])


def test_bytes_that_are_no_text_at_all(write):
    error = refused(write("a.csv", b"nome;x\nAna;1\r\nZ\xe9\x81;1\n"))
    assert (error.code, error.line) == ("encoding", 3)


def test_half_a_character_in_utf16(write):
    error = refused(write("a.csv", TEXT.encode("utf-16") + b"x"))
    assert (error.code, error.line) == ("encoding", 4)


def test_lone_surrogate_in_utf16(write):
    error = refused(write("a.csv", b"\xff\xfe" + "nome;x\nA".encode("utf-16-le") + b"\x00\xd8;\x001\x00"))
    assert (error.code, error.line) == ("encoding", 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_nul_is_told_with_its_line(write, end):
    text = end.join(["nome;x", "Ana;1", '"a', 'b";2', "B\0eto;3", ""])
    error = refused(write("a.csv", text))
    assert (error.code, error.line) == ("nul", 5)
    error = refused(write("b.csv", text.encode("utf-16")))
    assert (error.code, error.line) == ("nul", 5)


def test_nul_far_down(write):
    error = refused(write("a.csv", b"nome;x\r\n" + b"Ana;1\r\n" * 400_000 + b"\0;2\r\n"))
    assert (error.code, error.line) == ("nul", 400_002)


def test_utf16_without_bom_is_told(write):
    assert refused(write("a.csv", TEXT.encode("utf-16-le"))).code == "binary"


def test_endless_line(write):
    error = refused(write("a.csv", b"nome;x\nAna;1\n" + b"x" * 5_000_000))
    assert (error.code, error.line) == ("long_line", 3)
