"""A member with few rights reaches for what others see: documents, money, screens to change what is hidden (P7, 6.3)."""

import re
from typing import Any

import pytest

from carteira.accounts.accept import InvitationGone, accept
from carteira.accounts.invite import invite, resend
from carteira.accounts.models import Membership
from carteira.accounts.roles import Right, rights_of
from carteira.billing.issue import invoice_once
from carteira.billing.letterhead import letterhead_of
from carteira.billing.print_invoice import content
from carteira.core.files.quota import NotKept
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.bulk.models import BulkAct
from carteira.customers.photo import set_photo
from carteira.customers.tests.sweep import a_picture
from conftest import NOW, Cast

DOCUMENT, WRITTEN, HOLES = "52998224725", "529.982.247-25", "***.982.247-**"
SEES = "/aurora/customers/columns/"


@pytest.fixture
def maria(cast: Cast, make_customer: Any) -> Any:
    day = NOW.date().replace(day=1)
    return make_customer(cast.aurora, "Maria", paid=[(day, 123_456)], document=DOCUMENT, document_kind="cpf")


def deny(user: Any, *rights: Right) -> None:
    Membership.objects.filter(user=user).update(denied=list(rights))


def test_a_viewer_gets_no_whole_documents_by_a_column_of_the_list(cast: Cast, maria: Any) -> None:
    """Also when the column was chosen before the right went."""
    assert 'value="document"' not in cast.client(cast.caio).get(SEES).text
    for user, role in ((cast.caio, "sales"), (cast.beto, "finance")):
        Membership.objects.filter(user=user).update(role=role)
        client = cast.client(user)
        client.post(SEES, {"column": ["name", "document"]})
        assert WRITTEN in client.get("/aurora/customers/").text
    Membership.objects.filter(user=cast.caio).update(role="viewer")
    assert WRITTEN not in cast.client(cast.caio).get("/aurora/customers/").text


def test_a_viewer_s_paper_has_the_card_s_holes(cast: Cast, maria: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from carteira.billing.models import Invoice
    from carteira.billing.screens import printed

    with scope(cast.aurora.pk):
        invoice = Invoice.objects.select_related("customer").get(customer=maria)
        invoice.account = cast.aurora
        assert f"CPF {WRITTEN}" in content(invoice, letterhead_of(), now=NOW)["to"]["lines"]
        assert f"CPF {HOLES}" in content(invoice, letterhead_of(), now=NOW, whole=False)["to"]["lines"]
    asked = []
    really = printed.print_invoice

    def heard(*args: Any, **options: Any) -> Any:
        asked.append(options["whole"])
        return really(*args, **options)

    monkeypatch.setattr(printed, "print_invoice", heard)
    for user in (cast.caio, cast.beto):
        answer = cast.client(user).get(f"/aurora/billing/invoices/{invoice.pk}/pdf/")
        assert answer.content.startswith(b"%PDF-")
    assert asked == [False, True]


def test_the_history_tells_no_money_to_whom_it_is_denied(cast: Cast, maria: Any) -> None:
    card = f"/aurora/customers/{maria.pk}/"
    history = f"{card}tab/history/"
    client = cast.client(cast.sofia)
    assert all("1.234,56" in client.get(path).text for path in (card, history))
    deny(cast.sofia, Right.SEE_MONEY)
    for path in (card, history, f"{history}?about=payment", f"{history}?about=invoice"):
        for headers in ({}, {"hx-request": "true"}):
            seen = client.get(path, headers=headers).text
            assert "1.234,56" not in seen
            assert 'value="payment"' not in seen
    assert "Registered as customer" in client.get(history).text


def test_whoever_may_not_see_does_not_change_either(cast: Cast, maria: Any) -> None:
    """Forms show what they change."""
    deny(cast.beto, Right.SEE_CUSTOMERS, Right.SEE_MONEY)
    client = cast.client(cast.beto)
    for path in (
        f"/aurora/customers/{maria.pk}/edit/",
        f"/aurora/customers/{maria.pk}/info/document/",
        f"/aurora/customers/{maria.pk}/archive/",
        f"/aurora/billing/customers/{maria.pk}/pay/",
        f"/aurora/billing/customers/{maria.pk}/split/",
        "/aurora/customers/choose/?act=tasks.new",
    ):
        assert client.get(path).status_code == 403, path
    assert client.post("/aurora/customers/twins/", {"document": DOCUMENT}).status_code == 403
    assert Right.RECORD_PAYMENTS not in rights_of("viewer", ["billing.record"], ["billing.see"])
    assert Right.RECORD_PAYMENTS in rights_of("viewer", ["billing.record"])


@pytest.mark.parametrize("then", ["removed", "less"])
def test_nobody_keeps_a_door_by_an_invitation_of_their_own(cast: Cast, then: str) -> None:
    """Beto administers, invites an address of his own, and loses the place: the link is worth nothing until somebody
    who may sends it again."""
    place = Membership.objects.filter(user=cast.beto)
    place.update(role="admin")
    options: dict[str, Any] = {"now": NOW}
    with scope(cast.aurora.pk):
        door = invite(cast.aurora, email="beto@elsewhere.example", role="admin", by=cast.beto, **options)
        if then == "removed":
            place.delete()
        else:
            place.update(role="sales")
        with pytest.raises(InvitationGone):
            accept(door.pk, user=cast.dora, **options)
        assert not Membership.objects.filter(account=cast.aurora, user=cast.dora).exists()
        resend(door, by=cast.ana, **options)
        assert accept(door.pk, user=cast.dora, **options).role == "admin"


def test_an_anonymised_customer_gets_no_face(cast: Cast, make_customer: Any, settings: Any, tmp_path: Any) -> None:
    settings.FILES_ROOT = tmp_path
    customer = make_customer(cast.aurora, "Maria")
    with scope(cast.aurora.pk):
        anonymise(customer, by=None, now=NOW)
        with pytest.raises(NotKept):
            set_photo(customer, [a_picture()], name="maria.png", by=cast.ana, now=NOW)
        customer.refresh_from_db()
        assert customer.photo is None


def test_a_list_of_refused_customers_is_a_file_too(cast: Cast, maria: Any) -> None:
    """Number, code and name of thousands: for whoever may take data along."""
    with scope(cast.aurora.pk):
        act = BulkAct.objects.create(verb="archive", values={"on": "2026-01-01"}, language="en", created_at=NOW)
    path = f"/aurora/customers/bulk/{act.pk}/report/"
    assert cast.client(cast.sofia).get(path).status_code == 200
    deny(cast.sofia, Right.EXPORT)
    for user in (cast.sofia, cast.caio):
        assert cast.client(user).get(path).status_code == 403


def test_what_is_open_is_told_without_amounts_to_whom_money_is_denied(
    cast: Cast, maria: Any, make_customer: Any
) -> None:
    """P7: the archive's checklist, its refusal, the page that anonymises, what was refused of many and its file: the
    reason stands there, no amount, number or link; whoever sees money sees all of it, also of the same bulk change."""
    with scope(cast.aurora.pk):
        invoice = invoice_once(maria, amount=987_654, due_on=NOW.date(), by=None, now=NOW)
    other = make_customer(cast.aurora, "Other")
    archive, anonymise_page = (
        f"/aurora/customers/{maria.pk}/archive/",
        f"/aurora/customers/{maria.pk}/person/anonymise/",
    )
    Membership.objects.filter(user=cast.sofia).update(allowed=[Right.ARCHIVE_CUSTOMERS, Right.PRIVACY, Right.EXPORT])
    sofia, ana = cast.client(cast.sofia), cast.client(cast.ana)
    sure = {"verb": "archive", "sure": "1", "on": "", "reason": "", "note": "", "id": [maria.pk, other.pk]}
    acts = [
        re.search(r"/bulk/[^/]+/", client.post("/aurora/customers/bulk/", sure)["Location"])[0]
        for client in (sofia, ana)
    ]

    def pages(client: Any) -> list[str]:
        bulk = [f"/aurora/customers{act}{more}" for act in acts for more in ("", "report/")]
        answers = [client.get(path) for path in (archive, anonymise_page, *bulk)]
        answers.append(client.post(archive, {"on": "", "reason": "", "note": ""}))
        assert [answer.status_code for answer in answers] == [200] * 6 + [422]
        return [b"".join(answer).decode() for answer in answers]

    assert all("9.876,54" in page for page in pages(sofia)[:1] + pages(ana))
    deny(cast.sofia, Right.SEE_MONEY)
    for page in pages(sofia):
        assert "an open invoice" in page
        assert "9.876,54" not in page
        assert str(invoice.pk) not in page
    assert all("9.876,54" in page for page in pages(ana))
