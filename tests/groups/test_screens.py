"""Groups on screen: the panel, one group, the builder, the card, many at once."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.billing.issue import invoice_once
from carteira.billing.models import Payment
from carteira.billing.pay import reverse_payment
from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.customers.bulk.models import BulkAct
from carteira.groups import queries
from carteira.groups.belong import add_many
from carteira.groups.change import change_rule
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member, Pin
from conftest import NOW, TODAY

HTMX = {"HX-Request": "true"}
LATELY = {"all": [{"field": "last_payment", "is": "within", "value": 10}]}
RICH = {"all": [{"field": "paid", "is": "at_least", "value": {"amount": 10_000, "days": 365}}]}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana(cast, make_customer):
    make_customer(cast.boreal, "Ana", paid=[(TODAY, 100)])
    return make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=1), 12_000)])


def make(cast, name="Hand", rule=None, members=()):
    with scope(cast.aurora.pk):
        group = make_group(cast.aurora, name=name, rule=rule, by=cast.ana, now=NOW)
        if members:
            add_many(group, [one.pk for one in members], by=cast.ana, now=NOW)
        return group


def text(cast, path, user=None, **more):
    answer = cast.client(user or cast.ana).get(path, **more)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_the_panel_counts_and_leads_to_the_list(cast, ana, make_customer):
    """S3-04, S3-09 to S3-11: groups with counts and delinquents, those without one, a search among many."""
    bia = make_customer(cast.aurora, "Bia")
    with scope(cast.aurora.pk):
        invoice_once(
            bia, amount=900, issue_on=TODAY - timedelta(days=40), due_on=TODAY - timedelta(days=11), by=None, now=NOW
        )
    group = make(cast, "Matrícula 2026", members=[bia])
    page = text(cast, "/aurora/groups/")
    assert "Matrícula 2026" in page
    assert f"/aurora/customers/?group={group.pk}" in page
    assert 'aria-label="Delinquent: 1"' in page
    assert re.search(r'group=none".*?groups-count num">1<', page, re.DOTALL)
    for nth in range(13):
        make(cast, f"Turma {nth}")
    everything = text(cast, "/aurora/groups/")
    assert all(name in everything for name in ("Matrícula 2026", *(f"Turma {nth}" for nth in range(13))))
    found = text(cast, "/aurora/groups/?q=MATRICULA", headers=HTMX)
    assert "Matrícula 2026" in found
    assert "Turma 1" not in found
    assert "<html" not in found


def test_the_lists_panel_is_there_and_costs_the_list_nothing(cast, ana):
    client = cast.client(cast.ana)
    client.get("/aurora/customers/")
    with CaptureQueriesContext(connection) as before:
        assert 'hx-get="/aurora/groups/?side=1' in client.get("/aurora/customers/").content.decode()
    for nth in range(3):
        make(cast, f"G{nth}", members=[ana])
    with CaptureQueriesContext(connection) as after:
        client.get("/aurora/customers/")
    assert len(after) == len(before)


def test_the_panel_asks_as_often_with_one_group_as_with_three(cast, ana):
    client, counts = cast.client(cast.ana), []
    for number in (1, 2):
        for nth in range(number):
            make(cast, f"G{number}{nth}", rule=LATELY, members=[ana])
        client.get("/aurora/groups/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/aurora/groups/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12, [query["sql"] for query in asked]


def test_make_rename_delete_and_bring_back(cast, ana):
    """S3-09, S3-12, S3-13."""
    client = cast.client(cast.ana)
    answer = client.post("/aurora/groups/new/", {"name": "Grandes"})
    with scope(cast.aurora.pk):
        group = Group.objects.get(name="Grandes")
    assert answer["Location"] == f"/aurora/groups/{group.pk}/"
    again = client.post("/aurora/groups/new/", {"name": "  GRANDES "})
    assert again.status_code == 422
    assert "There is a group “Grandes” already." in again.content.decode()
    assert client.post("/aurora/groups/new/", {"name": " "}).status_code == 422
    ruled = client.post("/aurora/groups/new/", {"name": "GRANDES", "kind": "rule"}).content.decode()
    assert re.findall(r'value="(\w+)"\s+checked', ruled) == ["rule"], "a refusal loses nothing that was chosen"
    path = f"/aurora/groups/{group.pk}/"
    saved = client.post(f"{path}name/", {"value": "Enormes", "was": "Grandes"}, headers=HTMX)
    assert (saved.status_code, "Enormes" in saved.content.decode()) == (200, True)
    refused = client.post(f"{path}name/", {"value": "", "was": "Enormes"}, headers=HTMX)
    assert refused.status_code == 422
    # Among all groups one writes at once, and the name is a link again when it is saved.
    pencil = client.get(f"{path}name/?panel=1", headers=HTMX).content.decode()
    assert "autofocus" in pencil
    assert f'hx-post="{path}name/?panel=1"' in pencil
    taken = client.post("/aurora/groups/new/", {"name": "Taken"})["Location"]
    again = client.post(f"{taken}name/?panel=1", {"value": "enormes", "was": "Taken"}, headers=HTMX)
    assert (again.status_code, "There is a group" in again.content.decode()) == (422, True)
    renamed = client.post(f"{path}name/?panel=1", {"value": "Imensos", "was": "Enormes"}, headers=HTMX).content.decode()
    assert (f"?group={group.pk}" in renamed, ">Imensos</a>" in renamed, "Saved" in renamed) == (True, True, True)
    client.post(f"{path}name/", {"value": "Enormes", "was": "Imensos"}, headers=HTMX)
    client.post(f"{path}delete/")
    assert client.get(path).status_code == 404
    assert f"{path}restore/" in client.get("/aurora/groups/").content.decode()
    client.post(f"{path}restore/")
    assert "Enormes" in text(cast, path)


def test_a_group_others_ask_about_is_not_deleted(cast, ana):
    group = make(cast, "Base")
    make(cast, "Rest", rule={"field": "group", "is": "not_in", "value": [str(group.pk)]})
    client = cast.client(cast.ana)
    refused = client.post(f"/aurora/groups/{group.pk}/delete/", follow=True)
    assert "The rule of “Rest” asks about “Base”." in refused.content.decode()


def test_one_group_tells_its_rule_its_pins_and_who_moved(cast, ana, make_customer):
    """N3: who entered and left this week, and why."""
    group = make(cast, "Ricos", rule=RICH, members=[make_customer(cast.aurora, "Bia")])
    page = text(cast, f"/aurora/groups/{group.pk}/")
    assert "Amount paid at least R$" in page
    assert "in the last 365 days" in page
    assert "joined: the rule fits" in page
    assert "put in by hand" in page
    assert "Said by hand, whatever the rule says" in page
    assert "Boreal" not in page


def test_many_who_move_together_are_one_line(cast, ana, make_customer):
    """N3: a rule just made lets thousands in at one moment; the week stays readable, and says what it leaves out."""
    people = [make_customer(cast.aurora, f"Zé {n}", city="Natal") for n in range(6)]
    group = make(cast, "Natalenses", rule={"field": "city", "is": "is", "value": "Natal"})
    page = text(cast, f"/aurora/groups/{group.pk}/")
    assert "6 customers" in page
    assert "archived" not in page
    assert all(f"/aurora/customers/{one.pk}/" in page for one in people)
    with scope(cast.aurora.pk):
        told = queries.moves(group, NOW - timedelta(days=7), limit=4)
        assert [(len(one.people), one.more) for one in told] == [(4, True)]
        # Whoever is archived keeps the group and is not counted in it: the two numbers of the page are explained.
        archive(people[0], reason="lost", by=cast.ana, now=NOW)
    page = text(cast, f"/aurora/groups/{group.pk}/")
    assert "<dd>5</dd>" in page
    assert "(1 of them archived, not counted)" in page


def test_a_rule_is_built_and_previewed(cast, ana, make_customer):
    """N3: live preview of the count and ten examples."""
    make_customer(cast.aurora, "Bia")
    group = make(cast)
    path = f"/aurora/groups/{group.pk}/rule/"
    client = cast.client(cast.ana)
    assert "Save the rule" in text(cast, path)
    typed = {
        "group": str(group.pk),
        "way:": "all",
        "node": "0",
        "field:0": "paid",
        "is:0": "at_least",
        "value:0": "100,00",
    }
    found = client.post("/aurora/groups/preview/", {**typed, "days:0": "30"}, headers=HTMX).content.decode()
    assert "1 customer fits today." in found
    assert ">Ana</a>" in found
    more = client.post("/aurora/groups/preview/", {**typed, "act": "nest:"}, headers=HTMX).content.decode()
    assert 'name="way:1"' in more
    assert 'name="field:1.0"' in more
    wrong = client.post(path, {**typed, "value:0": "muito"})
    assert wrong.status_code == 422
    assert "muito" in wrong.content.decode()
    assert client.post(path, {**typed, "days:0": ""}).status_code == 302
    with scope(cast.aurora.pk):
        group.refresh_from_db()
        assert group.rule == {"all": [{"field": "paid", "is": "at_least", "value": {"amount": 10_000, "days": None}}]}
        assert group.members == 1
    assert 'value="100.00"' in text(cast, path) or 'value="100,00"' in text(cast, path)


def test_what_is_not_filled_in_yet_is_no_mistake(cast, ana):
    """N3: the builder begins without a red word; saving says what is missing, and so does a value that makes no sense."""
    group = make(cast)
    path = f"/aurora/groups/{group.pk}/rule/"
    fresh = text(cast, path)
    assert ("field-error" in fresh, "Fill in the conditions to see who fits." in fresh) == (False, True)
    client = cast.client(cast.ana)
    typed = {"group": str(group.pk), "way:": "all", "node": "0", "field:0": "paid", "is:0": "at_least", "value:0": " "}
    look = client.post("/aurora/groups/preview/", typed, headers=HTMX).content.decode()
    assert ("field-error" in look, "Fill in the conditions" in look) == (False, True)
    wrong = client.post("/aurora/groups/preview/", {**typed, "value:0": "muito"}, headers=HTMX).content.decode()
    assert ("field-error" in wrong, "Fill in the conditions" in wrong) == (True, False)
    saved = client.post(path, typed)
    assert (saved.status_code, "field-error" in saved.content.decode()) == (422, True)


def test_circles_are_refused(cast, ana):
    """N3: membership in other groups; cycles refused."""
    one = make(cast, "One")
    two = make(cast, "Two", rule={"field": "group", "is": "in", "value": [str(one.pk)]})
    typed = {"way:": "all", "node": "0", "field:0": "group", "is:0": "in", "value:0": str(two.pk)}
    refused = cast.client(cast.ana).post(f"/aurora/groups/{one.pk}/rule/", typed)
    assert refused.status_code == 422
    assert "That would go round in circles." in refused.content.decode()


def test_whoever_does_not_see_money_asks_nothing_about_it(cast, ana):
    """A preview would tell who paid how much."""
    with scope(cast.aurora.pk):
        cast.aurora.memberships.filter(user=cast.sofia).update(denied=["billing.see"])
    plain, rich = make(cast), make(cast, "Ricos", rule=RICH)
    assert "Amount paid" not in text(cast, f"/aurora/groups/{plain.pk}/rule/", cast.sofia)
    client = cast.client(cast.sofia)
    assert client.get(f"/aurora/groups/{rich.pk}/rule/").status_code == 403
    typed = {"group": str(plain.pk), "way:": "all", "node": "0", "field:0": "paid", "is:0": "at_least", "value:0": "1"}
    assert "Ana" not in client.post("/aurora/groups/preview/", typed, headers=HTMX).content.decode()


def test_on_the_card_in_out_and_left_to_the_rule(cast, ana):
    """S3-14 to S3-16 one by one; N3: each membership tells its cause."""
    group = make(cast, "Ricos", rule=RICH)
    card = f"/aurora/customers/{ana.pk}/"
    assert "by the rule" in text(cast, card)
    client = cast.client(cast.ana)
    client.post(f"/aurora/groups/customers/{ana.pk}/", {"group": str(group.pk), "says": "out"})
    assert "taken out by hand" in text(cast, card)
    client.post(f"/aurora/groups/customers/{ana.pk}/", {"group": str(group.pk), "says": "rule"})
    assert "by the rule" in text(cast, card)
    with scope(cast.aurora.pk):
        assert not Pin.objects.exists()


def test_many_at_once_and_undone(cast, ana, make_customer):
    """S3-14, S3-16, S3-17; Invoice Ninja #1621: the whole filter in one step, in and out, and each of them back."""
    bia = make_customer(cast.aurora, "Bia")
    group = make(cast, members=[bia])
    client = cast.client(cast.ana)

    def members():
        with scope(cast.aurora.pk):
            found = sorted(Member.objects.filter(group=group).values_list("customer__name", flat=True))
            assert Group.objects.get(pk=group.pk).members == len(found)
            return found

    def many(verb):
        values = {"verb": verb, "everyone": "", "group": str(group.pk), "sure": "1"}
        answer = client.post("/aurora/customers/bulk/", values, follow=True).content.decode()
        assert "the group “Hand”: " in answer, "what was done says to which group"
        with scope(cast.aurora.pk):
            act = BulkAct.objects.latest("created_at")
        assert "group “Hand”: " in text(cast, f"/aurora/customers/bulk/{act.pk}/")
        return re.search(r'action="(/aurora/customers/bulk/[^"]+/undo/)"', answer)[1]

    undo_add = many("group.add")
    assert members() == ["Ana", "Bia"]
    client.post(undo_add)
    assert members() == ["Bia"]
    undo_remove = many("group.remove")
    assert members() == []
    client.post(undo_remove)
    assert members() == ["Bia"]


def test_what_belonging_brings_along(cast, ana):
    """N4's base: payment method, due day and messages are kept with a group and shown again; nonsense changes nothing."""
    group = make(cast)
    client, path = cast.client(cast.ana), f"/aurora/groups/{group.pk}/"
    chosen = {"colour": "green", "payment_method": "boleto", "due_day": "10", "messages_welcome": "no"}

    def kept():
        with scope(cast.aurora.pk):
            return Group.objects.values_list("colour", "payment_method", "due_day", "messages_welcome").get(pk=group.pk)

    assert client.post(f"{path}change/", chosen).status_code == 302
    assert kept() == ("green", "boleto", 10, False)
    assert {name: client.get(path).context["form"].initial[name] for name in chosen} == {**chosen, "due_day": 10}
    for wrong in ({"due_day": "32"}, {"payment_method": "barter"}, {"messages_welcome": "maybe"}, {"colour": "beige"}):
        assert client.post(f"{path}change/", {**chosen, **wrong}).status_code == 422
    assert kept() == ("green", "boleto", 10, False)
    assert client.post(f"{path}change/", dict.fromkeys(chosen, "")).status_code == 302
    assert kept() == ("", "", None, None)


def test_a_group_by_hand_of_those_in_it_now(cast, ana, make_customer):
    """N3: a snapshot stays as it is, whatever happens to the group it was taken of and to its members."""
    cid = make_customer(cast.aurora, "Cid", paid=[(TODAY, 20_000)])
    rich = make(cast, "Ricos", rule=RICH)
    answer = cast.client(cast.ana).post(f"/aurora/groups/{rich.pk}/snapshot/", {"name": "Ricos de 2026"})
    with scope(cast.aurora.pk):
        taken = Group.objects.get(name="Ricos de 2026")
        assert (answer["Location"], taken.rule, taken.members) == (f"/aurora/groups/{taken.pk}/", None, 2)
        change_rule(rich, cast.aurora, rule=LATELY, by=cast.ana, now=NOW)
        reverse_payment(Payment.objects.get(customer=cid), by=cast.ana, now=NOW)
    make_customer(cast.aurora, "Dani", paid=[(TODAY, 30_000)])
    with scope(cast.aurora.pk):
        found = {
            group.name: sorted(Member.objects.filter(group=group).values_list("customer__name", flat=True))
            for group in Group.objects.all()
        }
    assert found == {"Ricos": ["Ana", "Dani"], "Ricos de 2026": ["Ana", "Cid"]}
    again = cast.client(cast.ana).post(f"/aurora/groups/{rich.pk}/snapshot/", {"name": "RICOS de 2026"})
    assert again.status_code == 422
    page = again.content.decode()
    assert "There is a group “Ricos de 2026” already." in page
    assert re.search(r'<dialog[^>]* id="group-snapshot"[^>]* open>', page), "the refusal is seen, not folded away"
    assert not re.search(r"<dialog[^>]* open>", text(cast, f"/aurora/groups/{rich.pk}/"))


def test_no_group_is_chosen_beforehand(cast, ana):
    """S3-14: a hasty click puts nobody into whichever group comes first; without groups the form says where they are made."""
    client, values = cast.client(cast.ana), {"verb": "group.add", "everyone": ""}
    assert "Make one first, on the page Groups." in client.post("/aurora/customers/bulk/", values).content.decode()
    make(cast)
    asked = client.post("/aurora/customers/bulk/", values).content.decode()
    assert '<option value="" selected>Choose a group</option>' in asked
    client.post("/aurora/customers/bulk/", {**values, "group": "", "sure": "1"})
    assert '<option value="">Choose a group</option>' in text(cast, f"/aurora/customers/{ana.pk}/")
    client.post(f"/aurora/groups/customers/{ana.pk}/", {"group": "", "says": "in"})
    with scope(cast.aurora.pk):
        assert not Pin.objects.exists()


def test_nothing_of_another_business(cast, ana):
    """A5, A9."""
    with scope(cast.boreal.pk):
        foreign = make_group(cast.boreal, name="Foreign", by=cast.dora, now=NOW)
    client = cast.client(cast.ana)
    assert client.get(f"/aurora/groups/{foreign.pk}/").status_code == 404
    assert client.post(f"/aurora/groups/{foreign.pk}/delete/").status_code == 404
    assert client.post(f"/aurora/groups/customers/{ana.pk}/", {"group": str(foreign.pk)}).status_code == 404
    mine = make(cast)
    with scope(cast.aurora.pk), pytest.raises(ValueError, match="not there any more"):
        rule = {"field": "group", "is": "in", "value": [str(foreign.pk)]}
        change_rule(mine, cast.aurora, rule=rule, by=cast.ana, now=NOW)
