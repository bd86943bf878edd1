"""LGPD, reliability P1 and P2, product decision 19: the money stays, the person goes, and a byte search proves it."""

import gzip
import io
import re
import zipfile
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection

from carteira.billing.cancel import cancel_invoice
from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.core.events.models import Event
from carteira.core.files.models import StoredFile, folder_of
from carteira.core.files.store import keep
from carteira.core.pdf import make_pdf
from carteira.core.privacy.files import Found, look
from carteira.core.privacy.holdings import walled_models
from carteira.core.privacy.markers import markers_of
from carteira.core.privacy.models import PersonRequest, PersonTrace
from carteira.core.sheets.models import SheetImport
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.customers import activity
from carteira.customers.anonymise import CannotAnonymise, anonymise
from carteira.customers.archive import archive
from carteira.customers.edit import CannotEdit, edit
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Address, Contact, ContactPoint, Customer, Note
from carteira.customers.person_export import export_person
from carteira.customers.register import register
from carteira.customers.search import best_hits
from conftest import NOW, TODAY

# How the person of these tests may be written, independently of the code that looks for them.
SPELLINGS = [
    *("Conceição Aparecida d'Ávila", "CONCEIÇÃO APARECIDA D'ÁVILA", "conceicao aparecida d'avila", "CONCEICAO"),
    *("Conceição", "conceição", "Aparecida Prado", "aparecida prado"),
    *("conceicao@exemplo.com.br", "CONCEICAO@EXEMPLO", "conceicao%40exemplo", "antiga@exemplo.com.br"),
    *("52998224725", "529.982.247-25", "529 982 247 25"),
    *("terceira@exemplo.com.br", "3133334444", "(31) 3333-4444", "Ouro Preto"),
    *("5511987654321", "11987654321", "(11) 98765-4321", "1187654321", "98765-4321"),
]


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    settings.MAILERS = {
        "default": {
            "BACKEND": "carteira.core.mail_files.EmailBackend",
            "OPTIONS": {"file_path": str(tmp_path / "mail")},
        }
    }


def person(account):
    """Somebody with all a customer can have: former names, archive, invoices with words, payments with notes."""
    made = register(
        account,
        name="Aparecida Prado",
        email="antiga@exemplo.com.br",
        document_kind="cpf",
        document="52998224725",
        phone="+551187654321",
        city="Ouro Preto",
        state="MG",
        code="MAT-77",
        registered_on=TODAY - timedelta(300),
        by=None,
        now=NOW,
    )
    made = edit(
        made,
        name="Conceição Aparecida d'Ávila",
        email="conceicao@exemplo.com.br",
        phone="+5511987654321",
        by=None,
        now=NOW,
    )
    ContactPoint.objects.create(customer=made, kind="phone", value="+553133334444", label="casa da Conceição")
    ContactPoint.objects.create(customer=made, kind="email", value="terceira@exemplo.com.br")
    Address.objects.create(customer=made, label="casa", street="Rua Conceição Aparecida d'Ávila", city="Ouro Preto")
    Contact.objects.create(customer=made, name="Irmã de Aparecida Prado", phone="+5511987654321")
    Note.objects.create(customer=made, text="A Conceição prefere 529.982.247-25 na nota", written_at=NOW)
    paid = invoice_once(
        made, amount=12_345, due_on=TODAY, description="Aula para Conceição Aparecida d'Ávila", by=None, now=NOW
    )
    record_payment(
        made,
        amount=12_345,
        paid_on=TODAY,
        method="pix",
        invoice=paid,
        note="Pix de CONCEIÇÃO APARECIDA D'ÁVILA, CPF 529.982.247-25",
        by=None,
        now=NOW,
    )
    other = invoice_once(made, amount=999, due_on=TODAY, by=None, now=NOW)
    cancel_invoice(other, reason="Conceição Aparecida d'Ávila ligou de (11) 98765-4321", by=None, now=NOW)
    archive(made, note="conceicao@exemplo.com.br não responde", by=None, now=NOW)
    return Customer.objects.get(pk=made.pk)


def sheet_of(rows):
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def uploads():
    """Two imports with the person in the file, one in the name of the file, one without it."""
    line = "Conceição Aparecida d'Ávila;529.982.247-25\n"
    contents = {
        "clientes.csv": ("nome;cpf\n" + line).encode("latin-1"),
        "clientes.xlsx": sheet_of([["nome", "cpf"], ["CONCEIÇÃO APARECIDA D'ÁVILA", "x"]]),
        "Conceição Aparecida d'Ávila.csv": b"nome;cpf\n",
        "outros.csv": "nome;cpf\nJosé da Conceição;\n".encode(),
    }
    for name, content in contents.items():
        file = keep([content], name=name, right="sheets.import", limit=10**6, by=None, now=NOW)
        errors = None
        if name == "outros.csv":
            refused = line.encode("utf-16")
            errors = keep([refused], name="recusadas.csv", right="sheets.import", limit=10**6, by=None, now=NOW)
        SheetImport.objects.create(
            kind="customers",
            file=file,
            file_name=name,
            errors_file=errors,
            error="",
            language="pt-br",
            created_at=NOW,
            finished_at=NOW,
        )


def everything_written(account):
    """Every table of the account as text, and every byte of its files, unpacked."""
    found = {}
    with scope(account.pk), connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM \"{table}\" t")
            found[table] = cursor.fetchone()[0]
    for path in folder_of(account.pk).glob("*"):
        data = path.read_bytes()
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive_:
                data = b"\n".join(archive_.read(name) for name in archive_.namelist())
        found[path.name] = " ".join(data.decode(code, "ignore") for code in ("utf-8", "latin-1", "utf-16"))
    return found


def spelled(text):
    return [spelling for spelling in SPELLINGS if spelling in text]


def test_nothing_personal_is_left_anywhere(cast):
    """P2: all tables as text and all bytes of files, before and after, in every usual spelling."""
    with scope(cast.aurora.pk):
        customer = person(cast.aurora)
        uploads()
        export_person(customer, by=cast.ana, now=NOW)
    before = {place for place, text in everything_written(cast.aurora).items() if spelled(text)}
    assert {"customers_customer", "customers_searchentry", "core_event", "billing_invoice", "billing_payment"} <= before
    assert {"customers_archiveperiod", "core_sheetimport", "core_storedfile"} <= before
    assert len(before) >= 8 + 4, "and files"
    with scope(cast.aurora.pk):
        request = anonymise(customer, by=cast.ana, now=NOW)
    after = {place: spelled(text) for place, text in everything_written(cast.aurora).items() if spelled(text)}
    # Somebody else has the given name for a surname: that file is his.
    assert list(after.values()) in ([["Conceição"]], [["Conceição", "conceição"]])
    assert request.state == "done"
    searched = request.result["searched"]
    assert (searched["left"], searched["elsewhere"]) == ({}, {})
    assert searched["tables"] == len(walled_models())
    assert searched["rows"] > 20
    assert request.result["files"] == 5, "two uploads, one by its name, the refused lines, the export"


def test_the_money_and_every_count_stay(cast):
    """Decision 19: amounts, dates, numbers, states; verify finds nothing."""

    def kept():
        with scope(cast.aurora.pk):
            view = view_of(cast.aurora, now=NOW)
            past = [view_of(cast.aurora, now=NOW, day=TODAY - timedelta(days)) for days in (1, 40)]
            return (
                [activity.counts(one).as_dict() for one in (view, *past)],
                list(Invoice.objects.order_by("id").values("number", "amount", "paid_amount", "due_on", "canceled_on")),
                list(Payment.objects.order_by("id").values("amount", "paid_on", "method", "customer_id")),
                list(Customer.objects.values("id", "number", "kind", "registered_on", "last_paid_on", "archived_on")),
                list(
                    Event.objects.exclude(kind="customer.anonymised").order_by("id").values("id", "kind", "what", "at")
                ),
            )

    with scope(cast.aurora.pk):
        customer = person(cast.aurora)
    before = kept()
    with scope(cast.aurora.pk):
        request = anonymise(customer, by=cast.ana, now=NOW)
        gone = Customer.objects.get(pk=customer.pk)
        assert (gone.name, gone.anonymised_on) == (f"Anonymised customer {gone.number}", TODAY)
        assert (gone.email, gone.document, gone.phone, gone.city, gone.state, gone.code) == ("",) * 6
        assert [hit.title for hit in best_hits(gone.name, 5)] == [gone.name], "the search finds the placeholder"
        assert best_hits("conceicao", 5) == []
        told = Event.objects.get(kind="customer.anonymised")
        assert told.what == {"protocol": request.protocol}
        assert request.protocol == "2026-000001"
    assert kept() == before
    assert list(verify_account(cast.aurora)) == []


def test_it_waits_for_open_money_and_happens_once(cast, make_customer):
    with scope(cast.aurora.pk):
        customer = make_customer(cast.aurora, "Maria Souza")
        invoice = invoice_once(customer, amount=100, due_on=TODAY, by=None, now=NOW)
        with pytest.raises(CannotAnonymise) as refused:
            anonymise(customer, by=None, now=NOW)
        assert "Maria" not in str(refused.value)
        assert [item.key for item in refused.value.pending] == [str(invoice.pk)]
        assert Customer.objects.get(pk=customer.pk).name == "Maria Souza"
        cancel_invoice(invoice, reason="goes", by=None, now=NOW)
        anonymise(customer, by=None, now=NOW)
        with pytest.raises(CannotAnonymise):
            anonymise(customer, by=None, now=NOW)
        with pytest.raises(CannotEdit):
            edit(customer, name="Maria Souza", by=None, now=NOW)
        assert PersonRequest.objects.count() == 1


def test_namesakes_and_shared_phones_stay_and_are_told(cast):
    """Another person with the same name or phone keeps both; the search says in which tables, never who."""
    with scope(cast.aurora.pk):
        customer = person(cast.aurora)
        twin = register(
            cast.aurora, name="Conceição Aparecida D'Avila", phone="+5511987654321", by=None, now=NOW, email="x@y.com"
        )
        request = anonymise(customer, by=None, now=NOW)
        kept = Customer.objects.get(pk=twin.pk)
        assert (kept.name, kept.phone) == ("Conceição Aparecida D'Avila", "+5511987654321")
        searched = request.result["searched"]
        assert searched["left"] == {}
        assert searched["elsewhere"] == {"customers.Customer": 1, "customers.SearchEntry": 1}


def test_next_door_nothing_changes(cast):
    """The twin account holds the same person."""
    with scope(cast.boreal.pk):
        person(cast.boreal)
        uploads()
    before = everything_written(cast.boreal)
    with scope(cast.aurora.pk):
        anonymise(person(cast.aurora), by=None, now=NOW)
    assert everything_written(cast.boreal) == before


def test_what_is_left_is_told(cast):
    """The search bites: a row that is nobody's and names the person is found, with its table."""
    from carteira.accounts.models import Holiday

    with scope(cast.aurora.pk):
        customer = person(cast.aurora)
        Holiday.objects.create(on=date(2027, 1, 4), name="Aniversário de Conceicao Aparecida d'Avila")
        orphan = folder_of(cast.aurora.pk)
        orphan.mkdir(parents=True, exist_ok=True)
        (orphan / "without-a-row").write_text("cpf 529 982 247-25")
        logo = keep(
            [b"<b>Concei&ccedil;&atilde;o Aparecida d&#39;&Aacute;vila</b>"],
            name="x",
            right="",
            limit=999,
            by=None,
            now=NOW,
        )
        request = anonymise(customer, by=None, now=NOW)
        assert request.result["searched"]["left"] == {"accounts.Holiday": 1, "files": 1}
        assert not (orphan / "without-a-row").exists()
        assert StoredFile.objects.filter(pk=logo.pk).exists()


def test_kept_mails_to_the_person_go(cast, tmp_path):
    """Where no mail server is told of, mails are files: encoded ones are read too."""
    from django.core.mail import EmailMessage

    with scope(cast.aurora.pk):
        customer = person(cast.aurora)
        EmailMessage("Olá", "Olá, Conceição", to=["conceicao@exemplo.com.br"]).send()
        EmailMessage("Olá", "para outra pessoa", to=["other@example.com"]).send()
        request = anonymise(customer, by=None, now=NOW)
    assert request.result["mails"] == 1
    texts = [path.read_text() for path in (tmp_path / "mail").glob("*")]
    assert len(texts) == 1
    assert "other@example.com" in texts[0]


def test_traces_hold_nothing_readable_and_notice_a_return(cast):
    """Keyed digests: other account, other digests; a return by document, e-mail or phone is noticed, others are not."""
    from carteira.core.privacy.traces import returned

    with scope(cast.aurora.pk):
        request = anonymise(person(cast.aurora), by=None, now=NOW)
        digests = set(PersonTrace.objects.values_list("digest", flat=True))
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)
        rows = [
            {"document": "52998224725"},
            {"document": "11144477735", "email": "", "phone": ""},
            {"email": "Conceicao@exemplo.com.br"},
            {"phone": "+551187654321"},
            {"phone": "+553133334444"},
        ]
        assert returned(rows) == {0: request, 2: request, 3: request, 4: request}
    with scope(cast.boreal.pk):
        assert returned(rows) == {}
        anonymise(person(cast.boreal), by=None, now=NOW)
        assert not digests & set(PersonTrace.objects.values_list("digest", flat=True))


def a_pdf(customer, tmp_path):
    """A letter to the customer as our own printing makes it: no byte of the name stands in it as such."""
    template = tmp_path / "letter.typ"
    template.write_text("#json(bytes(sys.inputs.data)).name")
    made = make_pdf(template, {"name": f"{customer.name} 529.982.247-25"}, at=NOW)
    assert not spelled(" ".join(made.decode(code, "ignore") for code in ("utf-8", "latin-1", "utf-16")))
    return made


def test_what_no_byte_search_can_read_counts_as_holding_everybody(cast, make_customer, tmp_path):
    """P2: PDFs (ours and uploaded), archives in archives: nobody's go; another customer's stays and is told."""

    def kept(content, name):
        return keep([content], name=name, right="sheets.import", limit=10**6, by=None, now=NOW)

    with scope(cast.aurora.pk):
        customer, other = person(cast.aurora), make_customer(cast.aurora, "Maria Souza")
        pdf = a_pdf(customer, tmp_path)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive_:
            archive_.writestr("files/contrato.pdf", pdf)
        contents = {
            "fatura.pdf": pdf,
            "tudo.zip": packed.getvalue(),
            "junto.pdf": pdf + packed.getvalue(),
            "antigo.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "lista.csv.gz": gzip.compress(b"Conceicao Aparecida d'Avila"),
        }
        for name, content in contents.items():
            SheetImport.objects.create(
                kind="customers", file=kept(content, name), file_name=name, language="pt-br", created_at=NOW
            )
        clean = kept("nome\nJosé\n".encode(), "limpo.csv")
        SheetImport.objects.create(kind="customers", file=clean, file_name="x", language="pt-br", created_at=NOW)
        Customer.objects.filter(pk=other.pk).update(photo=kept(pdf, "contrato-da-maria.pdf"))
        own = kept(pdf, "contrato.pdf")
        Customer.objects.filter(pk=customer.pk).update(photo=own)
        (folder_of(cast.aurora.pk) / "without-a-row").write_bytes(pdf)
        request = anonymise(customer, by=None, now=NOW)
        left = sorted(StoredFile.objects.values_list("name", flat=True))
    assert left == ["contrato-da-maria.pdf", "limpo.csv"]
    assert len(list(folder_of(cast.aurora.pk).iterdir())) == 2
    searched = request.result["searched"]
    assert (searched["left"], searched["elsewhere"], searched["unreadable"]) == ({}, {}, 1)
    shown = cast.client(cast.ana).get(f"/aurora/customers/{customer.pk}/person/").content.decode()
    assert "1 file of another customer (a PDF, say) cannot be searched by a program" in shown


def test_a_mention_beside_an_archive_is_found(cast, tmp_path):
    """In front of it, in its comment, in a member's comment."""
    with scope(cast.aurora.pk):
        markers = markers_of(person(cast.aurora).pk)
    name = "Conceição Aparecida d'Ávila".encode()

    def zipped(front=b"", comment=b"", inner=b""):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.zip"
        with zipfile.ZipFile(path, "w") as archive_:
            archive_.comment = comment
            info = zipfile.ZipInfo("a.txt")
            info.comment = inner
            archive_.writestr(info, "nothing")
        path.write_bytes(front + path.read_bytes())
        return path

    assert look(zipped(), markers) is Found.NOTHING
    assert look(zipped(front=b"plain words"), markers) is Found.NOTHING
    for parts in ({"front": name + b"\n"}, {"comment": name}, {"inner": name}):
        assert look(zipped(**parts), markers) is Found.MENTIONED, parts
