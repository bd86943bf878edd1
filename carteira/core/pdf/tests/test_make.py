"""Documents are bounded, read nothing but their template, and take text for text."""

import threading
import time

import pytest

from carteira.core.pdf import CannotPrint, make, make_pdf
from carteira.core.pdf.make import soft
from conftest import NOW

PLAIN = (
    "#let data = json(bytes(sys.inputs.data))\n#set document(title: data.title)\n#for line in data.lines [#line \\ ]"
)
HOSTILE = [
    '#panic("interpreted")',
    '#import "@preview/cetz:0.3.0": *',
    "*bold* _slanted_ $ x_1 $ ` raw ` <label> @reference // comment /* more",
    '#sys.inputs.data #read("/etc/passwd")',
    "José Ção ñandú Übermäßig – “aspas”",
    "مرحبا بالعالم שלום עולם \u202eabc\u202c",
    "😀👨‍👩‍👧 🇧🇷 日本語 ไทย",
    "a" * 2000,
    "\u0300" * 300,
    "]]]}}}#[({",
    "",
]


@pytest.fixture
def template(tmp_path):
    def make(text):
        file = tmp_path / "inside" / "document.typ"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return file

    return make


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_taken_for_markup(template, text):
    """A2: whatever is written in a name comes out as that; a document is made in any case."""
    made = make_pdf(template(PLAIN), {"title": text, "lines": [soft(text)]}, at=NOW)
    assert made.startswith(b"%PDF-")


def test_the_same_data_make_the_same_document(template):
    file = template(PLAIN)
    data = {"title": "Fatura", "lines": ["a"]}
    assert make_pdf(file, data, at=NOW) == make_pdf(file, data, at=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "#range(1, 2000000000)",
        "#let f(x) = f(x + 1)\n#f(1)",
        '#read("/../outside.txt")',
        '#read("/etc/passwd")',
        '#import "@preview/cetz:0.3.0": *',
        "#nonsense(",
    ],
)
def test_a_document_that_cannot_be_is_a_sentence(template, tmp_path, text):
    """No memory without end, nothing read beside the template, nothing fetched."""
    (tmp_path / "outside.txt").write_text("secret")
    with pytest.raises(CannotPrint, match="PDF could not be made"):
        make_pdf(template(text), {}, at=NOW)


def test_too_much_and_too_many_are_refused(template, monkeypatch):
    with pytest.raises(CannotPrint, match="too much"):
        make_pdf(template(PLAIN), {"title": "x" * 5_000_000, "lines": []}, at=NOW)
    monkeypatch.setattr(make, "WAIT", 0.01)
    taken = [make._places.acquire(blocking=False) for _ in range(2)]
    try:
        with pytest.raises(CannotPrint, match="Try again"):
            make_pdf(template(PLAIN), {"title": "x", "lines": []}, at=NOW)
    finally:
        for _ in filter(None, taken):
            make._places.release()


def test_many_at_once_do_not_take_every_thread(template, monkeypatch):
    """Somebody who asks for many documents at once keeps one request waiting, not the whole server."""
    monkeypatch.setattr(make, "WAIT", 5)
    taken = [make._places.acquire(blocking=False) for _ in range(2)]
    waiting = threading.Thread(target=make_pdf, args=(template(PLAIN), {"title": "x", "lines": []}), kwargs={"at": NOW})
    try:
        waiting.start()
        while make._queue._value:
            time.sleep(0.01)
        began = time.monotonic()
        with pytest.raises(CannotPrint, match="Try again"):
            make_pdf(template(PLAIN), {"title": "x", "lines": []}, at=NOW)
        assert time.monotonic() - began < 1
    finally:
        for _ in filter(None, taken):
            make._places.release()
        waiting.join()
    assert (make._places._value, make._queue._value) == (2, 1)


def test_a_document_that_takes_too_long_is_given_up(template, monkeypatch):
    monkeypatch.setattr(make, "MOST_SECONDS", 0.001)
    with pytest.raises(CannotPrint):
        make_pdf(template(PLAIN), {"title": "x", "lines": []}, at=NOW)
