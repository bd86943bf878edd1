"""Money through the browser's requests: what a clerk does, what is refused, what nobody else may reach."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.billing import queries
from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment, reverse_payment
from carteira.core.form_keys import new_key
from carteira.core.walls import scope
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from conftest import NOW, TODAY

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def bill(account, customer, amount=15_000, due_on=TODAY - WEEK, **more):
    with scope(account.pk):
        return invoice_once(
            customer, amount=amount, due_on=due_on, issue_on=min(due_on, TODAY), by=None, now=NOW - WEEK, **more
        )


def written(invoice=None, **more):
    """What the payment's form sends."""
    return {
        "key": str(new_key(NOW)),
        "invoice": str(invoice.pk) if invoice else "new",
        "amount": "150,00",
        "paid_on": "2026-11-21",
        "method": "pix",
        "note": "",
        **more,
    }


def pay_url(customer):
    return f"/aurora/billing/customers/{customer.pk}/pay/"


def rows(account):
    with scope(account.pk):
        return list(
            Payment.objects.order_by("pk").values_list("amount", "paid_on", "method", "invoice__number", "note")
        )


def oldest_due(account):
    with scope(account.pk):
        return Customer.objects.get().oldest_due_on


def test_the_form_opens_with_the_oldest_open_invoice_and_its_balance(cast, make_customer):
    """Record payment: default the oldest open one, today, the method used last."""
    customer = make_customer(cast.aurora, paid=[(date(2026, 11, 2), 500)])
    later = bill(cast.aurora, customer, due_on=TODAY)
    older = bill(cast.aurora, customer, amount=123_456)
    form = cast.client(cast.beto).get(pay_url(customer)).context["form"]
    assert form.initial["invoice"] == str(older.pk)
    assert (form.initial["amount"], form.initial["paid_on"], form.initial["method"]) == (
        "1.234,56",
        "2026-11-21",
        "pix",
    )
    offered = [value for value, _label in form.fields["invoice"].widget.choices]
    assert offered == [str(older.pk), str(later.pk), "new"]


def test_a_payment_is_recorded_told_and_undone(cast, make_customer):
    """The toast names the amount and offers to undo: a reversing row, nothing erased."""
    customer = make_customer(cast.aurora)
    invoice = bill(cast.aurora, customer)
    client = cast.client(cast.beto)
    sent = client.post(pay_url(customer), written(invoice, note="No balcão"), follow=True)
    assert sent.redirect_chain == [(f"/aurora/customers/{customer.pk}/", 302)]
    assert "R$\xa0150,00" in str(next(iter(sent.context["messages"])))
    assert rows(cast.aurora) == [(15_000, TODAY, "pix", "1", "No balcão")]
    undo = next(iter(sent.context["messages"])).extra_tags
    client.post(undo, follow=True)
    assert [row[0] for row in rows(cast.aurora)] in ([15_000, -15_000], [-15_000, 15_000])
    assert "150,00" in client.get(f"/aurora/customers/{customer.pk}/tab/payments/").text


def test_htmx_goes_to_the_card_or_shows_the_form_again(cast, make_customer):
    customer = make_customer(cast.aurora)
    client = cast.client(cast.beto, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/aurora/"})
    done = client.post(pay_url(customer), written())
    assert (done.status_code, done["HX-Redirect"]) == (200, f"/aurora/customers/{customer.pk}/")
    refused = client.post(pay_url(customer), written(amount="1,234", note="fica"))
    assert refused.status_code == 422
    assert "<html" not in refused.text
    assert 'value="1,234"' in refused.text
    assert 'value="fica"' in refused.text
    chosen = client.get(pay_url(customer), {"invoice": "new", "amount": "7,77", "note": "fica", "method": "cash"})
    assert 'value="7,77"' in chosen.text
    assert 'value="fica"' in chosen.text


def test_sent_twice_is_booked_once(cast, make_customer):
    """A double click, or the browser's back button: the second is told and adds nothing; other content asks again."""
    customer = make_customer(cast.aurora)
    client = cast.client(cast.beto)
    form = written()
    first = client.post(pay_url(customer), form)
    with time_machine.travel(NOW + timedelta(seconds=2), tick=False):
        second = client.post(pay_url(customer), form, follow=True)
        changed = client.post(pay_url(customer), {**form, "amount": "99,00"})
        assert (first.status_code, changed.status_code) == (302, 422)
        assert len(rows(cast.aurora)) == 1
        assert [message.level_tag for message in second.context["messages"]][-1] == "info"
        new = changed.context["form"]["key"].value()
        assert new != form["key"]
        client.post(pay_url(customer), {**form, "amount": "99,00", "key": new})
    assert [row[0] for row in rows(cast.aurora)] == [15_000, 9_900]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", ""),
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "1,234"),
        ("amount", "US$ 10"),
        ("amount", "9" * 40),
        ("amount", "150,01"),
        ("paid_on", "2026-11-22"),
        ("paid_on", "31/02/2026"),
        ("paid_on", ""),
        ("method", "gold"),
        ("invoice", "nonsense"),
        ("note", "x" * 501),
        ("note", "a\x00b"),
        ("key", "nonsense"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(cast, make_customer, field, value):
    """A sentence beside the field, what was typed stays, nothing is written."""
    customer = make_customer(cast.aurora)
    invoice = bill(cast.aurora, customer)
    sent = cast.client(cast.beto).post(pay_url(customer), {**written(invoice), field: value})
    assert sent.status_code == 422
    assert sent.context["form"].errors
    if field != "invoice":
        assert sent.context["form"][field].value() == value
    assert rows(cast.aurora) == []


def test_script_tags_are_only_text(cast, make_customer):
    customer = make_customer(cast.aurora)
    client = cast.client(cast.beto)
    client.post(pay_url(customer), written(note="<script>alert(1)</script>"))
    page = client.get(f"/aurora/customers/{customer.pk}/tab/payments/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_amount_is_read_in_the_readers_language(cast, make_customer):
    """1.500,00 and 1,500.00 have one meaning each; what the form suggests can be sent as it stands."""
    customer = make_customer(cast.aurora)
    invoice = bill(cast.aurora, customer, amount=123_456)
    cast.beto.language = "en"
    cast.beto.save()
    client = cast.client(cast.beto)
    suggested = client.get(pay_url(customer)).context["form"].initial["amount"]
    assert suggested == "1,234.56"
    assert client.post(pay_url(customer), written(invoice, amount=suggested)).status_code == 302
    assert rows(cast.aurora)[0][0] == 123_456


def test_a_one_off_invoice_makes_delinquent_and_waits_when_scheduled(cast, make_customer):
    """S2-07, S2-21, S2-23: by hand, at once overdue when its day has passed; a later issue day waits."""
    customer = make_customer(cast.aurora)
    url = f"/aurora/billing/customers/{customer.pk}/invoice/"
    client = cast.client(cast.beto)
    sent = {"key": str(new_key(NOW)), "amount": "80", "due_on": "2026-11-10", "issue_on": "2026-11-01"}
    assert client.post(url, {**sent, "description": "Uniforme"}).status_code == 302
    assert oldest_due(cast.aurora) == date(2026, 11, 10)
    later = {"key": str(new_key(NOW)), "amount": "80", "due_on": "2026-12-10", "issue_on": "2026-12-01"}
    assert client.post(url, later).status_code == 302
    assert client.post(url, later).status_code == 302
    wrong = client.post(url, {**later, "key": str(new_key(NOW)), "due_on": "2026-11-30"})
    assert wrong.status_code == 422
    with scope(cast.aurora.pk):
        made = Invoice.objects.order_by("issue_on").values_list("number", "description", "amount")
        assert list(made) == [("1", "Uniforme", 8_000), ("", "", 8_000)]


def test_taking_back_on_screen(cast, make_customer):
    """Part as refund, the rest as chargeback; sent twice counts once; a mistake is undone as a whole."""
    make_customer(cast.aurora, paid=[(TODAY - WEEK, 10_000), (TODAY - WEEK, 500)])
    with scope(cast.aurora.pk):
        payment, slip = Payment.objects.order_by("-amount")
    client = cast.client(cast.beto)
    url = f"/aurora/billing/payments/{payment.pk}/reverse/"
    form = {"key": str(new_key(NOW)), "kind": "refund", "amount": "30,00", "on": "2026-11-20", "note": "Desconto"}
    for _ in range(2):
        assert client.post(url, form).status_code == 302
    assert client.get(url).context["form"].initial["amount"] == "70,00"
    refused = client.post(url, {**form, "key": str(new_key(NOW)), "amount": "70,01"})
    assert refused.status_code == 422
    assert client.post(url, {**form, "key": str(new_key(NOW)), "kind": "owed", "amount": "70"}).status_code == 302
    assert client.get(url).context["refused"]
    wrong = {**form, "key": str(new_key(NOW)), "kind": "mistake", "amount": "1"}
    slip_url = f"/aurora/billing/payments/{slip.pk}/reverse/"
    assert client.post(slip_url, wrong).status_code == 422
    assert client.post(slip_url, {**wrong, "amount": "5"}).status_code == 302
    with scope(cast.aurora.pk):
        assert sorted(Payment.objects.values_list("amount", flat=True)) == [-7_000, -3_000, -500, 500, 10_000]
        assert payment.invoice.balance == 7_000
        assert slip.invoice.canceled_on == TODAY - WEEK


def test_canceling_on_screen_and_its_undo(cast, make_customer):
    """Decision 5: with a reason; the toast brings it back."""
    customer = make_customer(cast.aurora)
    invoice = bill(cast.aurora, customer)
    client = cast.client(cast.beto)
    url = f"/aurora/billing/invoices/{invoice.pk}/cancel/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    done = client.post(url, {"reason": "Desistiu"}, follow=True)
    assert oldest_due(cast.aurora) is None
    assert client.post(url, {"reason": "Desistiu"}).status_code == 422
    client.post(next(iter(done.context["messages"])).extra_tags)
    assert oldest_due(cast.aurora) == invoice.effective_due_on


def fill(account, customer, count):
    """`count` open invoices, paid ones, refunds and part payments."""
    with scope(account.pk):
        for _ in range(count):
            options = {"by": None, "now": NOW}
            due = TODAY - WEEK
            open_one = invoice_once(customer, amount=900, due_on=due, issue_on=due, by=None, now=NOW - WEEK)
            record_payment(customer, amount=300, paid_on=TODAY, method="pix", invoice=open_one, **options)
            paid = record_payment(customer, amount=700, paid_on=TODAY - WEEK, method="cash", **options)
            reverse_payment(paid, amount=100, owed_again=False, **options)


@pytest.mark.parametrize(
    "page",
    [
        "/customers/{0}/",
        "/customers/{0}/tab/payments/",
        "/billing/customers/{0}/invoices/",
        "/billing/customers/{0}/pay/",
    ],
)
def test_pages_ask_the_same_however_much_there_is(cast, make_customer, page):
    """A card with one row and with three asks the same, at most twelve questions."""
    client = cast.client(cast.beto)
    asked = []
    for name, count in (("Um", 1), ("Três", 3)):
        customer = make_customer(cast.aurora, name)
        fill(cast.aurora, customer, count)
        url = "/aurora" + page.format(customer.pk)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        asked.append([query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]])
    assert len(asked[0]) == len(asked[1]) <= 12, "\n".join(asked[1])


def tab_view(account):
    return view_of(account, now=NOW)


def test_the_card_sums_up_and_pages_on(cast, make_customer):
    """S2-20, S2-31: paid in all, open, overdue; every debt; older rows follow by htmx and as a page; as of a day only what was."""
    customer = make_customer(cast.aurora)
    fill(cast.aurora, customer, 6)
    client = cast.client(cast.caio)
    url = f"/aurora/customers/{customer.pk}/tab/payments/"
    tab = client.get(url).context["tab"]
    totals = tab["totals"]
    assert (totals.paid, totals.open, totals.overdue, totals.debts) == (5_400, 3_600, 3_600, 6)
    assert [row.balance for row in tab["debts"]] == [600] * 6
    with scope(cast.aurora.pk):
        first = queries.invoices(customer.pk, tab_view(cast.aurora), size=8)
    assert (len(tab["invoices"]), len(tab["payments"])) == (12, 18)
    rest = client.get(f"/aurora/billing/customers/{customer.pk}/invoices/", {"older": str(first[1])})
    assert len(rest.context["rows"]) == 4
    seen = {row.pk for row in first[0]} | {row.invoice.pk for row in rest.context["rows"]}
    assert len(seen) == 12
    then = client.get(url, {"as_of": str(TODAY - WEEK)}).context["tab"]
    assert (then["totals"].paid, then["totals"].open, then["totals"].overdue) == (4_200, 5_400, 0)
    assert not then["may_record"]


def test_all_debts_and_what_comes_next(cast, make_customer):
    """S2-31, S1-15: Main says what is overdue with the buttons that act; Payments lists every debt, and the next due."""
    customer = make_customer(cast.aurora)
    old = bill(cast.aurora, customer, amount=1_000, due_on=date(2026, 10, 1))
    bill(cast.aurora, customer, amount=2_000, due_on=date(2026, 11, 3))
    bill(cast.aurora, customer, amount=4_000, due_on=date(2026, 12, 1))
    with scope(cast.aurora.pk):
        record_payment(customer, amount=400, paid_on=TODAY, method="pix", invoice=old, by=None, now=NOW)
    client = cast.client(cast.beto)
    main = client.get(f"/aurora/customers/{customer.pk}/").context["tab"]
    (item,) = main["attention"]
    assert item.text == "2 invoices are overdue: R$\xa026,00."
    assert [act.url for act in item.acts] == [pay_url(customer), f"/aurora/customers/{customer.pk}/tab/payments/"]
    assert [figure.text for figure in main["figures"]] == [
        "R$\xa04,00",
        "R$\xa026,00",
        "R$\xa026,00",
        "R$\xa040,00",
    ]
    assert main["figures"][3].note == "due on 01/12/2026"
    tab = client.get(f"/aurora/customers/{customer.pk}/tab/payments/")
    assert [row.balance for row in tab.context["tab"]["debts"]] == [600, 2_000]
    assert f"{pay_url(customer)}?invoice={old.pk}" in tab.text
    viewer = cast.client(cast.caio).get(f"/aurora/customers/{customer.pk}/").context["tab"]
    assert len(viewer["attention"][0].acts) == 1
    past = client.get(f"/aurora/customers/{customer.pk}/?as_of=2026-10-20").context["tab"]
    assert past["attention"] == []


def test_the_pages_of_a_viewer_offer_nothing_to_do(cast, make_customer):
    customer = make_customer(cast.aurora, paid=[(TODAY, 500)])
    invoice = bill(cast.aurora, customer)
    client = cast.client(cast.caio)
    for path in (
        f"customers/{customer.pk}/",
        f"customers/{customer.pk}/tab/payments/",
        f"billing/invoices/{invoice.pk}/",
    ):
        page = client.get(f"/aurora/{path}").text
        assert not [act for act in ("/pay/", "/reverse/", "/cancel/", '/invoice/"') if act in page]


PATHS = (
    ("GET", "customers/{customer}/pay/"),
    ("POST", "customers/{customer}/pay/"),
    ("GET", "customers/{customer}/invoice/"),
    ("POST", "customers/{customer}/invoice/"),
    ("GET", "customers/{customer}/invoices/"),
    ("GET", "customers/{customer}/payments/"),
    ("GET", "invoices/{invoice}/"),
    ("GET", "invoices/{invoice}/cancel/"),
    ("POST", "invoices/{invoice}/cancel/"),
    ("POST", "invoices/{invoice}/restore/"),
    ("GET", "payments/{payment}/reverse/"),
    ("POST", "payments/{payment}/reverse/"),
    ("POST", "payments/{payment}/undo/"),
)


@pytest.fixture
def doras(cast, make_customer):
    """Ids of the twin data next door."""
    customer = make_customer(cast.boreal, paid=[(TODAY, 500)])
    invoice = bill(cast.boreal, customer)
    with scope(cast.boreal.pk):
        payment = Payment.objects.get()
    return {"customer": customer.pk, "invoice": invoice.pk, "payment": payment.pk}


GOOD = {
    "amount": "5,00",
    "paid_on": "2026-11-21",
    "due_on": "2026-11-30",
    "method": "pix",
    "invoice": "new",
    "reason": "x",
    "kind": "owed",
    "on": "2026-11-21",
}


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_someone_elses_ids_are_not_found(cast, doras, method, path):
    """Dora's customer, invoice and payment: 404 for Ana as for an id that is nowhere, and nothing written."""
    client = cast.client(cast.ana)
    for ids in (doras, dict.fromkeys(doras, uuid4())):
        url = "/aurora/billing/" + path.format(**ids)
        answer = client.get(url) if method == "GET" else client.post(url, {**GOOD, "key": str(uuid4())})
        assert answer.status_code == 404
    assert rows(cast.aurora) == []
    assert len(rows(cast.boreal)) == 1


def test_someone_elses_invoice_in_a_form_is_not_found(cast, make_customer, doras):
    customer, other = make_customer(cast.aurora), make_customer(cast.aurora, "Outra")
    client = cast.client(cast.ana)
    form = {**GOOD, "key": str(uuid4()), "invoice": str(doras["invoice"])}
    assert client.post(pay_url(customer), form).status_code == 404
    assert client.get(pay_url(customer), {"invoice": str(doras["invoice"])}).status_code == 404
    # Another customer's of the same business is refused too.
    assert client.post(pay_url(customer), {**form, "invoice": str(bill(cast.aurora, other).pk)}).status_code in (
        404,
        422,
    )
    assert rows(cast.aurora) == []


@pytest.mark.parametrize("who", ["caio", "sofia"])
@pytest.mark.parametrize(("method", "path"), [row for row in PATHS if "s/{customer}/invoices" not in row[1]])
def test_who_may_only_look_cannot_act(cast, make_customer, who, method, path):
    """Viewer and sales: 403 on everything that changes money, by address too."""
    customer = make_customer(cast.aurora, paid=[(TODAY, 500)])
    invoice = bill(cast.aurora, customer)
    with scope(cast.aurora.pk):
        payment = Payment.objects.get()
    url = "/aurora/billing/" + path.format(customer=customer.pk, invoice=invoice.pk, payment=payment.pk)
    client = cast.client(getattr(cast, who))
    answer = client.get(url) if method == "GET" else client.post(url, {**GOOD, "key": str(uuid4())})
    looking = path in ("invoices/{invoice}/", "customers/{customer}/payments/")
    assert answer.status_code == (200 if looking else 403)
    assert len(rows(cast.aurora)) == 1
