"""Saved lists of colleagues, hostile addresses kept in one's own, and what copies and the end of a person reach."""

import json
import re
import zipfile
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import time_machine

from carteira.accounts.models import Membership
from carteira.accounts.roles import Right
from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.customers import columns
from carteira.customers.anonymise import anonymise
from carteira.customers.fields import values
from carteira.customers.fields.define import add_field, remove_field
from carteira.customers.fields.fill import fill
from carteira.customers.merge.merge import merge
from carteira.customers.models import Customer
from carteira.customers.person_export import export_person
from carteira.customers.saved.models import SavedView
from carteira.customers.saved.save import save_view
from carteira.groups.belong import add_many
from carteira.groups.make import make_group
from conftest import NOW, TODAY, Cast

LIST, VIEWS = "/aurora/customers/", "/aurora/customers/views/"
# The same in every process: tests are named by it.
NOBODYS = "0b5bd1a6-3f0e-4f5c-9c51-6f1f6f0a7d11"
ACTS = ("change", "name", "share", "pin", "first", "delete", "restore")


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def saved(account: Any, by: Any, name: str = "Natal", *, shared: bool = False, **parameters: str) -> SavedView:
    with scope(account.pk):
        view = save_view(parameters or {"city": "Natal"}, name=name, by=by, now=NOW)
        SavedView.objects.filter(pk=view.pk).update(shared=shared)
        return view


def kept(account: Any) -> list[Any]:
    with scope(account.pk):
        return list(SavedView.objects.order_by("id").values())


@pytest.mark.parametrize(
    "whose", ["a colleague's", "a colleague's, deleted", "a former member's", "next door's", "nobody's"]
)
def test_a_list_that_is_not_mine_is_as_good_as_none(cast: Cast, whose: str) -> None:
    """T1, A1: to open, change, name, share, pin, begin with, delete and bring back; not even its name is told."""
    account, by = (cast.boreal, cast.dora) if whose == "next door's" else (cast.aurora, cast.beto)
    view = saved(account, by, "Segredo do Beto")
    with scope(account.pk):
        if whose == "a colleague's, deleted":
            SavedView.objects.update(deleted_at=NOW)
        if whose == "a former member's":
            SavedView.objects.update(by=None)
    id = uuid4() if whose == "nobody's" else view.pk
    before = kept(account)
    for user in (cast.ana, cast.sofia, cast.caio):
        client = cast.client(user)
        answers = [client.get(f"{VIEWS}{id}/"), client.get(f"{VIEWS}{id}/name/")]
        answers += [
            client.post(f"{VIEWS}{id}/{act}/", {"yes": "1", "name": "Meu", "back": "city=Recife"}) for act in ACTS
        ]
        assert {answer.status_code for answer in answers} == {404}
        pages = [client.get(f"{LIST}?view={id}"), client.get(LIST)]
        assert not any("Segredo" in answer.text for answer in (*answers, *pages))
    assert kept(account) == before


def test_a_viewer_pins_what_is_shared_and_changes_nothing_of_it(cast: Cast) -> None:
    view = saved(cast.aurora, cast.beto, shared=True)
    own = saved(cast.aurora, cast.caio, "Minha")
    client, before = cast.client(cast.caio), kept(cast.aurora)
    for act in ("change", "name", "share", "delete", "restore"):
        client.post(f"{VIEWS}{view.pk}/{act}/", {"yes": "0", "name": "Meu", "back": "city=Recife"})
    client.post(f"{VIEWS}{own.pk}/share/", {"yes": "1"})
    assert kept(cast.aurora) == before
    # Who may edit customers changes what is shared, but does not take it for themselves.
    cast.client(cast.sofia).post(f"{VIEWS}{view.pk}/share/", {"yes": "0"})
    assert kept(cast.aurora) == before


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/?city=x",
        "next=https://evil.example/&city=Natal",
        "\r\nLocation: https://evil.example/",
        "view=../../../evil",
        "columns=" + ".".join(["name"] * 5_000),
        "q=" + "x" * 100_000,
        "&".join(f"own_{nth:032x}=1" for nth in range(80)),
        "sort=__class__&owner=x&group=%00&days=-1&paid=older&as_of=infinity&state=archived%00",
        "group=%00&city=%00%00&q=%00&registered_from=%00&own_x=%00",
        "as_of=0001-01-01&registered_from=9999-12-31&registered_until=0001-01-01",
        "q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
def test_what_is_kept_of_a_hostile_address_leads_back_to_the_list(cast: Cast, make_customer: Any, back: str) -> None:
    """A6, A22: every act goes to the list of this business and nowhere else, and what was kept can be opened."""
    make_customer(cast.aurora, "Maria")
    client = cast.client(cast.ana)
    view = saved(cast.aurora, cast.ana)
    for path in ("", *(f"{view.pk}/{act}/" for act in ACTS)):
        answer = client.post(f"{VIEWS}{path}", {"back": back, "yes": "1", "name": "Meu"})
        assert answer.status_code in (302, 404)
        if answer.status_code == 302:
            assert answer["Location"].startswith(LIST)
            assert "evil.example" not in answer["Location"].partition("?")[0]
        page = client.get(LIST, follow=True)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    for parameters in kept(cast.aurora):
        assert len(json.dumps(parameters["parameters"])) < 5_000


@pytest.mark.parametrize(
    "stored",
    [
        {"sort": "own_text_" + "0" * 32, "columns": "x.y.z", "view": "none", "owner": NOBODYS},
        {"group": NOBODYS, "state": "banana", "days": "9" * 400, "paid": "older"},
        {"as_of": "9999-12-31", "registered_from": "x", "q": "\u0000" * 3 or "", "city": "x" * 5_000},
        {"unknown": "1", "columns": "", "dense": "x"},
    ],
)
def test_a_list_that_was_kept_wrongly_opens_all_the_same(
    cast: Cast, make_customer: Any, stored: dict[str, str]
) -> None:
    """By an older version, or a hand in the database: what makes no sense is left out."""
    make_customer(cast.aurora, "Maria")
    view = saved(cast.aurora, cast.ana, shared=True)
    with scope(cast.aurora.pk):
        SavedView.objects.filter(pk=view.pk).update(
            parameters={name: value.replace("\u0000", "") for name, value in stored.items()}
        )
    for user in (cast.ana, cast.caio):
        client = cast.client(user)
        client.post(f"{VIEWS}{view.pk}/pin/", {"yes": "1"})
        client.post(f"{VIEWS}{view.pk}/first/", {"yes": "1"})
        for path in (f"{VIEWS}{view.pk}/", LIST, f"{LIST}?view={view.pk}", f"{LIST}columns/?{quote('view=x')}"):
            assert client.get(path, follow=True).status_code == 200


def test_a_shared_list_asks_for_its_reader_s_rights(cast: Cast, make_customer: Any) -> None:
    """Kept by whoever may see money and documents, opened by whoever may not."""
    maria = make_customer(cast.aurora, "Maria", document="52998224725", document_kind="cpf", paid=[(TODAY, 123_456)])
    make_customer(cast.aurora, "Rosa")
    with scope(cast.aurora.pk):
        invoice_once(maria, amount=987_65, due_on=TODAY, method="boleto", by=None, now=NOW)
    shown = "name.document.open_balance.email"
    view = saved(cast.aurora, cast.ana, shared=True, needs_data="1", columns=shown)
    opened = cast.client(cast.ana).get(f"{VIEWS}{view.pk}/", follow=True).text
    assert "529.982.247-25" in opened
    assert "987,65" in opened
    assert "Rosa" not in opened
    Membership.objects.filter(user=cast.caio).update(denied=[Right.SEE_MONEY])
    hidden = cast.client(cast.caio).get(f"{VIEWS}{view.pk}/", follow=True).text
    assert "529.982.247-25" not in hidden
    assert "987,65" not in hidden
    assert "needs_data" not in hidden
    assert "Maria" in hidden
    assert "Rosa" in hidden


@pytest.mark.parametrize(
    "value", ["\x00", "", " ", "none\x00", "%", "x" * 100_000, "{" + "0" * 32 + "}", "\u202e", "'"]
)
def test_any_text_asks_for_a_group(cast: Cast, make_customer: Any, value: str) -> None:
    """A22: in every address that takes a group."""
    make_customer(cast.aurora, "Maria")
    with scope(cast.aurora.pk):
        make_group(cast.aurora, name="Turma", by=None, now=NOW)
    client = cast.client(cast.ana)
    for path in (LIST, f"{LIST}own-fields/", "/aurora/billing/invoices/", "/aurora/groups/", f"{LIST}fields/filters/"):
        assert client.get(path, {"group": value, "q": value[:200]}).status_code in (200, 302, 404)
    for path, data in (
        ("/aurora/groups/preview/", {"group": value}),
        ("/aurora/groups/new/", {"name": value}),
        ("/aurora/exports/", {"kind": "customers", "format": "csv", "group": value}),
        (f"{LIST}bulk/", {"verb": "group.add", "sure": "1", "everyone": "", "group": value}),
        (f"{LIST}bulk/", {"verb": "group.add", "everyone": f"group={value}"}),
    ):
        assert client.post(path, data).status_code in (200, 302, 400, 404, 422), path


# -- copies, and the end of a person


def test_a_copy_and_the_end_reach_everything_of_these_rooms(
    cast: Cast, make_customer: Any, settings: Any, tmp_path: Any
) -> None:
    """P1, P2: own fields (a removed one too), groups, what a merge keeps, saved lists; and nothing of anybody else."""
    settings.FILES_ROOT = tmp_path / "files"
    zulmira, other = (
        make_customer(cast.aurora, "Zulmira Exótica"),
        make_customer(cast.aurora, "Zulmira E.", email="zu@example.com"),
    )
    rosa = make_customer(cast.aurora, "Rosa")
    with scope(cast.aurora.pk):
        reading = values.Reading(cast.aurora, NOW)
        fields = [add_field(label=label, kind="text", by=None, now=NOW) for label in ("Alergia", "Antigo")]
        for customer, word in ((zulmira, "camarão"), (rosa, "amendoim")):
            for field in fields:
                fill(
                    customer,
                    field,
                    values.clean(field, f"{word} {field.label}", reading),
                    reading=reading,
                    by=None,
                    now=NOW,
                )
        remove_field(fields[1], by=None, now=NOW)
        group = make_group(cast.aurora, name="Grupo da Zulmira Exótica", by=None, now=NOW)
        add_many(group, [zulmira.pk, rosa.pk], by=None, now=NOW)
        save_view({"q": "zulmira exótica"}, name="Ver Zulmira Exótica", by=cast.ana, now=NOW)
        merge(zulmira, other, by=None, now=NOW)
        request = export_person(Customer.objects.get(pk=zulmira.pk), by=None, now=NOW)
        with zipfile.ZipFile(request.file.path) as copy:
            held = "\n".join(copy.read(name).decode(errors="replace") for name in copy.namelist())
        for word in ("camarão Alergia", "camarão Antigo", "Grupo da Zulmira", "zu@example.com", "Zulmira E."):
            assert word in held, word
        assert "amendoim" not in held
        assert "Rosa" not in held
        request = anonymise(Customer.objects.get(pk=zulmira.pk), by=None, now=NOW)
        assert request.result["searched"]["left"] == {}
        assert request.result["searched"]["elsewhere"] == {}
        assert not SavedView.objects.exclude(name="?").exists()
        assert list(group.pins.values_list("customer__name", flat=True).order_by("customer__number"))[1] == "Rosa"


def test_lists_come_back_only_where_there_is_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleting, saving and bringing back in turn made as many as one liked."""
    monkeypatch.setattr("carteira.customers.saved.save.MOST", 2)
    views = [saved(cast.aurora, cast.ana, f"Lista {nth}") for nth in range(2)]
    client = cast.client(cast.ana)
    client.post(f"{VIEWS}{views[0].pk}/delete/")
    saved(cast.aurora, cast.ana, "Lista 3")
    answer = client.post(f"{VIEWS}{views[0].pk}/restore/", follow=True)
    assert "You have 2 saved lists already" in answer.text
    with scope(cast.aurora.pk):
        assert SavedView.objects.filter(deleted_at=None).count() == 2


def test_every_column_can_be_kept(cast: Cast) -> None:
    """C-03: an address joins their names by dots, so no name has one."""
    assert [name for name in columns.columns.names() if not re.fullmatch(r"\w+", name)] == []
    view = saved(cast.aurora, cast.ana, columns=".".join(columns.columns.names()))
    answer = cast.client(cast.ana).get(f"{VIEWS}{view.pk}/", follow=True)
    assert "A column of this list is not there any more" not in answer.text
