"""Imports on screen: upload, columns, progress, report; who may; what a bad file gets to hear."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from carteira.core.files.models import StoredFile
from carteira.core.files.store import plain_name
from carteira.core.files.sweep import sweep
from carteira.core.sheets import jobs, verify
from carteira.core.sheets.forget import forget_files
from carteira.core.sheets.models import SheetImport, SheetMapping
from carteira.core.sheets.registry import kinds
from carteira.core.walls import scope
from carteira.customers.fields.define import UNIQUE, add_field, change_field, remove_field
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.models import Customer
from conftest import NOW

SHEET = "código;nome;e-mail\n1;Ana;ana@example.com\n2;Bia;nope\n".encode()


@pytest.fixture(autouse=True)
def _own_files(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def ana(cast):
    return cast.client(cast.ana)


def upload(client, content=SHEET, kind="customers", name="clientes.csv", **more):
    return client.post(f"/aurora/imports/new/{kind}/", {"file": SimpleUploadedFile(name, content)}, **more)


def latest(account):
    with scope(account.pk):
        return SheetImport.objects.order_by("-created_at", "-id").first()


def work(account):
    """What the worker would do."""
    record = latest(account)
    jobs.import_file(account.pk, import_id=str(record.pk))
    return latest(account)


def names(account):
    with scope(account.pk):
        return list(Customer.objects.order_by("number").values_list("code", "name", "email"))


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_from_file_to_report(cast, ana):
    """S0-07: upload, guessed columns, job, report with the refused lines as a file."""
    answer = upload(ana)
    record = latest(cast.aurora)
    assert answer.headers["Location"] == f"/aurora/imports/{record.pk}/columns/"
    page = ana.get(answer.headers["Location"]).content.decode()
    for told in (
        '<option value="code" selected>',
        '<option value="email" selected>',
        "ana@example.com",
        "clientes.csv",
    ):
        assert told in page
    answer = ana.post(
        f"/aurora/imports/{record.pk}/columns/",
        {"column-0": "code", "column-1": "name", "column-2": "email", "key": "", "act": "import"},
    )
    assert answer.headers["Location"] == f"/aurora/imports/{record.pk}/"
    page = ana.get(f"/aurora/imports/{record.pk}/").content.decode()
    assert f'hx-get="/aurora/imports/{record.pk}/"' in page
    assert names(cast.aurora) == []
    done = work(cast.aurora)
    assert (done.created, done.failed, done.by_id) == (1, 1, cast.ana.pk)
    assert names(cast.aurora) == [("1", "Ana", "ana@example.com")]
    page = ana.get(f"/aurora/imports/{record.pk}/").content.decode()
    assert "hx-get" not in page.split("<main")[1].split("</main>")[0]
    assert f"/aurora/imports/{record.pk}/refused/" in page
    assert '<td class="cell-main">3</td>' in page, "the first refused lines are told at once"
    assert '/aurora/imports/new/payments/">' in page.split("<main")[1], "whoever brought customers lacks their payments"
    answer = ana.get(f"/aurora/imports/{record.pk}/refused/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.reader(io.StringIO(body(answer).decode("utf-8-sig")), delimiter=";"))
    assert rows[1][0] == "3"
    assert rows[1][2:] == ["2", "Bia", "nope"]
    assert "clientes.csv" in ana.get("/aurora/imports/").content.decode()


def test_the_bar_asks_until_it_is_done(cast, ana):
    upload(ana)
    record = latest(cast.aurora)
    ana.post(f"/aurora/imports/{record.pk}/columns/", {"column-0": "code", "act": "import"})
    here = f"/aurora/imports/{record.pk}/"
    bar = ana.get(here, headers={"hx-request": "true"}).content.decode()
    assert bar.strip().startswith('<div class="progress-block"')
    work(cast.aurora)
    answer = ana.get(here, headers={"hx-request": "true"})
    assert (answer.content, answer.headers["HX-Refresh"]) == (b"", "true")


def test_a_check_then_the_import(cast, ana):
    upload(ana)
    first = latest(cast.aurora)
    ana.post(f"/aurora/imports/{first.pk}/columns/", {"column-0": "code", "column-1": "name", "act": "check"})
    done = work(cast.aurora)
    assert (done.dry_run, done.created, names(cast.aurora)) == (True, 2, [])
    page = ana.get(f"/aurora/imports/{first.pk}/").content.decode()
    assert 'value="start"' in page
    assert "/imports/new/payments/" not in page.split("<main")[1], "first what was checked, then the payments"
    answer = ana.post(f"/aurora/imports/{first.pk}/again/", {"act": "start"})
    second = latest(cast.aurora)
    assert second.pk != first.pk
    assert answer.headers["Location"] == f"/aurora/imports/{second.pk}/"
    done = work(cast.aurora)
    assert (done.dry_run, done.created) == (False, 2)
    assert names(cast.aurora) == [("1", "Ana", ""), ("2", "Bia", "")]


def test_an_import_cannot_be_started_twice(cast, ana):
    upload(ana)
    record = latest(cast.aurora)
    for _time in range(2):
        ana.post(f"/aurora/imports/{record.pk}/columns/", {"column-0": "code", "act": "import"})
    work(cast.aurora)
    again = ana.post(f"/aurora/imports/{record.pk}/columns/", {"column-0": "name", "act": "import"})
    assert again.headers["Location"] == f"/aurora/imports/{record.pk}/"
    assert work(cast.aurora).mapping == {"código": "code"}
    # Only a check turns into an import by a click; a finished import offers the same file with other columns.
    ana.post(f"/aurora/imports/{record.pk}/again/", {"act": "start"})
    assert latest(cast.aurora).state == "new"


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ({"column-0": "code", "column-1": "code"}, "cannot all be"),
        ({}, "Say which column is the name"),
        ({"column-0": "name", "key": "document"}, "No column is"),
        ({"column-0": "name", "key": "nonsense"}, "The key is one of"),
        ({"column-0": "number"}, "Say which column is the name"),
    ],
)
def test_columns_that_do_not_fit_are_told(cast, ana, posted, told):
    upload(ana)
    cast.ana.language = "en"
    cast.ana.save()
    record = latest(cast.aurora)
    answer = ana.post(f"/aurora/imports/{record.pk}/columns/", {**posted, "act": "import"})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert latest(cast.aurora).state == "new"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, "not a table"),
        (b"a,b\x00\n1,2\n", "NUL"),
        (b"name,name\nAna,1\n", "appears twice"),
        (b"name,\nAna,1\n", "has no name"),
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n", "10000 columns"),
        (b"<html><body>no</body></html>", "web page"),
        (b"PK\x03\x04" + b"\x00" * 100, "damaged"),
    ],
    ids=["empty", "picture", "nul", "twice", "unnamed", "wide", "html", "zip"],
)
def test_files_that_are_no_sheets(cast, ana, content, told):
    """Bad input: a sentence and 422, no import, nothing left on disk."""
    cast.ana.language = "en"
    cast.ana.save()
    answer = upload(ana, content)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert latest(cast.aurora) is None
    with scope(cast.aurora.pk):
        assert not StoredFile.objects.exists()


def test_more_than_can_be_read_is_refused(cast, ana, monkeypatch):
    from dataclasses import replace

    from carteira.core.sheets import receive
    from carteira.core.sheets.reader import Limits

    monkeypatch.setattr(receive, "Limits", lambda: replace(Limits(), file_bytes=20))
    assert upload(ana).status_code == 422
    assert latest(cast.aurora) is None
    assert not [path for path in _files() if path.is_file()]
    with scope(cast.aurora.pk):
        assert not StoredFile.objects.exists()


def _files():
    from django.conf import settings

    return list(settings.FILES_ROOT.rglob("*"))


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("FILES_PER_ACCOUNT", 1, "This business keeps 1 file, as many as it may."),
        ("STORAGE_PER_ACCOUNT", len(SHEET) + 10, "There is no room for this file"),
        ("UPLOADS_PER_HOUR", 1, "This business has uploaded 1 file within this hour."),
    ],
)
def test_an_account_has_its_share_of_the_disk(cast, ana, settings, setting, value, sentence):
    """A9: one sign-up does not fill the disk of all; the neighbour's share is its own."""
    setattr(settings, setting, value)
    assert upload(ana).status_code == 302
    refused = upload(ana)
    assert (refused.status_code, sentence in refused.content.decode()) == (422, True)
    assert len([path for path in _files() if path.is_file()]) == 1
    theirs = cast.client(cast.dora).post("/boreal/imports/new/customers/", {"file": SimpleUploadedFile("a.csv", SHEET)})
    assert theirs.headers["Location"].startswith("/boreal/imports/")
    for account in (cast.aurora, cast.boreal):
        with scope(account.pk):
            assert (StoredFile.objects.count(), list(verify.files_are_there())) == (1, [])


def test_no_file_chosen(cast, ana):
    assert ana.post("/aurora/imports/new/customers/").status_code == 422
    assert ana.get("/aurora/imports/new/nonsense/").status_code == 404


def test_scripts_in_cells_and_names_stay_text(cast, ana):
    """A2: column names, cells and file names are shown, never run."""
    upload(ana, b"code,<script>x</script>\n1,<img src=x onerror=y>\n", name="<b>bold<!--.csv")
    record = latest(cast.aurora)
    page = ana.get(f"/aurora/imports/{record.pk}/columns/").content.decode()
    assert "<script>x" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;x" in page
    assert "<b>bold" not in ana.get("/aurora/imports/").content.decode()


def test_who_may(cast):
    """A viewer may not import; sales may import customers but not payments (they may not record any)."""
    caio, sofia = cast.client(cast.caio), cast.client(cast.sofia)
    assert caio.get("/aurora/imports/").status_code == 403
    assert upload(caio).status_code == 403
    assert upload(sofia).status_code == 302
    assert upload(sofia, kind="payments").status_code == 403
    assert "/new/payments/" not in sofia.get("/aurora/imports/").content.decode()
    assert latest(cast.aurora).kind == "customers"


def test_somebody_elses_import_is_not_there(cast, ana):
    upload(ana)
    record = latest(cast.aurora)
    dora = cast.client(cast.dora)
    for page in ("", "columns/", "refused/"):
        assert dora.get(f"/boreal/imports/{record.pk}/{page}").status_code == 404
    assert dora.post(f"/boreal/imports/{record.pk}/again/", {"act": "start"}).status_code == 404


def test_a_file_that_is_gone(cast, ana):
    upload(ana)
    record = latest(cast.aurora)
    with scope(cast.aurora.pk):
        record.file.path.unlink()
    answer = ana.get(f"/aurora/imports/{record.pk}/columns/")
    assert answer.headers["Location"] == "/aurora/imports/new/customers/"


def test_what_the_file_is_to_blame_for_is_told_on_the_page(cast, ana):
    """A file that turns out wrong while it is read: not imported, said why, columns can be chosen again."""
    upload(ana)
    record = latest(cast.aurora)
    ana.post(f"/aurora/imports/{record.pk}/columns/", {"column-0": "code", "act": "import"})
    with scope(cast.aurora.pk):
        record.file.path.write_bytes(b"something,else\n1,2\n")
    failed = work(cast.aurora)
    assert failed.state == "failed"
    page = ana.get(f"/aurora/imports/{record.pk}/").content.decode()
    assert failed.error
    assert failed.error[:10] in page


def test_our_own_mistake_is_told_too(cast, ana, monkeypatch, caplog):
    upload(ana)
    record = latest(cast.aurora)
    ana.post(f"/aurora/imports/{record.pk}/columns/", {"column-0": "code", "act": "import"})
    monkeypatch.setattr("carteira.core.sheets.jobs.run", lambda *_, **__: 1 / 0)
    assert work(cast.aurora).state == "failed"
    assert "ZeroDivisionError" in caplog.text
    assert names(cast.aurora) == []


def test_a_silent_import_can_be_started_again(cast, ana):
    upload(ana)
    record = latest(cast.aurora)
    ana.post(f"/aurora/imports/{record.pk}/columns/", {"column-0": "code", "act": "import"})
    with scope(cast.aurora.pk):
        SheetImport.objects.update(noted_at=NOW.replace(year=2020))
    assert 'value="restart"' in ana.get(f"/aurora/imports/{record.pk}/").content.decode()
    ana.post(f"/aurora/imports/{record.pk}/again/", {"act": "restart"})
    assert 'value="restart"' not in ana.get(f"/aurora/imports/{record.pk}/").content.decode()
    assert work(cast.aurora).state == "done"


@pytest.mark.parametrize("language", ["pt-br", "es", "en"])
def test_example_files_can_be_imported_as_they_are(cast, ana, language, importer):
    """Their columns are recognised in the reader's language, and no line is refused."""
    cast.ana.language = language
    cast.ana.save()
    for kind in ("customers", "payments", "invoices"):
        answer = ana.get(f"/aurora/imports/new/{kind}/example/")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        with override(language):
            report = importer(cast.aurora, kind, answer.content, language=language)
        assert report.counts == (2, 0, 0, 0), report.refused
        offered = {field.name for field in kinds.get(kind).fields if not field.ours and not field.part_of}
        assert set(report.record.mapping.values()) == offered


@pytest.mark.parametrize("language", ["pt-br", "es", "en"])
def test_the_example_has_own_fields_too(cast, ana, language, importer):
    """S1-08: one of each type; required and different for everybody are no hindrance."""
    cast.ana.language = language
    cast.ana.save()
    with scope(cast.aurora.pk):
        for kind in Kind:
            options = {"options": ["A, B", "C"]} if kind in CHOSEN else {}
            add_field(
                label=f"Campo {kind}", kind=kind, unique=kind in UNIQUE, required=True, by=None, now=NOW, **options
            )
        add_field(label="E-mail", kind=Kind.TEXT, by=None, now=NOW)
    answer = ana.get("/aurora/imports/new/customers/example/")
    with override(language):
        report = importer(cast.aurora, "customers", answer.content, language=language)
    assert report.counts == (2, 0, 0, 0), report.refused
    with scope(cast.aurora.pk):
        assert set(report.record.mapping.values()) >= {field.name for field in Field.objects.all()}
        assert FieldValue.objects.values("field", "customer").distinct().count() == 2 * (len(Kind) + 1)


def test_own_fields_are_offered_checked_remembered_and_named_in_the_report(cast, ana):
    """S1-08: on the screens of an import; a remembered column whose field is gone is left out."""
    with scope(cast.aurora.pk):
        room = add_field(label="Sala", kind=Kind.TEXT, by=None, now=NOW)
        add_field(label="TENANT_A", kind=Kind.TEXT, by=None, now=NOW)
    assert "<li>Sala" in ana.get("/aurora/imports/new/customers/").content.decode()
    upload(ana, b"Quem;Sala\nAna;10\n")
    record = latest(cast.aurora)
    assert record.mapping == {"Sala": room.name}
    page = ana.get(f"/aurora/imports/{record.pk}/columns/").content.decode()
    assert f'<option value="{room.name}" selected>Sala</option>' in page
    said = {"column-0": "name", "column-1": room.name}
    ana.post(f"/aurora/imports/{record.pk}/columns/", {**said, "act": "check"})
    work(cast.aurora)
    page = ana.get(f"/aurora/imports/{record.pk}/").content.decode()
    assert "<div>Sala: <ins>10</ins></div>" in page
    ana.post(f"/aurora/imports/{record.pk}/again/", {"act": "start"})
    assert work(cast.aurora).state == "done"
    with scope(cast.aurora.pk):
        assert FieldValue.objects.get().said == "10"
        change_field(room, label="Classe", by=None, now=NOW)
    upload(ana, b"Quem;Sala\nBia;11\n")
    assert latest(cast.aurora).mapping == {"Quem": "name", "Sala": room.name}, "whatever it is called by now"
    assert "Classe" in ana.get("/aurora/imports/columns/").content.decode()
    record = latest(cast.aurora)
    with scope(cast.aurora.pk):
        remove_field(room, by=None, now=NOW)
    ana.post(f"/aurora/imports/{record.pk}/columns/", {**said, "act": "import"})
    with scope(cast.aurora.pk):
        assert SheetImport.objects.get(pk=record.pk).mapping == {"Quem": "name"}, "no longer on offer: left out"
    upload(ana, b"Sala;Quem\n1;Bia\n")
    assert latest(cast.aurora).mapping == {"Quem": "name"}
    assert "TENANT_A" not in cast.client(cast.dora).get("/boreal/imports/new/customers/").content.decode()


def test_files_are_kept_for_a_month_and_leftovers_for_a_day(cast, ana, settings):
    upload(ana)
    record = latest(cast.aurora)
    with scope(cast.aurora.pk):
        path = record.file.path
        stray = path.parent / "stray"
        stray.write_bytes(b"left by a killed upload")
        import os

        os.utime(stray, (0, 0))
        assert sweep(cast.aurora, record.created_at) == 1
        assert path.exists()
        assert forget_files(cast.aurora, record.created_at) == 0
        assert forget_files(cast.aurora, record.created_at.replace(year=record.created_at.year + 1)) == 1
        assert not path.exists()
        assert SheetImport.objects.get().file is None
    assert ana.get(f"/aurora/imports/{record.pk}/").status_code == 302


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.csv", "a.csv"),
        ("a\u202egpj.csv", "agpj.csv"),
        ("x" * 300 + ".csv", "x" * 100 + ".csv"),
        ("", "file"),
        ("\r\nX: y.csv", "X: y.csv"),
    ],
)
def test_no_part_of_a_name_misleads(given, kept):
    """A9: the name is for showing; the path is random."""
    assert plain_name(given) == kept


def test_a_check_shows_old_and_new(cast, ana, make_customer):
    """Before anybody confirms: counts, and some of what would change, old → new."""
    make_customer(cast.aurora, "Maria", code="1")
    upload(ana)
    record = latest(cast.aurora)
    ana.post(f"/aurora/imports/{record.pk}/columns/", {"column-0": "code", "column-1": "name", "act": "check"})
    work(cast.aurora)
    page = ana.get(f"/aurora/imports/{record.pk}/").content.decode()
    assert "<del>Maria</del> → <ins>Ana</ins>" in page
    assert "Bia" in page, "a new one"
    assert "Take this import back" not in page


def test_an_import_is_taken_back_on_screen(cast, ana):
    """Product decision 18, on the import's own page."""
    upload(ana)
    record = latest(cast.aurora)
    here = f"/aurora/imports/{record.pk}/"
    ana.post(f"{here}columns/", {"column-0": "code", "column-1": "name", "act": "import"})
    work(cast.aurora)
    assert "Take this import back" in ana.get(here).content.decode()
    assert ana.post(f"{here}undo/").headers["Location"] == here
    bar = ana.get(here, headers={"hx-request": "true"}).content.decode()
    assert 'class="progress-block"' in bar
    jobs.undo_import(cast.aurora.pk, import_id=str(record.pk))
    assert ana.get(here, headers={"hx-request": "true"}).headers["HX-Refresh"] == "true"
    assert "This import was taken back on" in ana.get(here).content.decode()
    assert names(cast.aurora) == []
    assert ana.get(f"{here}left/").status_code == 200
    sofia = cast.client(cast.sofia)
    upload(ana, b"code;paid on;amount\n", kind="payments")
    assert sofia.post(f"/aurora/imports/{latest(cast.aurora).pk}/undo/").status_code == 403, (
        "not somebody else's business"
    )
    assert cast.client(cast.dora).post(f"{here}undo/").status_code == 404


def test_columns_said_once_are_remembered(cast, ana):
    """Saved columns: proposed for a file with the same names, in whatever order; named, renamed, forgotten."""
    sheet = "Aluno nº;Quem é\n7;Ana\n".encode()
    upload(ana, sheet)
    record = latest(cast.aurora)
    body = {"column-0": "code", "column-1": "name", "act": "check", "name": "Secretaria"}
    ana.post(f"/aurora/imports/{record.pk}/columns/", body)
    upload(ana, "QUEM É;aluno nº\nBia;8\n".encode())
    again = latest(cast.aurora)
    assert again.mapping == {"QUEM É": "name", "aluno nº": "code"}
    assert "Secretaria" in ana.get(f"/aurora/imports/{again.pk}/columns/").content.decode()
    upload(ana, sheet, kind="payments")
    assert latest(cast.aurora).mapping == {}, "of another kind nothing is known"
    page = ana.get("/aurora/imports/columns/").content.decode()
    assert "Secretaria" in page
    with scope(cast.aurora.pk):
        saved = SheetMapping.objects.get()
    ana.post(f"/aurora/imports/columns/{saved.pk}/", {"act": "rename", "name": " Alunos  2026 "})
    assert "Alunos 2026" in ana.get("/aurora/imports/columns/").content.decode()
    ana.post(f"/aurora/imports/columns/{saved.pk}/", {"act": "rename", "name": "  "})
    ana.post(f"/aurora/imports/columns/{saved.pk}/", {"act": "forget"})
    with scope(cast.aurora.pk):
        assert not SheetMapping.objects.exists()
    dora = cast.client(cast.dora)
    assert "Secretaria" not in dora.get("/boreal/imports/columns/").content.decode()
