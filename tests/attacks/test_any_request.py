"""A22, A21: whatever somebody writes into an address or a form of groups, own fields, saved lists and merges, the answer
is a page or a refusal, never our mistake."""

from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings

from carteira.core.walls import scope
from carteira.customers.fields import listed
from carteira.customers.fields.define import add_field
from carteira.customers.fields.models import CHOSEN, Field, Kind
from carteira.customers.merge.models import DuplicatePair
from carteira.customers.models import Customer
from carteira.customers.saved.save import save_view
from carteira.groups.fields import known
from carteira.groups.make import make_group
from carteira.groups.models import Group
from conftest import NOW, TODAY, Cast, examples, undone

SLOW = settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NASTY = st.sampled_from(
    [
        *("", " ", "0", "-0", "1", "-1", "9" * 30, "1e400", "NaN", "Infinity", "1,5", "1.5", "1.234,56", "٣"),
        *("0001-01-01", "9999-12-31", "31/12/9999", "29/02/2023", "infinity", "now", "2026-13-01", "20260101"),
        *("\x00", "a\x00b", "\u202e", "\ufeff", "\ud7ff", "🎉" * 50, "%", "_", "%s%(a)s{0}", "'", '"', "\\", "--", ";"),
        *(
            "_filled",
            "_empty",
            "none",
            "yes",
            "no",
            "sim",
            "lead",
            "archived",
            "older",
            "newer",
            "true",
            "null",
            "[]",
            "{}",
        ),
        *("00000000-0000-0000-0000-000000000000", "0" * 32, "{" + "0" * 32 + "}", "urn:uuid:" + "0" * 32, "x" * 3000),
        *(
            "0~" + "0" * 32,
            "~" + "0" * 32,
            "9" * 40 + "~" + "0" * 32,
            "a~b",
            "Natal",
            "52998224725",
            "a@b.c",
            "http://x.y",
        ),
    ]
)
PATHS = st.sampled_from(
    ["", "0", "1", "0.0", "0.1", "0.0.0", "0.0.0.0.0.0.0", "00", "-1", ".", "0.", ".0", "x", "9" * 20, "٣"]
)


@pytest.fixture
def school(cast: Cast, make_customer: Any) -> Cast:
    for account in (cast.aurora, cast.boreal):
        make_customer(account, "Ana", city="Natal", paid=[(TODAY, 100)])
        make_customer(account, "Bia", registered_on=TODAY)
        with scope(account.pk):
            for kind in Kind.values:
                add_field(
                    label=f"Campo {kind}", kind=kind, options=("A", "B") if kind in CHOSEN else (), by=None, now=NOW
                )
            rule = {"field": "state", "is": "is", "value": ["lead"]}
            make_group(account, name="Leads", rule=rule, by=None, now=NOW)
            make_group(account, name="Hand", by=None, now=NOW)
            save_view({"city": "Natal"}, name="Natal", by=cast.ana, now=NOW)
    return cast


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


LIST = (
    "group",
    "state",
    "sort",
    "owner",
    "city",
    "q",
    "paid",
    "days",
    "as_of",
    "columns",
    "dense",
    "view",
    "after",
    "before",
)
LIST += ("from", "registered_from", "registered_until", "reason", "delinquent", "needs_data", "own_x")


@SLOW
@given(data=st.data())
def test_any_address_of_a_list(school: Cast, data: st.DataObject) -> None:
    """By every filter, order, column and place there is, of every kind of field."""
    with scope(school.aurora.pk):
        names = [*LIST, *listed.filters()]
        sorts = [column.sort for column in listed.columns().values() if column.sort]
        columns = [".".join([name, "groups", "x"]) for name in listed.columns()]
    value = st.one_of(NASTY, st.sampled_from([*sorts, *(f"-{sort}" for sort in sorts), *columns]))
    given = data.draw(st.dictionaries(st.sampled_from(names), value, max_size=6))
    for user in (school.ana, school.caio):
        client = school.client(user)
        assert client.get("/aurora/customers/", given).status_code in (200, 302)
        assert client.get("/aurora/customers/fields/filters/", given).status_code == 200
    with undone():
        client = school.client(school.ana)
        everyone = client.get("/aurora/customers/", given).wsgi_request.META["QUERY_STRING"]
        for verb in ("group.add", "export_csv"):
            sent = {"verb": verb, "everyone": everyone, "back": everyone, "but": data.draw(NASTY)}
            assert client.post("/aurora/customers/bulk/", sent).status_code in (200, 302)
        assert client.post("/aurora/customers/views/", {"back": everyone}).status_code == 302


@SLOW
@given(data=st.data())
def test_any_form_of_the_builder(school: Cast, data: st.DataObject) -> None:
    with scope(school.aurora.pk):
        group = Group.objects.get(name="Leads")
        fields = known(school.aurora)
    names = st.sampled_from([*fields, "x", ""])
    operators = st.sampled_from([*{name for one in fields.values() for name in one.operators}, ""])
    acts = st.builds(lambda verb, path: f"{verb}:{path}", st.sampled_from(["add", "nest", "drop", "x", ""]), PATHS)
    sent: dict[str, Any] = {"group": str(group.pk), "node": data.draw(st.lists(PATHS, max_size=6)), "way:": "any"}
    for path in sent["node"]:
        if data.draw(st.booleans()):
            sent[f"way:{path}"] = data.draw(st.sampled_from(["all", "any", "x"]))
            continue
        sent |= {f"field:{path}": data.draw(names), f"is:{path}": data.draw(operators)}
        sent |= {f"value:{path}": data.draw(st.lists(NASTY, max_size=3)), f"days:{path}": data.draw(NASTY)}
    if data.draw(st.booleans()):
        sent["act"] = data.draw(acts)
    client = school.client(school.ana)
    with undone():
        assert client.post("/aurora/groups/preview/", sent).status_code == 200
        assert client.post(f"/aurora/groups/{group.pk}/rule/", sent).status_code in (200, 302, 422)
        for path in ("", "rule/"):
            assert client.get(f"/aurora/groups/{group.pk}/{path}").status_code == 200


@SLOW
@given(data=st.data())
def test_any_form_about_fields_groups_and_merges(school: Cast, data: st.DataObject) -> None:
    with scope(school.aurora.pk):
        fields, group = list(Field.objects.all()), Group.objects.get(name="Hand")
        one, other = Customer.objects.order_by("number")
        pair = DuplicatePair.objects.get_or_create(first=one, second=other, same=2, rank=2, found_at=NOW)[0]
    draw, field = data.draw, data.draw(st.sampled_from(fields))
    words = {
        name: draw(NASTY) for name in ("label", "kind", "section", "help_text", "name", "value", "was", "says", "act")
    }
    words |= {"unique": draw(NASTY), "asked_in": draw(NASTY), "options": "\n".join(draw(st.lists(NASTY, max_size=4)))}
    words |= {f"option-{option['id']}": draw(NASTY) for option in field.options} | {"option-": draw(NASTY)}
    words |= {
        "colour": draw(NASTY),
        "due_day": draw(NASTY),
        "payment_method": draw(NASTY),
        "messages_welcome": draw(NASTY),
    }
    words |= {name: draw(st.sampled_from(["merged", "kept", "both", "x"])) for name in ("email", field.name, "own_x")}
    page = draw(
        st.sampled_from(
            [
                "customers/fields/new/",
                f"customers/fields/{field.pk}/",
                f"customers/fields/{field.pk}/type/",
                "customers/fields/order/",
                f"customers/{one.pk}/own/{field.pk}/",
                "groups/new/",
                f"groups/{group.pk}/name/",
                f"groups/{group.pk}/change/",
                f"groups/{group.pk}/snapshot/",
                f"groups/customers/{one.pk}/",
                f"customers/{one.pk}/merge/{other.pk}/",
                f"customers/duplicates/act/?customer={UUID(int=0)}",
            ]
        )
    )
    with undone():
        client = school.client(school.ana)
        sent = {**words, "field": draw(NASTY), "pair": draw(st.sampled_from([str(pair.pk), "x", "\x00"]))}
        sent["group"] = draw(st.one_of(NASTY, st.just(str(group.pk))))
        for headers in ({}, {"hx-request": "true"}):
            with undone():
                answer = client.post(f"/aurora/{page}", sent, headers=headers)
                assert answer.status_code in (200, 302, 404, 409, 422), page
                if answer.status_code == 302:
                    assert answer["Location"].startswith("/aurora/")
        assert client.get(f"/aurora/customers/{one.pk}/tab/info/").status_code == 200
