"""What users of other systems reported about duplicates, merging, imports and groups (feature-map 1.3, 3.1 to 3.3), each
tried here. Further ones stand with their subject: Mautic #7679, #4095, #4970, #3790 and PR #17071 in
tests/groups/test_belonging.py, Twenty #15201 and Odoo #3154, #1650 in test_merge.py.
"""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from carteira.billing.models import Invoice
from carteira.billing.pay import record_payment
from carteira.core.walls import scope
from carteira.core.walls.scope import finish
from carteira.customers.delete import delete
from carteira.customers.merge.merge import merge
from carteira.customers.merge.review import to_review
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer
from carteira.customers.register import register
from carteira.groups.belong import add_many
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member, Pin
from conftest import NOW, TODAY, Cast

URL = "/aurora/customers"


def members(group: Group) -> list[str]:
    found = Member.objects.filter(group=group, resting=False).order_by("customer__name_sort")
    return list(found.values_list("customer__name", flat=True))


def emails_and_codes(account: Any) -> list[tuple[str, str]]:
    with scope(account.pk):
        return list(Customer.objects.order_by("number").values_list("email", "code"))


def test_the_same_email_in_a_file_makes_nobody_twice(cast: Cast, importer: Any) -> None:
    """Twenty #11864: the same e-mail created duplicates; however it is written, within a file and again."""
    lines = "name,email\nAna,ana@example.com\nAna, ANA@Example.com \nAna Lima,ana@example.com\n"
    assert importer(cast.aurora, "customers", lines).counts == (1, 0, 1, 1)
    assert importer(cast.aurora, "customers", "name,email\nAna,Ana@example.com\n").counts == (0, 0, 1, 0)
    assert len(emails_and_codes(cast.aurora)) == 1


def test_a_file_updates_instead_of_duplicating(cast: Cast, importer: Any, make_customer: Any) -> None:
    """Invoice Ninja #9657: by the key that was said; with another key the pair is noticed."""
    make_customer(cast.aurora, "Ana", email="ana@example.com", code="A1")
    report = importer(cast.aurora, "customers", "email,name,city\nana@example.com,Ana,Natal\n", key="email")
    # With e-mail as the key the line means whoever has this e-mail.
    assert report.counts == (0, 1, 0, 0)
    importer(cast.aurora, "customers", "code,name,email\nB1,Ana,ana@example.com\n", key="code")
    with scope(cast.aurora.pk):
        assert Customer.objects.filter(city="Natal").count() == 1
        assert to_review().count() == 1


def test_whoever_was_deleted_or_merged_comes_again(cast: Cast, importer: Any, make_customer: Any) -> None:
    """Twenty #13195: importing again after a deletion failed. Who was deleted is new; who was merged is its survivor."""
    gone, kept, merged = (
        make_customer(cast.aurora, name, code=code) for name, code in (("Ana", "A"), ("Bia", "B"), ("Bia L", "C"))
    )
    with scope(cast.aurora.pk):
        delete(gone, by=None, now=NOW)
        merge(kept, merged, by=None, now=NOW)
    report = importer(cast.aurora, "customers", "code,name\nA,Ana\nC,Bia\n", now=NOW + timedelta(hours=1))
    assert report.counts == (1, 0, 1, 0)
    assert [code for _email, code in emails_and_codes(cast.aurora)] == ["B", "A"]


def test_forms_files_and_the_database_agree_on_what_is_unique(cast: Cast, importer: Any, make_customer: Any) -> None:
    """Twenty #13553: the rules of uniqueness differed from the database's."""
    make_customer(cast.aurora, "Ana", code="A1", email="ana@example.com", document="52998224725", document_kind="cpf")
    client = cast.client(cast.ana)
    for code, free in (("A1", False), ("a1", True), ("B1", True)):
        answer = client.post(f"{URL}/new/", {"name": f"Form {code}", "kind": "person", "code": code})
        assert (answer.status_code == 302) == free
        report = importer(
            cast.aurora, "customers", f"document,code,name\n111.444.777-35,{code},File\n", key="document", dry_run=True
        )
        # What the form has taken by now is taken for the file too.
        assert report.counts[3] == 1
        with scope(cast.aurora.pk), pytest.raises(IntegrityError), transaction.atomic():
            register(cast.aurora, name="Third", code=code, by=None, now=NOW)
    # An e-mail or document is nobody's alone: families share them. All three take it, and the pair is noticed.
    with scope(cast.aurora.pk):
        register(cast.aurora, name="Mother", email="ana@example.com", by=None, now=NOW)
        finish()
        assert to_review().count() == 1


def test_the_way_to_a_merge_by_its_buttons(cast: Cast, make_customer: Any) -> None:
    """Twenty #15263, #6276; BottleCRM #636: the button was broken; here followed from the card to the undo, as a page has
    it. A second click changes nothing."""
    kept = make_customer(cast.aurora, "Maria Silva", email="maria@example.com")
    make_customer(cast.aurora, "Maria S.", email="maria@example.com")
    client = cast.client(cast.ana)
    card = client.get(f"{URL}/{kept.pk}/").content.decode()
    choose = re.search(rf'href="({URL}/[^"]+/merge/)"', card)
    assert choose
    preview = re.search(rf'href="({URL}/[^"]+/merge/[^"]+/)"', client.get(choose[1]).content.decode())
    assert preview
    assert "Merge" in client.get(preview[1]).content.decode()
    merged = client.post(preview[1], follow=True).content.decode()
    undo = re.search(rf'({URL}/merges/[^"]+/undo/)', merged)
    assert undo
    client.post(preview[1])
    with scope(cast.aurora.pk):
        assert Customer.objects.count() == 1
    assert "is a customer of its own again" in client.post(undo[1], follow=True).content.decode()
    with scope(cast.aurora.pk):
        assert Customer.objects.count() == 2


def test_lists_hold_the_merged_one_once(cast: Cast, make_customer: Any) -> None:
    """OCA/social #633: who was in a mailing list twice over stayed in it twice after a merge."""
    kept, merged = make_customer(cast.aurora, "Maria Silva"), make_customer(cast.aurora, "Maria S.")
    with scope(cast.aurora.pk):
        both, one = (make_group(cast.aurora, name=name, by=None, now=NOW) for name in ("News", "Choir"))
        add_many(both, [kept.pk, merged.pk], by=None, now=NOW)
        add_many(one, [merged.pk], by=None, now=NOW)
        finish()
        done = merge(kept, merged, by=None, now=NOW)
        finish()
        assert members(both) == members(one) == ["Maria Silva"]
        assert Pin.objects.count() == 2
        assert [Group.objects.get(pk=group.pk).members for group in (both, one)] == [1, 1]
        unmerge(done, by=None, now=NOW)
        finish()
        assert (members(both), members(one)) == (["Maria S.", "Maria Silva"], ["Maria S."])


def test_older_than_so_many_days(cast: Cast, make_customer: Any) -> None:
    """Twenty #8834, #16834; Invoice Ninja #2618, #8918: who has not paid for so long, and who last paid four to six weeks
    ago; Mautic #10384: at once, no clock or job has to come first."""
    paid = {"Ana": 10, "Bia": 35, "Caio": 90}
    for name, days in paid.items():
        make_customer(cast.aurora, name, paid=[(TODAY - timedelta(days=days), 100)])
    make_customer(cast.aurora, "Davi")
    silent = {"field": "last_payment", "is": "longer_ago", "value": 30}
    weeks = {
        "all": [
            {"field": "last_payment", "is": "longer_ago", "value": 27},
            {"field": "last_payment", "is": "within", "value": 42},
        ]
    }
    with scope(cast.aurora.pk):
        groups = [
            make_group(cast.aurora, name=name, rule=rule, by=None, now=NOW)
            for name, rule in (("Silent", silent), ("Weeks", weeks))
        ]
        finish()
        assert [members(group) for group in groups] == [["Bia", "Caio"], ["Bia"]]
    with scope(cast.aurora.pk):
        record_payment(Customer.objects.get(name="Bia"), amount=100, paid_on=TODAY, method="pix", by=None, now=NOW)
    with scope(cast.aurora.pk):
        assert [members(group) for group in groups] == [["Caio"], []]


def test_a_warning_before_a_duplicate_is_saved(cast: Cast, make_customer: Any) -> None:
    """Frappe CRM #2565, #1346: no warning of duplicates; here before saving, and found afterwards all the same (Espo #1272,
    SuiteCRM #1205: a search for those there are)."""
    make_customer(cast.aurora, "Ana Lima", phone="+5583988887777", birth_on=date(1990, 5, 1))
    client = cast.client(cast.ana)
    typed = {"name": "Ana L.", "kind": "person", "phone": "(83) 8888-7777"}
    warned = client.post(f"{URL}/new/", typed)
    assert warned.status_code == 409
    assert "Ana Lima" in warned.content.decode()
    seen = re.search(r'name="twins_seen" value="([^"]+)"', warned.content.decode())
    assert seen
    assert client.post(f"{URL}/new/", {**typed, "twins_seen": seen[1]}).status_code == 302
    assert "Ana L." in client.get(f"{URL}/duplicates/").content.decode()


def test_a_merge_keeps_invoices_of_both(cast: Cast, make_customer: Any) -> None:
    """Odoo #1650, ERPNext #13028: rows of the merged one are neither dropped nor left with nobody."""
    kept, merged = (make_customer(cast.aurora, name, paid=[(TODAY, 100)]) for name in ("Ana", "Ana L."))
    with scope(cast.aurora.pk):
        merge(kept, merged, by=None, now=NOW)
        assert list(Invoice.objects.values_list("customer", flat=True)) == [kept.pk, kept.pk]
