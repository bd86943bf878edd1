"""Taking a whole import back: what goes, what is put back, what stays and is told; cut off anywhere, twice is once."""

from datetime import date, timedelta
from typing import Any

import pytest

from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment, reverse_payment
from carteira.core.events.models import Event
from carteira.core.sheets import jobs, undo
from carteira.core.sheets.models import SheetImport, SheetLeftover
from carteira.core.sheets.undo import CannotUndo, start_undo
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.customers.edit import edit
from carteira.customers.models import ArchivePeriod, Contact, ContactPoint, Customer, SearchEntry
from carteira.customers.parts import PARTS, add, change, remove
from conftest import NOW, TODAY

LATER = NOW + timedelta(hours=1)


def take_back(account: Any, report: Any, *, by: Any = None) -> SheetImport:
    with scope(account.pk):
        start_undo(report.record, by=by, now=LATER)
    jobs.undo_import(account.pk, import_id=str(report.record.pk))
    with scope(account.pk):
        return SheetImport.objects.get(pk=report.record.pk)


def counts(record: SheetImport) -> tuple[int, ...]:
    assert record.undo_state == "done"
    return tuple(record.undo[name] for name in ("removed", "restored", "reversed", "left"))


def left(account: Any) -> list[tuple[str, str]]:
    with scope(account.pk):
        return list(SheetLeftover.objects.order_by("id").values_list("reason", "what"))


def proven(account: Any) -> None:
    assert list(verify_account(account)) == []


def states(account: Any, *columns: str) -> list[Any]:
    with scope(account.pk):
        return list(Customer.objects.order_by("number").values_list(*columns))


def test_new_customers_go_and_changed_ones_are_as_before(cast, importer, make_customer):
    """Decision 18: as if the file had never come; the twin account does not notice."""
    make_customer(cast.aurora, "Maria", code="A1", city="Recife", document_kind="cpf", document="52998224725")
    make_customer(cast.boreal, "Maria", code="A1", city="Recife")
    columns = ("id", "name", "code", "city", "city_sort", "document", "search", "registered_on", "counted_from")
    before = states(cast.aurora, *columns)
    sheet = "code,name,city,cpf,registered\nA1,Mariana,Natal,111.444.777-35,2020-01-31\nA2,Ana,,,\nA3,Bia,,,\n"
    report = importer(cast.aurora, "customers", sheet, by=cast.ana)
    assert report.counts == (2, 1, 0, 0)
    assert states(cast.aurora, *columns) != before
    done = take_back(cast.aurora, report, by=cast.ana)
    assert counts(done) == (2, 1, 0, 0)
    assert states(cast.aurora, *columns) == before
    with scope(cast.aurora.pk):
        assert SearchEntry.objects.count() == 1
        told = Event.objects.get(kind="import.undone")
        assert (told.by_id, told.what["removed"], told.what["import"]) == (cast.ana.pk, 2, str(done.pk))
    assert len(states(cast.boreal, "id")) == 1
    proven(cast.aurora)
    again = importer(cast.aurora, "customers", sheet)
    assert again.counts == (2, 1, 0, 0), "the file can come again"


def test_what_has_a_life_of_its_own_stays(cast, importer, make_customer):
    make_customer(cast.aurora, "Maria", code="A1", city="Recife", email="maria@example.com")
    report = importer(
        cast.aurora,
        "customers",
        "code,name,city,email\nA1,Mariana,Natal,mariana@example.com\nA2,Ana,,\nA3,Bia,,\nA4,Caio,,\nA5,Dani,,\n",
    )
    with scope(cast.aurora.pk):
        people = {customer.code: customer for customer in Customer.objects.all()}
        edit(people["A1"], city="Olinda", by=cast.ana, now=LATER)
        record_payment(people["A2"], amount=100, paid_on=TODAY, method="pix", by=None, now=LATER)
        archive(people["A3"], by=None, now=LATER)
        edit(people["A4"], name="Carla", by=cast.ana, now=LATER)
    done = take_back(cast.aurora, report)
    assert counts(done) == (1, 1, 0, 4)
    assert states(cast.aurora, "code", "name", "city", "email") == [
        ("A1", "Maria", "Olinda", "maria@example.com"),
        ("A2", "Ana", "", ""),
        ("A3", "Bia", "", ""),
        ("A4", "Carla", "", ""),
    ]
    found = left(cast.aurora)
    assert sorted(reason for reason, _what in found) == ["changed", "hanging", "lived", "lived"]
    assert ("changed", "city") in found
    proven(cast.aurora)


PARTS_SHEET = (
    "code,name,phone 2,further e-mails,contact 1: name,contact 1: role,contact 2: name,in charge (e-mail),"
    "payer (code or document)\n"
    "A1,Maria,11 3333-4444,m2@example.com,Pedro,avô,Paula,beto@example.com,A2\nA2,Ana,,,,,,,\n"
)


def cards(account: Any) -> list[Any]:
    with scope(account.pk):
        columns = ("name", "email", "phone", "owner_id", "search", "search_more")
        return [
            list(Customer.objects.order_by("number").values(*columns)),
            *(list(model.objects.order_by("id").values()) for model in (ContactPoint, Contact)),
        ]


def test_what_was_added_to_a_card_goes_and_who_paid_pays_again(cast, importer, make_customer):
    """Decision 18: further phones and e-mails, contacts, who is in charge, who pays."""
    maria = make_customer(cast.aurora, "Maria", code="A1")
    with scope(cast.aurora.pk):
        edit(maria, owner=cast.ana, by=None, now=NOW)
        add(PARTS["contacts"], maria, name="Pedro", role="pai", by=None, now=NOW)
        add(PARTS["contacts"], maria, name="Rita", is_payer=True, by=None, now=NOW)
    before = cards(cast.aurora)
    report = importer(cast.aurora, "customers", PARTS_SHEET.replace("beto@example.com", cast.beto.email))
    assert report.counts == (1, 1, 0, 0), report.refused
    assert counts(take_back(cast.aurora, report)) == (1, 1, 0, 0)
    assert cards(cast.aurora) == before
    proven(cast.aurora)


def test_what_somebody_changed_on_a_card_since_stays(cast, importer, make_customer):
    maria = make_customer(cast.aurora, "Maria", code="A1")
    make_customer(cast.aurora, "Ana", code="A2")
    report = importer(cast.aurora, "customers", PARTS_SHEET.replace("beto@example.com", cast.beto.email))
    with scope(cast.aurora.pk):
        change(ContactPoint.objects.get(kind="phone"), value="+551133335555", by=cast.ana, now=LATER)
        change(Contact.objects.get(name="Pedro"), phone="+551133336666", by=cast.ana, now=LATER)
        edit(maria, owner=cast.ana, by=cast.ana, now=LATER)
        remove(Contact.objects.get(is_payer=True), by=cast.ana, now=LATER)
    assert counts(take_back(cast.aurora, report)) == (0, 1, 0, 1)
    assert left(cast.aurora) == [("changed", "payer, owner, contacts, points")]
    with scope(cast.aurora.pk):
        assert list(ContactPoint.objects.values_list("value", flat=True)) == ["+551133335555"]
        assert list(Contact.objects.values_list("name", flat=True)) == ["Pedro"]
        assert Customer.objects.get(code="A1").owner_id == cast.ana.pk
    proven(cast.aurora)


def test_codes_that_changed_hands_come_back(cast, importer, make_customer):
    make_customer(cast.aurora, "Maria", code="A1", email="maria@example.com")
    make_customer(cast.aurora, "Ana", code="A2", email="ana@example.com")
    make_customer(cast.aurora, "Bia", code="A3", email="bia@example.com")
    sheet = "email,code\nmaria@example.com,A2\nana@example.com,A1\nbia@example.com,B3\n"
    report = importer(cast.aurora, "customers", sheet, key="email")
    assert report.counts == (0, 3, 0, 0)
    make_customer(cast.aurora, "Dani", code="A3")
    assert counts(take_back(cast.aurora, report)) == (0, 2, 0, 1)
    assert states(cast.aurora, "name", "code") == [("Maria", "A1"), ("Ana", "A2"), ("Bia", "B3"), ("Dani", "A3")]
    assert left(cast.aurora) == [("code", "A3")]


PAYMENTS = f"code,paid on,amount,txid,description\nA1,{TODAY},10.00,E1,x\nA1,{TODAY},20.00,,\nA2,2026-01-05,30.00,,\n"


def test_payments_are_reversed_and_their_invoices_canceled(cast, importer, make_customer):
    """Decision 18: nobody owes anything, nobody has paid anything; and the corrected file can come."""
    make_customer(cast.aurora, "Maria", code="A1")
    make_customer(cast.aurora, "Ana", code="A2", paid=[(TODAY, 700)])
    columns = ("name", "first_paid_on", "last_paid_on", "oldest_due_on", "archived_on")
    before = states(cast.aurora, *columns)
    report = importer(cast.aurora, "payments", PAYMENTS)
    assert report.counts == (3, 0, 0, 0)
    assert counts(take_back(cast.aurora, report)) == (3, 0, 3, 0)
    assert states(cast.aurora, *columns) == before
    with scope(cast.aurora.pk):
        assert sum(Payment.objects.filter(customer__code="A1").values_list("amount", flat=True)) == 0
        canceled = Invoice.objects.filter(canceled_on__isnull=False)
        assert canceled.count() == 3
        assert all(invoice.cancel_reason for invoice in canceled)
        assert Event.objects.filter(kind="payment.import_undone").count() == 2
    proven(cast.aurora)
    assert importer(cast.aurora, "payments", PAYMENTS.replace("10.00", "11.00")).counts == (3, 0, 0, 0)
    assert importer(cast.aurora, "payments", PAYMENTS.replace("10.00", "11.00")).counts == (0, 0, 3, 0)
    proven(cast.aurora)


def archived(account: Any) -> list[Any]:
    with scope(account.pk):
        periods = ArchivePeriod.objects.order_by("customer__number", "from_on")
        days = periods.values_list("customer__code", "from_on", "until_on", "reason", "note")
        return [list(days), list(Customer.objects.order_by("number").values_list("code", "archived_on"))]


@pytest.mark.parametrize(
    ("kind", "sheet"),
    [
        ("payments", f"code,paid on,amount\nA1,{TODAY},10.00\nA2,{TODAY},5.00\n"),
        ("invoices", f"code,number,amount,due date\nA1,N1,10.00,{TODAY}\nA2,N2,5.00,{TODAY}\n"),
    ],
)
def test_whom_an_import_brought_back_goes_back_to_the_archive(cast, importer, make_customer, kind, sheet):
    """Decision 18 and S0-14: with the old day, reason and note; whoever lives on since stays and is told."""
    gone = NOW - timedelta(days=9)
    for code in ("A1", "A2", "A3"):
        customer = make_customer(cast.aurora, code, code=code, registered_on=date(2020, 1, 1))
        with scope(cast.aurora.pk):
            archive(customer, reason="lost", note="Mudou-se", on=cast.aurora.today(gone), by=None, now=gone)
    before = archived(cast.aurora)
    report = importer(cast.aurora, kind, sheet)
    assert [day for _code, day in archived(cast.aurora)[1]] == [None, None, cast.aurora.today(gone)]
    done = take_back(cast.aurora, report)
    assert (done.undo["restored"], done.undo["left"]) == (2, 0)
    assert archived(cast.aurora) == before
    with scope(cast.aurora.pk):
        assert Event.objects.filter(kind="customer.archived_again").count() == 2
    proven(cast.aurora)

    report = importer(cast.aurora, kind, sheet.replace("10.00", "11.00"))
    with scope(cast.aurora.pk):
        lively = Customer.objects.get(code="A1")
        record_payment(lively, amount=700, paid_on=cast.aurora.today(gone), method="pix", by=None, now=LATER)
    done = take_back(cast.aurora, report)
    assert (done.undo["restored"], done.undo["left"]) == (1, 1)
    assert archived(cast.aurora)[1][0][1] is None
    assert [reason for reason, _what in left(cast.aurora)] == ["lively"]
    proven(cast.aurora)


def test_a_payment_taken_back_before_is_left(cast, importer, make_customer):
    make_customer(cast.aurora, "Maria", code="A1")
    make_customer(cast.aurora, "Ana", code="A2")
    report = importer(cast.aurora, "payments", PAYMENTS)
    with scope(cast.aurora.pk):
        reverse_payment(Payment.objects.get(amount=1000), amount=400, by=None, now=LATER)
    assert counts(take_back(cast.aurora, report)) == (2, 0, 2, 1)
    assert [reason for reason, _what in left(cast.aurora)] == ["touched"]
    proven(cast.aurora)


def test_invoices_go_and_moved_due_dates_come_back(cast, importer, make_customer):
    make_customer(cast.aurora, "Maria", code="A1")
    first = "code,number,amount,due date,description\nA1,N1,100.00,2026-12-10,Dezembro\nA1,N2,50.00,2026-12-10,\n"
    importer(cast.aurora, "invoices", first)
    columns = (
        "number",
        "amount",
        "due_on",
        "effective_due_on",
        "description",
        "paid_amount",
        "settled_on",
        "canceled_on",
    )

    def invoices() -> list[Any]:
        with scope(cast.aurora.pk):
            return list(
                Invoice.objects.filter(canceled_on=None, deleted_at=None).order_by("number").values_list(*columns)
            )

    before = invoices()
    second = (
        "code,number,amount,due date,description,paid on,external id\n"
        f"A1,N1,100.00,2026-12-20,Natal,,\nA1,N2,50.00,2026-12-10,,{TODAY},\n"
        f"A1,N3,70.00,2026-11-10,,,X3\nA1,N4,80.00,2026-11-10,,{TODAY},X4\nA1,N5,90.00,2027-03-10,,,X5\n"
    ).replace("2027-03-10,,,X5", "2027-03-10,,,X5")
    report = importer(cast.aurora, "invoices", second)
    assert report.counts == (3, 2, 0, 0), report.refused
    done = take_back(cast.aurora, report)
    assert counts(done) == (3, 1, 2, 0)
    assert invoices() == before
    proven(cast.aurora)
    assert importer(cast.aurora, "invoices", second).counts == (3, 2, 0, 0), "numbers and external ids are free again"
    proven(cast.aurora)


def test_an_invoice_paid_since_stays(cast, importer, make_customer):
    maria = make_customer(cast.aurora, "Maria", code="A1")
    report = importer(
        cast.aurora, "invoices", "code,number,amount,due date\nA1,N1,100.00,2026-11-10\nA1,N2,5.00,2026-11-10\n"
    )
    with scope(cast.aurora.pk):
        invoice = Invoice.objects.get(number="N1")
        record_payment(maria, amount=4000, paid_on=TODAY, method="pix", invoice=invoice, by=None, now=LATER)
    assert counts(take_back(cast.aurora, report)) == (1, 0, 0, 1)
    assert left(cast.aurora) == [("paid", "N1")]
    proven(cast.aurora)


def test_piece_by_piece_cut_off_and_twice(cast, importer, make_customer, monkeypatch):
    """F1: a piece is done or not; going on finds the rest; once done nothing happens any more."""
    monkeypatch.setattr(undo, "_PIECE", 2)
    report = importer(cast.aurora, "customers", "code\n" + "".join(f"{n}\n" for n in range(7)))
    with scope(cast.aurora.pk):
        start_undo(report.record, by=None, now=LATER)
    assert undo.undo_some(cast.aurora, report.record.pk, now=LATER)
    with scope(cast.aurora.pk):
        record = SheetImport.objects.get()
        assert (record.undo["done"], record.undo["total"], Customer.objects.count()) == (2, 7, 5)
        assert record.undo_state == "running"
        start_undo(record, by=None, now=LATER)
    for _twice in range(2):
        jobs.undo_import(cast.aurora.pk, import_id=str(report.record.pk))
    with scope(cast.aurora.pk):
        record = SheetImport.objects.get()
        assert (record.undo["done"], record.undo["removed"], Customer.objects.count()) == (7, 7, 0)
        assert Event.objects.filter(kind="import.undone").count() == 1
        with pytest.raises(CannotUndo):
            start_undo(record, by=None, now=LATER)


def test_a_check_has_nothing_to_take_back(cast, importer):
    report = importer(cast.aurora, "customers", "code\n1\n", dry_run=True)
    with scope(cast.aurora.pk), pytest.raises(CannotUndo):
        start_undo(report.record, by=None, now=LATER)


def test_queries_do_not_grow_with_the_rows(cast, importer, django_assert_max_num_queries):
    def ask(count: int, first: int) -> int:
        rows = "".join(f"{n},Ana,Recife\n" for n in range(first, first + count))
        importer(cast.aurora, "customers", "code,name,city\n" + rows)
        report = importer(cast.aurora, "customers", "code,name,city\n" + rows.replace("Ana", "Bia"))
        with scope(cast.aurora.pk):
            start_undo(report.record, by=None, now=LATER)
        with django_assert_max_num_queries(200) as asked:
            undo.undo_some(cast.aurora, report.record.pk, now=LATER)
        return len(asked.captured_queries)

    assert ask(1, 0) == ask(3, 100)
