"""Registering and editing a customer on a page (S0-07, S2-15)."""

import re
from datetime import date

import pytest
import time_machine

from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers import forms
from carteira.customers.archive import archive
from carteira.customers.models import Customer
from conftest import NOW, TODAY

NEW = "/aurora/customers/new/"
NASTY = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def only_customer(account):
    with scope(account.pk):
        return Customer.objects.get()


def test_only_a_name_is_needed(cast):
    """S0-07, S2-15, S2-18: the rest can come later; the page leads on to the card."""
    client = cast.client(cast.sofia)
    response = client.post(NEW, {"name": "Maria Silva"})
    customer = only_customer(cast.aurora)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/aurora/customers/{customer.pk}/"
    assert (customer.name, customer.number, customer.kind) == ("Maria Silva", 1, "person")
    assert customer.registered_on == TODAY
    assert "Maria Silva is customer 1." in client.get(response.headers["Location"]).content.decode()
    with scope(cast.aurora.pk):
        event = Event.objects.get()
        assert (event.kind, event.customer_id, event.by) == ("customer.registered", customer.pk, cast.sofia)
        assert "Maria" not in str(event.what)


def test_everything_else_may_come_along(cast):
    cast.client(cast.ana).post(
        NEW,
        {
            "name": "Escola Azul Ltda.",
            "kind": "company",
            "document": "11.222.333/0001-81",
            "email": "Oi@Azul.com.br",
            "phone": "(11) 98765-4321",
            "city": "São Paulo",
            "state": "SP",
            "code": "E-7",
            "registered_on": "2026-01-31",
        },
    )
    customer = only_customer(cast.aurora)
    assert (customer.document_kind, customer.document) == ("cnpj", "11222333000181")
    assert (customer.email, customer.phone, customer.code) == ("oi@azul.com.br", "+5511987654321", "E-7")
    assert customer.registered_on == date(2026, 1, 31)
    assert (customer.name_sort, customer.city_sort) == ("escola azul ltda.", "sao paulo")


def test_a_refusal_keeps_what_was_written_and_registers_nobody(cast):
    """422, the sentence beside its field, the values as typed, nothing stored."""
    response = cast.client(cast.ana).post(NEW, {"name": NASTY, "email": "maria@", "city": "Natal", "phone": "1"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "<script>alert" not in text
    assert "&quot;&gt;&lt;script&gt;" in text
    assert 'value="maria@"' in text
    assert 'value="Natal"' in text
    assert text.count('aria-invalid="true"') == 2
    assert 'href="#id_email"' in text
    with scope(cast.aurora.pk):
        assert not Customer.objects.exists()
        assert not Event.objects.exists()


def test_markup_in_every_field_is_text(cast):
    """A2."""
    client = cast.client(cast.ana)
    assert client.post(NEW, {"name": NASTY, "city": NASTY, "code": NASTY}).status_code == 302
    customer = only_customer(cast.aurora)
    for path in ("", "edit/", "archive/"):
        text = client.get(f"/aurora/customers/{customer.pk}/{path}").content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_a_code_is_given_once(cast, make_customer):
    """Refused by name; the other business has codes of its own."""
    make_customer(cast.boreal, "Bela", code="A1")
    client = cast.client(cast.ana)
    assert client.post(NEW, {"name": "Ana", "code": "A1"}).status_code == 302
    response = client.post(NEW, {"name": "Bia", "code": "A1"})
    assert response.status_code == 422
    assert "Ana (customer 1) has this code already." in response.content.decode()
    assert client.post(NEW, {"name": "Bia"}).status_code == 302
    assert client.post(NEW, {"name": "Caio"}).status_code == 302, "no code at all is not the same code"


def test_a_code_taken_meanwhile_is_refused_the_same_way(cast, make_customer, monkeypatch):
    """The form saw nobody with it; the database did."""
    make_customer(cast.aurora, "Ana", code="A1")
    monkeypatch.setattr(forms, "code_holder", lambda *a, **k: None)
    client = cast.client(cast.ana)
    response = client.post(NEW, {"name": "Bia", "code": "A1"})
    assert response.status_code == 422
    assert "has this code already" in response.content.decode()
    other = make_customer(cast.aurora, "Caio")
    response = client.post(f"/aurora/customers/{other.pk}/edit/", {"name": "Caio", "code": "A1"})
    assert response.status_code == 422
    assert "has this code already" in response.content.decode()


def test_a_name_from_the_address_comes_along(cast):
    text = cast.client(cast.ana).get(NEW, {"name": "Maria <b>"}).content.decode()
    assert 'value="Maria &lt;b&gt;"' in text


def test_edit_shows_what_is_stored_as_people_write_it(cast, make_customer):
    customer = make_customer(
        cast.aurora, "Ana", document_kind="cpf", document="52998224725", phone="+5511987654321", state="SP"
    )
    text = cast.client(cast.ana).get(f"/aurora/customers/{customer.pk}/edit/").content.decode()
    assert 'value="529.982.247-25"' in text
    assert 'value="(11) 98765-4321"' in text
    assert re.search(r'<option value="SP" selected', text)


def test_an_edit_tells_what_was_and_what_is(cast, make_customer):
    """The event holds old and new among the personal values; what did not change is not told."""
    customer = make_customer(cast.aurora, "Ana", email="old@example.com", registered_on=date(2026, 3, 1))
    client = cast.client(cast.beto)
    path = f"/aurora/customers/{customer.pk}/"
    sent = {"name": "Ana Lima", "kind": "person", "email": "new@example.com", "registered_on": "2026-02-01"}
    assert client.post(f"{path}edit/", sent).headers["Location"] == path
    customer = only_customer(cast.aurora)
    assert (customer.name, customer.name_sort, customer.email) == ("Ana Lima", "ana lima", "new@example.com")
    assert customer.counted_from == customer.registered_on == date(2026, 2, 1)
    assert "new@example.com" in customer.search
    with scope(cast.aurora.pk):
        event = Event.objects.get(kind="customer.edited")
    assert set(event.what["fields"]) == {"name", "email", "registered_on"}
    assert "example.com" not in str(event.what)
    assert event.personal["old"] == {"name": "Ana", "email": "old@example.com", "registered_on": "2026-03-01"}
    assert event.by == cast.beto
    text = client.get(path).content.decode()
    assert "<s>old@example.com</s>" in text
    assert "<s>01/03/2026</s> 01/02/2026" in re.sub(r"\s+", " ", text)


def test_saving_without_a_change_tells_nothing(cast, make_customer):
    customer = make_customer(cast.aurora, "Ana", document_kind="cpf", document="52998224725")
    sent = {"name": "Ana", "kind": "person", "document": "529.982.247-25", "registered_on": TODAY.isoformat()}
    assert cast.client(cast.ana).post(f"/aurora/customers/{customer.pk}/edit/", sent).status_code == 302
    with scope(cast.aurora.pk):
        assert list(Event.objects.values_list("kind", flat=True)) == ["customer.registered"]


def test_the_registration_stays_before_the_archive(cast, make_customer):
    customer = make_customer(cast.aurora, "Ana", registered_on=date(2026, 1, 1))
    with scope(cast.aurora.pk):
        archive(customer, on=date(2026, 6, 1), by=None, now=NOW)
    sent = {"name": "Ana", "registered_on": "2026-06-02"}
    response = cast.client(cast.ana).post(f"/aurora/customers/{customer.pk}/edit/", sent)
    assert response.status_code == 422
    assert "Ana was archived on 01/06/2026: the registration cannot be later." in response.content.decode()
    assert only_customer(cast.aurora).registered_on == date(2026, 1, 1)


def test_the_longest_values_fit(cast):
    """Ligatures unfold: what is derived from a name or city must still fit its column."""
    long = {"name": "ﷺ" * 200, "city": "ﷺ" * 100, "code": "ﷺ" * 80}
    assert cast.client(cast.ana).post(NEW, long).status_code == 302
    assert len(only_customer(cast.aurora).city_sort) <= 100
