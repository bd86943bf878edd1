"""Likely twins, shown while a new customer is typed and before it is saved (issue 3; S2-15's other half)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.walls import scope
from carteira.core.walls.roles import as_owner
from carteira.customers import search_entries
from carteira.customers.anonymise import anonymise
from carteira.customers.archive import archive
from carteira.customers.models import ContactPoint, Customer
from carteira.customers.parts import PARTS, add
from carteira.customers.twins import find_twins, known_of
from conftest import NOW, TODAY

TYPED = "/aurora/customers/twins/"
NEW = "/aurora/customers/new/"


@pytest.fixture
def maria(cast, make_customer):
    return make_customer(
        cast.aurora,
        "Maria Conceição Silva",
        document_kind="cpf",
        document="52998224725",
        email="maria@example.com",
        phone="+5511987654321",
    )


def shown(cast, user=None, **typed):
    return cast.client(user or cast.ana).post(TYPED, typed).content.decode()


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ({"document": "529.982.247-25"}, "same document"),
        ({"document": "52998224725"}, "same document"),
        ({"email": " MARIA@Example.com "}, "same e-mail"),
        ({"phone": "(11) 98765-4321"}, "same phone"),
        ({"phone": "11 8765-4321"}, "same phone"),
        ({"phone": "+55 11 98765 4321"}, "same phone"),
        ({"name": "maria conceicao SILVA"}, "same name"),
        ({"name": "Maria Conceição Silva", "phone": "1187654321"}, "same phone, same name"),
        ({"email": "maria@example.com", "document": "52998224725"}, "same document, same e-mail"),
    ],
)
def test_a_twin_is_found_however_it_is_written(cast, maria, typed, same):
    text = shown(cast, **typed)
    assert f"/aurora/customers/{maria.pk}/" in text
    assert f"· {same}" in text


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"document": "529.982.247"},
        {"document": "111.444.777-35"},
        {"email": "maria@"},
        {"phone": "98765"},
        {"name": "Maria"},
        {"name": "\x00\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")},
        {"document": "9" * 5000, "email": "x" * 5000, "phone": "1" * 5000, "name": "y" * 5000},
    ],
)
def test_half_typed_wrong_or_hostile_shows_nobody(cast, maria, typed):
    """A13, A22."""
    answer = cast.client(cast.ana).post(TYPED, typed)
    assert (answer.status_code, answer.content.decode().strip()) == (200, "")


def test_an_old_mobile_without_its_ninth_digit_is_found_by_the_new_one(cast, make_customer):
    old = make_customer(cast.aurora, "Bia", phone="+551187654321")
    assert str(old.pk) in shown(cast, phone="(11) 98765-4321")


def test_further_phones_and_emails_count_as_well(cast, maria):
    """S1-03's several phones and e-mails."""
    with scope(cast.aurora.pk):
        ContactPoint.objects.create(customer=maria, kind="phone", value="+5521998765432")
        ContactPoint.objects.create(customer=maria, kind="email", value="work@example.com")
    assert "· same phone" in shown(cast, phone="(21) 99876-5432")
    assert "· same e-mail" in shown(cast, email="Work@example.com")
    assert shown(cast, email="nobody@example.com").strip() == ""


def test_the_archived_are_twins_too_and_others_of_next_door_are_not(cast, maria, make_customer):
    make_customer(cast.boreal, "Maria Conceição Silva", email="dora@example.com")
    with scope(cast.aurora.pk):
        archive(maria, by=None, now=NOW)
    assert "archived" in shown(cast, email="maria@example.com")
    assert shown(cast, email="dora@example.com").strip() == ""


@pytest.mark.django_db(transaction=True)
def test_typing_costs_two_index_probes_however_many_there_are(cast, maria):
    """Each part of the question is a probe of one index. With a handful of rows any index serves as well as another."""
    with scope(cast.aurora.pk):
        days = {"registered_on": TODAY, "counted_from": TODAY, "created_at": NOW, "updated_at": NOW}
        Customer.objects.bulk_create(
            Customer(number=1000 + n, name=f"N {n}", name_sort=f"n {n}", phone=f"+55119{n:08}", **days)
            for n in range(2000)
        )
        search_entries.renew(Customer.objects.values_list("pk", flat=True))
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer, customers_searchentry, customers_contactpoint")
    everything = {
        "document": "52998224725",
        "email": "maria@example.com",
        "phone": "11987654321",
        "name": "Maria Conceição Silva",
    }
    with scope(cast.aurora.pk):
        known = known_of(everything, cast.aurora)
        with CaptureQueriesContext(connection) as asked:
            find_twins(known)
        assert len(asked) == 2
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + asked[0]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
    for index in ("by_document", "by_email", "by_phone", "by_name"):
        assert f"customers_{index}" in plan, plan


def test_saving_asks_once_who_was_not_shown(cast, maria):
    """Without scripts, or faster than they were: a sure twin holds saving back once; pressed again, it is saved."""
    client = cast.client(cast.ana)
    typed = {"name": "Maria S.", "kind": "person", "email": "maria@example.com"}
    held = client.post(NEW, typed)
    text = held.content.decode()
    assert held.status_code == 409
    assert "Not saved yet." in text
    assert 'value="Maria S."' in text, "nothing typed is lost"
    seen = re.search(r'name="twins_seen" value="([^"]+)"', text)[1]
    assert client.post(NEW, {**typed, "twins_seen": seen}).status_code == 302
    with scope(cast.aurora.pk):
        assert Customer.objects.filter(email="maria@example.com").count() == 2
    assert client.post(NEW, {"name": "Maria Conceição Silva", "kind": "person"}).status_code == 302, (
        "a name is no proof"
    )


def test_the_form_tells_screen_readers_and_never_queues(cast):
    text = cast.client(cast.ana).get(NEW).content.decode()
    part = text[text.index('id="twins"') - 20 : text.index('id="twins"') + 500]
    assert 'aria-live="polite"' in part
    assert 'hx-sync="this:replace"' in part
    assert f'hx-post="{TYPED}"' in part, "documents do not travel in addresses (P7)"


def test_who_was_anonymised_here_is_told_while_typing(cast, maria):
    with scope(cast.aurora.pk):
        request = anonymise(maria, by=None, now=NOW)
    assert f"protocol {request.protocol}" in shown(cast, email="maria@example.com")


def test_an_edit_warns_of_what_changes(cast, maria, make_customer):
    """N8: the form of somebody who is here warns once of a value that becomes the same as another's, and saves then; what
    was the same before, contacts, and those said not to be the same are no news."""
    rosa = make_customer(cast.aurora, "Rosa Lima", email="rosa@example.com")
    client, url = cast.client(cast.ana), f"/aurora/customers/{rosa.pk}/edit/"
    typed = {"name": "Rosa Lima", "kind": "person", "registered_on": "01/11/2026", "email": "maria@example.com"}
    held = client.post(url, typed)
    assert held.status_code == 409
    assert "press Save once more" in held.content.decode()
    assert shown(cast, **typed, customer=rosa.pk).count("<li>") == 1
    seen = re.search(r'name="twins_seen" value="([^"]+)"', held.content.decode())[1]
    assert client.post(url, {**typed, "twins_seen": seen}).status_code == 302
    assert client.post(url, {**typed, "name": "Rosa Souza"}).status_code == 302
    assert "<li>" not in shown(cast, **typed, customer=rosa.pk)
    page = client.get(f"/aurora/customers/{rosa.pk}/").content.decode()
    assert "Perhaps the same as Maria" in page
    with scope(cast.aurora.pk):
        add(PARTS["contacts"], rosa, other=maria, by=None, now=NOW)
    assert client.post(url, {**typed, "email": "", "phone": "11987654321"}).status_code == 302


def test_a_value_changed_in_place_says_so(cast, maria, make_customer):
    """N8: on the card, where nothing is held back."""
    rosa = make_customer(cast.aurora, "Rosa Lima")
    client, url = cast.client(cast.ana), f"/aurora/customers/{rosa.pk}/info/email/"
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/aurora/"}
    answer = client.post(url, {"was": "", "value": "maria@example.com"}, headers=headers).content.decode()
    assert "Perhaps the same as Maria Conceição Silva (No. 1): same e-mail." in answer
    answer = client.post(
        url, {"was": "maria@example.com", "value": "rosa@example.com"}, headers=headers
    ).content.decode()
    assert "Perhaps" not in answer
