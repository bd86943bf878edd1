"""A business's own fields, as a hostile colleague or neighbour would use them."""

import csv
import io
import re
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from carteira.accounts.roles import Right
from carteira.core.sheets.exports.registry import Asking, export_kinds
from carteira.core.sheets.exports.run import write_file
from carteira.core.sheets.reader import open_sheet
from carteira.core.walls import scope
from carteira.customers import columns
from carteira.customers.fields import values
from carteira.customers.fields.define import add_field, change_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.saved.models import SavedView
from carteira.customers.saved.save import save_view
from carteira.customers.screens.asked import understand
from carteira.groups.make import make_group
from carteira.groups.rules import BadRule
from conftest import NOW, Cast

DOCUMENTS = ("52998224725", "11144477735", "39053344705")
LIST = "/aurora/customers/"


def made(account: Any, label: str = "Turma", kind: str = "text", **more: Any) -> Field:
    with scope(account.pk):
        return add_field(label=label, kind=kind, by=None, now=NOW, **more)


def filled(account: Any, field: Field, customer: Any, typed: str) -> None:
    with scope(account.pk):
        reading = values.Reading(account, NOW)
        fill(customer, field, values.clean(field, typed, reading), reading=reading, by=None, now=NOW)


@pytest.mark.parametrize("sign", ["", "-"])
def test_an_order_tells_no_document(cast: Cast, make_customer: Any, sign: str) -> None:
    """P7: who is behind a number in the order says what the holes of the card hide, digit after digit; and the address
    of the next page would hold a whole one."""
    field = made(cast.aurora, "Responsável", Kind.DOCUMENT)
    for nth, document in enumerate(DOCUMENTS):
        filled(cast.aurora, field, make_customer(cast.aurora, f"Cliente {nth}"), document)
    for user in (cast.ana, cast.caio):
        client = cast.client(user)
        plain = client.get(LIST).text
        for where in ("", f"&after=2~{UUID(int=0).hex}", f"&before=2~{UUID(int=0).hex}"):
            shown = client.get(f"{LIST}?sort={sign}own_text_{field.pk.hex}{where}").text
            assert people_of(shown) == people_of(plain)


def people_of(text: str) -> list[str]:
    return re.findall(r"Cliente \d(?=<)", text)


def test_no_order_is_for_some_only(cast: Cast) -> None:
    """The address of a list says its order, and nobody asks there for a right."""
    with scope(cast.aurora.pk):
        for kind in Kind.values:
            options = ("A", "B") if kind in CHOSEN else ()
            add_field(label=f"Campo {kind}", kind=kind, options=options, by=None, now=NOW)
        offered = columns.known(["own_"])
        assert {name for name, one in offered.items() if one.sort and one.right != Right.SEE_CUSTOMERS} == set()
        assert sum(one.sort.startswith("own_") for one in offered.values()) == len(Kind) - 1


def test_an_order_by_what_is_no_field_is_none(cast: Cast, make_customer: Any) -> None:
    """Next door's field, one that was removed, a column that the field does not have, numbers beyond the column's."""
    make_customer(cast.aurora, "Cliente 1")
    own, foreign = made(cast.aurora, "Nota", Kind.NUMBER), made(cast.boreal, "Nota", Kind.NUMBER)
    client = cast.client(cast.ana)
    own_sort, ids = f"own_number_{own.pk.hex}", (foreign.pk.hex, "0" * 32)
    for sort in (*(f"own_number_{id}" for id in ids), f"own_text_{own.pk.hex}", f"own_on_{own.pk.hex}", own_sort):
        assert client.get(f"{LIST}?sort=-{sort}").status_code == 200
        with scope(cast.aurora.pk):
            assert understand({"sort": f"-{sort}"}, cast.aurora, NOW).sort == (
                f"-{sort}" if sort == own_sort else "name"
            )
    for place in (10**30, -(10**30), "x", "", "9" * 5000, "1e9"):
        for way in ("after", "before"):
            answer = client.get(f"{LIST}?sort={own_sort}&{way}={place}~{UUID(int=0).hex}")
            assert answer.status_code == 200


# -- more than a card, a form or a column bears


def test_ten_thousand_choices_are_refused_at_once(cast: Cast) -> None:
    """Each one was compared with each: minutes for what is refused in the end."""
    lines = "\n".join(f"Turma {nth}" for nth in range(20_000))
    client = cast.client(cast.ana)
    answer = client.post(f"{LIST}fields/new/", {"label": "Turma", "kind": "choice", "options": lines})
    assert answer.status_code == 422
    assert "There are at most 200 choices" in answer.text
    field = made(cast.aurora, kind="choice", options=("A",))
    assert client.post(f"{LIST}fields/{field.pk}/", {"label": "Turma", "options": lines}).status_code == 422


def test_choices_taken_away_do_not_pile_up(cast: Cast, make_customer: Any) -> None:
    """Who has one keeps it; of those that nobody has, no more are remembered than can be chosen."""
    maria, field = make_customer(cast.aurora, "Maria"), made(cast.aurora, kind="choice", options=("Azul",))
    filled(cast.aurora, field, maria, "Azul")
    with scope(cast.aurora.pk):
        for nth in range(8):
            away = {one["id"]: "" for one in Field.objects.get().living_options}
            new = [f"Turma {nth} {each}" for each in range(100)]
            change_field(field, label="Turma", renamed=away, options=new, by=None, now=NOW)
        options = Field.objects.get().options
        assert options[0] == {**field.options[0], "removed": True}
        assert len(options) <= 100 + 200 + 1
        assert FieldValue.objects.get().said == "Azul"


def test_fields_come_back_only_where_there_is_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Removing, adding and restoring in turn made as many as one liked, and three filters of each."""
    monkeypatch.setattr("carteira.customers.fields.define.MOST", 2)
    fields = [made(cast.aurora, f"Campo {nth}") for nth in range(2)]
    client = cast.client(cast.ana)
    client.post(f"{LIST}fields/{fields[0].pk}/remove/")
    made(cast.aurora, "Campo 3")
    answer = client.post(f"{LIST}fields/{fields[0].pk}/restore/", follow=True)
    assert "There are 2 fields already" in answer.text
    with scope(cast.aurora.pk):
        assert Field.objects.filter(removed_at=None).count() == 2


# -- what is written there stays text

MARKUP = "\"><img src=x onerror=alert(1)>'{{7*7}}{% debug %}"
FORMULAS = ("=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "|cmd", "%0A=1")


def test_markup_in_labels_choices_and_values_is_text_wherever_it_shows(cast: Cast, make_customer: Any) -> None:
    """A2: card, definition, list, filters, history, rules, merges, saved lists and groups."""
    texts = {"label": f"L{MARKUP}", "section": f"S{MARKUP}", "help_text": f"H{MARKUP}"}
    one, other = (make_customer(cast.aurora, f"Maria {nth} {MARKUP}") for nth in range(2))
    text = made(cast.aurora, **texts)
    choice = made(cast.aurora, **{**texts, "label": f"C{MARKUP}"}, kind="choice", options=(f"A{MARKUP}", f"B{MARKUP}"))
    for customer, nth in ((one, 0), (other, 1)):
        filled(cast.aurora, text, customer, f"V{nth}{MARKUP}")
        filled(cast.aurora, choice, customer, choice.options[nth]["id"])
    with scope(cast.aurora.pk):
        rule = {"all": [{"field": choice.name, "is": "one_of", "value": [choice.options[0]["id"]]}]}
        group = make_group(cast.aurora, name=f"G{MARKUP}"[:80], rule=rule, by=None, now=NOW)
        view = save_view({"columns": f"name.{text.name}"}, name=f"N{MARKUP}"[:80], by=cast.ana, now=NOW)
        SavedView.objects.filter(pk=view.pk).update(shared=True)
    client = cast.client(cast.ana)
    client.post(f"{LIST}views/{view.pk}/pin/", {"yes": "1"})
    for path in (
        f"{LIST}{one.pk}/",
        f"{LIST}{one.pk}/tab/info/",
        f"{LIST}{one.pk}/tab/history/",
        f"{LIST}?columns=name.{text.name}.{choice.name}.groups&{choice.name}={choice.options[0]['id']}&group={group.pk}",
        f"{LIST}?{text.name}=V{quote(MARKUP)}",
        f"{LIST}columns/",
        f"{LIST}fields/",
        f"{LIST}fields/new/",
        f"{LIST}fields/filters/",
        f"{LIST}fields/{text.pk}/",
        f"{LIST}fields/{choice.pk}/",
        f"{LIST}fields/{text.pk}/type/?kind=number",
        f"{LIST}fields/{choice.pk}/type/?kind=text",
        f"{LIST}{one.pk}/merge/{other.pk}/",
        f"{LIST}views/{view.pk}/name/",
        "/aurora/groups/",
        f"/aurora/groups/?side=1&q={quote(MARKUP)}",
        f"/aurora/groups/{group.pk}/",
        f"/aurora/groups/{group.pk}/rule/",
    ):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200, path
        assert "<img src=x" not in answer.text, path
        assert "49" not in re.findall(r"onerror=alert\(1\)&gt;&#x27;(\S{2})", answer.text), path


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript://x.example/%0Aalert(1)",
        "\tjavascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "ftp://x.example/",
        "//x.example",
        'https://x.example/"onmouseover="alert(1)',
        "https://x.example\u202e/gpj.exe",
        "https://x.example/\x00",
        "http://[::1",
        "https://" + "x" * 5_000 + ".example",
    ],
)
def test_a_link_leads_to_the_web_or_is_none(cast: Cast, make_customer: Any, typed: str) -> None:
    """A2, A6: by hand, and by changing the type of a field that held it as text."""
    maria, link = make_customer(cast.aurora, "Maria"), made(cast.aurora, "Site", Kind.URL)
    client, info = cast.client(cast.ana), f"{LIST}{maria.pk}/tab/info/"
    answer = client.post(
        f"{LIST}{maria.pk}/own/{link.pk}/", {"was": "", "value": typed}, headers={"hx-request": "true"}
    )
    assert answer.status_code in (200, 422)
    with scope(cast.aurora.pk):
        kept = FieldValue.objects.filter(field=link).first()
        assert kept is None or re.match(r"https?://[a-z]", kept.said)
    text = made(cast.aurora, "Texto")
    client.post(f"{LIST}{maria.pk}/own/{text.pk}/", {"was": "", "value": typed})
    client.post(f"{LIST}fields/{text.pk}/type/", {"kind": "url"})
    with scope(cast.aurora.pk):
        kept = FieldValue.objects.filter(field=text).first()
        assert kept is None or not kept.fits or re.match(r"https?://[a-z]", kept.said)
    page = client.get(info).text
    assert not re.search(r"(?i)href=[\"']?\s*(javascript|data|vbscript|file|ftp):", page)
    assert '"onmouseover="' not in page


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_calculates_nothing(cast: Cast, make_customer: Any, tmp_path: Path, format: str) -> None:
    """A8: labels as heads of columns, choices, values, names; what a program of sheets would run stays what was typed."""
    maria = make_customer(cast.aurora, "=1+1")
    for nth, formula in enumerate(FORMULAS):
        filled(cast.aurora, made(cast.aurora, f"{formula.strip()} {nth}"), maria, formula)
        field = made(cast.aurora, f"{formula.strip()} {nth} escolha", kind="choice", options=(formula.strip(),))
        filled(cast.aurora, field, maria, field.options[0]["id"])
    kind, path = export_kinds["customers"], tmp_path / f"c.{format}"
    with scope(cast.aurora.pk):
        understood = kind.understand({}, cast.aurora, NOW)
    write_file(kind, Asking(cast.aurora, "en", NOW, understood), format, path)
    if format == "csv":
        cells = [cell for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"))) for cell in row]
        assert [cell for cell in cells if re.match(r"\s*[=@]|\s*[+-](?!\d+$)", cell)] == []
    else:
        with zipfile.ZipFile(path) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
        assert not any("<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet for sheet in sheets)
    with open_sheet(path) as sheet:
        header, rows = sheet.header, [item[1] for items in sheet for item in items]
    for formula in FORMULAS:
        assert any(f"{formula.strip()} " in name for name in header)
        assert formula.strip() in rows[0]


# -- next door


def test_next_door_s_fields_choices_and_values_are_nobody(cast: Cast, make_customer: Any) -> None:
    """T1, A1: what is different for every customer is so in one business; ids of another's fields and choices are none."""
    here, there = make_customer(cast.aurora, "Maria"), make_customer(cast.boreal, "Maria")
    own, foreign = (made(account, "Matrícula", unique=True) for account in (cast.aurora, cast.boreal))
    filled(cast.boreal, foreign, there, "SEGREDO-77")
    client = cast.client(cast.ana)
    answer = client.post(
        f"{LIST}{here.pk}/own/{own.pk}/", {"was": "", "value": "segredo-77"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 200
    for customer, field in ((here, foreign), (there, own), (there, foreign)):
        assert client.post(f"{LIST}{customer.pk}/own/{field.pk}/", {"was": "", "value": "x"}).status_code == 404
    ours, theirs = (
        made(account, "Cor", kind="choice", options=("Azul", "Rosa")) for account in (cast.aurora, cast.boreal)
    )
    stolen = theirs.options[0]["id"]
    sent = {"was": "", "value": stolen}
    answer = client.post(f"{LIST}{here.pk}/own/{ours.pk}/", sent, headers={"hx-request": "true"})
    assert answer.status_code == 422
    renamed = {"label": "Cor", f"option-{stolen}": "X", f"option-{ours.options[0]['id']}": "Azul", "kind": "text"}
    client.post(f"{LIST}fields/{ours.pk}/", renamed)
    client.post(f"{LIST}fields/order/", {"field": [foreign.pk, ours.pk, own.pk, "x"]})
    for name in (foreign.name, f"{foreign.name}_from", theirs.name):
        text = client.get(f"{LIST}?{name}=_filled&columns=name.{foreign.name}").text
        assert "Maria" in text
        assert "SEGREDO" not in text
    with scope(cast.aurora.pk):
        assert [(one.label, one.kind, len(one.options)) for one in Field.objects.order_by("position")] == [
            ("Cor", "choice", 2),
            ("Matrícula", "text", 0),
        ]
        with pytest.raises(BadRule, match="There is no field"):
            rule = {"field": foreign.name, "is": "is", "value": "SEGREDO-77"}
            make_group(cast.aurora, name="X", rule=rule, by=None, now=NOW)
    with scope(cast.boreal.pk):
        assert Field.objects.get(pk=theirs.pk).options == theirs.options
        assert FieldValue.objects.get().said == "SEGREDO-77"


def test_what_is_said_after_an_act_is_text(cast: Cast, make_customer: Any) -> None:
    """A2: the sentences that name a group, a field, a list or a customer, on the page behind the act."""
    maria, rosa = (make_customer(cast.aurora, f"{name}{MARKUP}") for name in ("Maria", "Rosa"))
    field, name = made(cast.aurora, f"L{MARKUP}"), f"G{MARKUP}"[:80]
    with scope(cast.aurora.pk):
        group = make_group(cast.aurora, name=name, by=None, now=NOW)
        view = save_view({"city": "Natal"}, name=f"N{MARKUP}"[:80], by=cast.ana, now=NOW)
    client, markup = cast.client(cast.ana), {"name": f"X{MARKUP}"[:80], "label": f"X{MARKUP}", "kind": "text"}
    rule = {"way:": "all", "node": "0", "field:0": "city", "is:0": "is", "value:0": MARKUP}
    for path, sent in (
        ("groups/new/", markup),
        ("groups/new/", markup),
        (f"groups/customers/{maria.pk}/", {"group": group.pk, "says": "in"}),
        (f"groups/customers/{maria.pk}/", {"group": group.pk, "says": "out", "back": "group"}),
        (f"groups/{group.pk}/rule/", rule),
        (f"groups/{group.pk}/snapshot/", {"name": f"S{MARKUP}"[:80]}),
        (f"groups/{group.pk}/delete/", {}),
        (f"groups/{group.pk}/restore/", {}),
        ("customers/fields/new/", markup),
        ("customers/fields/new/", markup),
        (f"customers/fields/{field.pk}/type/", {"kind": "number"}),
        (f"customers/fields/{field.pk}/remove/", {}),
        (f"customers/fields/{field.pk}/restore/", {}),
        ("customers/views/", {"back": f"q={quote(MARKUP)}"}),
        (f"customers/views/{view.pk}/share/", {"yes": "1"}),
        (f"customers/views/{view.pk}/pin/", {"yes": "1"}),
        (f"customers/views/{view.pk}/delete/", {}),
        (f"customers/views/{view.pk}/restore/", {}),
        ("customers/bulk/", {"verb": "group.add", "sure": "1", "group": group.pk, "id": maria.pk}),
        (f"customers/{maria.pk}/merge/{maria.pk}/", {}),
        (f"customers/{maria.pk}/merge/{rosa.pk}/", {}),
    ):
        answer = client.post(f"/aurora/{path}", sent, follow=True)
        assert answer.status_code in (200, 422), path
        assert "<img src=x" not in answer.text, path
        assert "onerror" in answer.text, path


def test_a_viewer_reads_no_whole_document_of_an_own_field(cast: Cast, make_customer: Any) -> None:
    """P7: on the card, as a column that a shared list brings along, in the history, among the filters."""
    maria, field = make_customer(cast.aurora, "Maria"), made(cast.aurora, "Responsável", Kind.DOCUMENT)
    for document in DOCUMENTS[:2]:
        sent = {"was": "" if document == DOCUMENTS[0] else "529.982.247-25", "value": document}
        client = cast.client(cast.ana)
        assert client.post(f"{LIST}{maria.pk}/own/{field.pk}/", sent, headers={"hx-request": "true"}).status_code == 200
    with scope(cast.aurora.pk):
        view = save_view({"columns": f"name.{field.name}"}, name="Todos", by=cast.ana, now=NOW)
        SavedView.objects.filter(pk=view.pk).update(shared=True)
        rule = {"field": field.name, "is": "filled", "value": None}
        group = make_group(cast.aurora, name="Com responsável", rule=rule, by=None, now=NOW)
    paths = [
        f"{LIST}{maria.pk}/",
        f"{LIST}{maria.pk}/tab/info/",
        f"{LIST}{maria.pk}/tab/history/",
        LIST,
        f"{LIST}columns/",
    ]
    paths += [f"{LIST}views/{view.pk}/", f"{LIST}?columns=name.{field.name}", f"{LIST}fields/filters/"]
    paths += [f"/aurora/groups/{group.pk}/", f"{LIST}?group={group.pk}&{field.name}=_filled"]
    whole = re.compile(r"529\.?982\.?247-?25|111\.?444\.?777-?35")
    assert whole.search(cast.client(cast.ana).get(paths[1]).text)
    for path in paths:
        answer = cast.client(cast.caio).get(path, follow=True)
        assert answer.status_code == 200
        assert not whole.search(answer.text), path


def test_a_file_names_no_field_of_next_door(cast: Cast, make_customer: Any, tmp_path: Path) -> None:
    """T1: a head that says another business's field by its id fills nothing, here or there."""
    foreign, own = made(cast.boreal, "Segredo"), made(cast.aurora, "Turma", kind="choice", options=("A",))
    file = tmp_path / "people.csv"
    file.write_text(f"name,{foreign.name},{own.name}\nMaria,x,A\nRosa,y,{'B' * 40}\n")
    with suppress(CommandError):
        call_command("import_sheet", "customers", str(file), "--account", "aurora")
    with scope(cast.aurora.pk):
        assert {value.field_id for value in FieldValue.objects.all()} <= {own.pk}
        assert [option["label"] for option in Field.objects.get().options] == ["A"]
    with scope(cast.boreal.pk):
        assert not FieldValue.objects.exists()
