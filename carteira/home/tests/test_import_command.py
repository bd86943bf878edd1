"""The command import_sheet, exactly as other tooling calls it: status, last line, refusals."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.verify import counts_add_up, files_are_there
from carteira.core.walls import scope
from carteira.customers.fields.define import add_field
from carteira.customers.fields.models import FieldValue
from carteira.customers.models import Customer
from conftest import NOW

KEYS = ["rows", "created", "updated", "unchanged", "failed", "errors_file", "seconds"]


@pytest.fixture
def command(cast, tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"

    def run(kind: str, content: str | None, *arguments: str, account: str = "aurora") -> dict[str, Any]:
        file = tmp_path / "clientes.csv"
        if content is not None:
            file.write_text(content)
        out = StringIO()
        call_command(
            "import_sheet", kind, str(file), "--account", account, "--json", *arguments, stdout=out, stderr=StringIO()
        )
        return json.loads(out.getvalue().splitlines()[-1])

    return run


def test_the_last_line_is_the_report(cast, command):
    """Done (status 0) also when some lines were refused; the refused lines are a file."""
    report = command("customers", "customer_id,nick,mail\n1,Ana,a@x.br\n2,Bia,nope\n", "--map", "nick=name")
    assert list(report) == KEYS
    assert [report[key] for key in KEYS[:5]] == [2, 1, 0, 0, 1]
    with open(report["errors_file"], encoding="utf-8-sig") as refused:
        assert "nope" in refused.read()
    with scope(cast.aurora.pk):
        assert Customer.objects.get().name == "Ana"
        assert not list(counts_add_up())
        assert not list(files_are_there())
        SheetImport.objects.update(rows=7)
        assert len(list(counts_add_up())) == 1
    again = command("customers", None, "--map", "nick=name")
    assert [again[key] for key in KEYS[:5]] == [2, 0, 0, 1, 1]


def test_a_dry_run_says_what_would_happen(cast, command):
    report = command("customers", "code,name\n1,Ana\n", "--dry-run")
    assert (report["created"], report["errors_file"]) == (1, None)
    with scope(cast.aurora.pk):
        assert not Customer.objects.exists()
        assert SheetImport.objects.get().applied_at is None


def test_the_key_and_columns_left_out(cast, command, make_customer):
    make_customer(cast.aurora, "Ana", email="ana@example.com")
    report = command("customers", "name,email,city\nAna Maria,ana@example.com,X\n", "--key", "email", "--map", "city=")
    assert report["updated"] == 1
    with scope(cast.aurora.pk):
        assert Customer.objects.values_list("name", "city").get() == ("Ana Maria", "")


def test_names_alone_are_enough(cast, command):
    """S0-07: lines without code, document or e-mail are known by their names."""
    assert command("customers", "nome\nAna\nBia\n")["created"] == 2
    assert command("customers", None)["unchanged"] == 2


def test_own_fields_are_called_by_their_labels(cast, command):
    """S1-08: in `--map`; where the column has the label nobody has to say it."""
    with scope(cast.aurora.pk):
        room = add_field(label="Sala de aula", kind="text", by=None, now=NOW)
        add_field(label="Turno", kind="choice", options=["Manhã"], by=None, now=NOW)
    text = "code,room,turno\n1,10,manha\n2,11,noite\n"
    report = command("customers", text, "--map", "room=sala de aula")
    assert (report["created"], report["failed"]) == (1, 1)
    with scope(cast.aurora.pk):
        assert sorted(FieldValue.objects.values_list("said", flat=True)) == ["10", "Manhã"]
        assert SheetImport.objects.get().mapping["room"] == room.name
    with pytest.raises(CommandError, match=r"Fields: .*, Sala de aula, Turno") as refused:
        command("customers", text, "--map", "room=Sala")
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="There is no field"):
        command("customers", text, "--map", "room=sala de aula", account="boreal")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("customers", "code\n1\n", "--map", "nonsense"), 2, "write column=field"),
        (("customers", "code\n1\n", "--map", "code=nonsense"), 2, "There is no field"),
        (("customers", "code\n1\n", "--map", "other=name"), 1, "no column “other”"),
        (("customers", "code\n1\n", "--key", "email"), 1, "No column is"),
        (("customers", "foo\n1\n"), 1, "Say which column is"),
        (("customers", "code,code\n1,1\n"), 1, "appears twice"),
        (("customers", None), 1, "There is no such file"),
        (("payments", "code\n1\n"), 1, "Say which column is"),
    ],
)
def test_nothing_done_or_wrong_usage(cast, command, arguments, status, told):
    """Status 1 when nothing could be done, 2 for arguments that cannot be meant; always one sentence."""
    with pytest.raises(CommandError, match=told) as refused:
        command(*arguments)
    assert refused.value.returncode == status
    with scope(cast.aurora.pk):
        assert not Customer.objects.exists()


def test_no_such_business(command):
    with pytest.raises(CommandError, match="There is no business"):
        command("customers", "code\n1\n", account="nowhere")


def test_a_refusal_is_json_too(cast, command, capsys, tmp_path):
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import_sheet", "customers", str(tmp_path / "x"), "--account", "aurora", "--json", stdout=out)
    assert "error" in json.loads(out.getvalue().splitlines()[-1])


def test_each_account_has_its_own(cast, command):
    """T4: the same file in two accounts: two customers 1."""
    for slug in ("aurora", "boreal"):
        assert command("customers", "code,name\n1,Ana\n", account=slug)["created"] == 1
    for account in (cast.aurora, cast.boreal):
        with scope(account.pk):
            assert Customer.objects.get().number == 1
