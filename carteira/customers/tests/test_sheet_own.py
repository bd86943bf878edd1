"""Own fields as columns of a sheet of customers (S1-08 to S1-11): matched, cleaned, refused, written, taken back."""

from datetime import date

import pytest
from django.utils import translation

from carteira.core.events.models import Event
from carteira.core.sheets import mapping as mappings
from carteira.core.sheets.engine import CannotImport
from carteira.core.sheets.models import SheetImport, SheetLeftover
from carteira.core.sheets.registry import kinds
from carteira.core.sheets.undo import start_undo, undo_some
from carteira.core.walls import scope
from carteira.customers import history, verify
from carteira.customers.fields import queries, values
from carteira.customers.fields.convert import change_kind
from carteira.customers.fields.define import add_field, change_field, remove_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.models import Customer
from carteira.customers.search import best_hits
from conftest import NOW


def made(cast, label, kind=Kind.TEXT, account=None, **more):
    with scope((account or cast.aurora).pk):
        return add_field(label=label, kind=kind, by=cast.ana, now=NOW, **more)


def shown(cast, *fields):
    """{name: what the fields say}, as Brazilians read it."""
    with scope(cast.aurora.pk), translation.override("pt-br"):
        reading = values.Reading(cast.aurora, NOW, "pt-br")
        return {
            customer.name: tuple(
                values.shown(Field.objects.get(pk=field.pk), rows.get(field.pk, []), reading) for field in fields
            )
            for customer in Customer.objects.order_by("number")
            for rows in [queries.said_of(customer.pk)]
        }


def said(cast, customer, field, typed):
    with scope(cast.aurora.pk):
        field = Field.objects.get(pk=field.pk)
        reading = values.Reading(cast.aurora, NOW, "pt-br")
        fill(customer, field, values.clean(field, typed, reading), reading=reading, by=cast.ana, now=NOW)


def proven(cast):
    with scope(cast.aurora.pk):
        assert list(verify.search_more()) == []


def test_columns_are_known_by_their_labels_and_every_type_is_read(cast, importer):
    """S1-08, S1-11: the thirteen types, as people write them in a sheet; the search finds what is text."""
    fields = [
        made(cast, "Sala"),
        made(cast, "Observação", Kind.LONG),
        made(cast, "Bolsa", Kind.NUMBER),
        made(cast, "Valor", Kind.MONEY),
        made(cast, "Prova", Kind.DATE),
        made(cast, "E-mail da escola", Kind.EMAIL),
        made(cast, "Celular do pai", Kind.PHONE),
        made(cast, "Instagram", Kind.URL),
        made(cast, "Turno", Kind.CHOICE, options=["Manhã", "Tarde"]),
        made(cast, "Dias", Kind.CHOICES, options=["Segunda", "Terça", "Quarta, só de manhã"]),
        made(cast, "Autoriza foto", Kind.YES_NO),
        made(cast, "CPF do pai", Kind.DOCUMENT),
        made(cast, "Endereço da avó", Kind.ADDRESS),
    ]
    header = ";".join(["nome", *(field.label.upper() for field in fields)])
    report = importer(
        cast.aurora,
        "customers",
        f"{header}\n"
        'Ana;Sala 10;"gosta de\nmúsica";12,5;R$ 1.234,50;02/03/2026;A@escola.br;(11) 98765-4321;instagram.com/ana;manha;'
        "quarta, só de manhã, Segunda;sim;529.982.247-25;Rua A, 10\n"
        "Bia;;;;;;;;;;;;;\n",
        language="pt-br",
        by=cast.ana,
    )
    assert (report.refused, report.counts) == ({}, (2, 0, 0, 0))
    assert shown(cast, *fields) == {
        "Ana": (
            *("Sala 10", "gosta de\nmúsica", "12,5", "R$\xa01.234,50", "02/03/2026", "a@escola.br"),
            *("(11) 98765-4321", "https://instagram.com/ana", "Manhã", "Segunda, Quarta, só de manhã", "Sim"),
            *("529.982.247-25", "Rua A, 10"),
        ),
        "Bia": ("",) * 13,
    }
    with scope(cast.aurora.pk):
        assert [str(hit.title) for hit in best_hits("52998224725", 5)] == ["Ana"]
        assert [str(hit.title) for hit in best_hits("gosta de musica", 5)] == ["Ana"]
        typed = FieldValue.objects.filter(field=fields[2]).values_list("text", "number", "on", "fits", "alone")
        assert list(typed) == [("12.5", 125000, None, True, False)]
        assert Event.objects.filter(kind="customer.imported").count() == 2
    proven(cast)


def test_what_cannot_be_read_is_refused_line_by_line(cast, importer):
    made(cast, "Bolsa", Kind.NUMBER)
    made(cast, "Turno", Kind.CHOICE, options=["Manhã", "Tarde"])
    report = importer(cast.aurora, "customers", "nome,Bolsa,Turno\nAna,muita,noite\nBia,5,tarde\n", language="pt-br")
    assert report.counts == (1, 0, 0, 1)
    assert report.refused == {2: "Bolsa: “muita” is not a number. Turno: “noite” is none of the choices: Manhã, Tarde."}
    assert report.refused_rows[1][2:] == ["Ana", "muita", "noite"]


def test_a_blank_cell_leaves_what_is_there_and_the_same_again_changes_nothing(cast, importer, make_customer):
    """M14: what changes is told with old and new words; a second time nothing does."""
    room, day = made(cast, "Sala"), made(cast, "Prova", Kind.DATE)
    document = made(cast, "CPF do pai", Kind.DOCUMENT)
    maria = make_customer(cast.aurora, "Maria", code="A1")
    make_customer(cast.aurora, "José", code="A2")
    said(cast, maria, room, "Sala azul")
    said(cast, maria, day, "02/03/2026")
    text = "codigo;Sala;Prova;CPF do pai\nA1;Sala verde;;52998224725\nA2;Sala 3;03/03/2026;\n"
    with translation.override("pt-br"):
        assert importer(cast.aurora, "customers", text, language="pt-br", by=cast.ana).counts == (0, 2, 0, 0)
        assert importer(cast.aurora, "customers", text, language="pt-br", by=cast.ana).counts == (0, 0, 2, 0)
    assert shown(cast, room, day, document) == {
        "Maria": ("Sala verde", "02/03/2026", "529.982.247-25"),
        "José": ("Sala 3", "03/03/2026", ""),
    }
    with scope(cast.aurora.pk), translation.override("pt-br"):
        event = Event.objects.get(kind="customer.updated_by_import", customer_id=maria.pk)
        assert event.what["fields"] == sorted([room.name, document.name])
        told = history.tell(event, "BRL", whole=True)
        assert sorted(told.changes) == [("CPF do pai", "", "529.982.247-25"), ("Sala", "Sala azul", "Sala verde")]
        assert "Sala" in told.text
        assert ("CPF do pai", "", "***") in history.tell(event, "BRL", whole=False).changes
        assert [str(hit.title) for hit in best_hits("sala verde", 5)] == ["Maria"]
        assert best_hits("sala azul", 5) == []
    proven(cast)


def test_a_check_shows_own_fields_and_writes_nothing(cast, importer, make_customer):
    room = made(cast, "Sala")
    maria = make_customer(cast.aurora, "Maria", code="A1")
    said(cast, maria, room, "Sala 1")
    report = importer(cast.aurora, "customers", "code,name,Sala\nA1,,Sala 2\n,Ana,Sala 3\n", dry_run=True)
    assert [(one["title"], one["changes"]) for one in report.record.sample] == [
        ("Maria", [("Sala", "Sala 1", "Sala 2")]),
        ("Ana", [("Sala", "", "Sala 3")]),
    ]
    assert shown(cast, room) == {"Maria": ("Sala 1",)}


def test_required_is_asked_of_new_customers_only(cast, importer, make_customer):
    """Whoever is here without it stays as before; a file without the column registers all the same."""
    made(cast, "Sala", required=True)
    make_customer(cast.aurora, "Maria", code="A1")
    report = importer(cast.aurora, "customers", "code,name,Sala\nA1,Mariana,\nA2,Ana,\nA3,Bia,9\n")
    assert (report.counts, report.refused) == ((1, 1, 0, 1), {3: "Sala: this cell must not be blank."})
    assert importer(cast.aurora, "customers", "code,name\nA4,Caio\n").counts == (1, 0, 0, 0)


def test_what_is_different_for_everybody_stays_so(cast, importer, make_customer):
    """Within the file and against the account; what is given up in the file is free; a refused line gives nothing up."""
    badge = made(cast, "Crachá", unique=True)
    customers = {code: make_customer(cast.aurora, code, code=code) for code in ("A1", "A2", "A3")}
    for code, number in (("A1", "1"), ("A2", "2"), ("A3", "3")):
        said(cast, customers[code], badge, number)
    report = importer(cast.aurora, "customers", "code,Crachá\nA1,2\nA2,1\nB1,3\nB2,7\nB3,7\n")
    assert report.counts == (1, 2, 0, 2)
    sentence = "Crachá: “{}” is somebody else's already, and must be different for every customer: {}."
    assert report.refused == {4: sentence.format("3", "A3"), 6: sentence.format("7", "B2")}
    assert shown(cast, badge) == {"A1": ("2",), "A2": ("1",), "A3": ("3",), "B2": ("7",)}
    # A3 would give 3 up, but its line is refused: then B1 cannot have it.
    report = importer(
        cast.aurora, "customers", "code,Crachá,payer code\nA3,4,nobody here\nB1,3,\n", said={"payer code": "payer_code"}
    )
    assert sorted(report.refused) == [2, 3]
    assert shown(cast, badge)["A3"] == ("3",)


def test_the_same_customer_twice_with_other_data_is_refused(cast, importer):
    made(cast, "Sala")
    report = importer(cast.aurora, "customers", "code,Sala\nA1,1\nA1,2\nA1,1\n")
    assert report.counts == (1, 0, 1, 1)
    assert report.refused == {3: "This is the same customer as on line 2, with other data."}


def test_another_business_knows_nothing_of_it(cast, importer):
    made(cast, "Sala")
    other = made(cast, "Sala", account=cast.boreal)
    report = importer(cast.boreal, "customers", "nome,Sala,Turma\nDora,9,5\n")
    assert report.record.mapping == {"nome": "name", "Sala": other.name}
    with scope(cast.aurora.pk):
        assert FieldValue.objects.count() == 0
        foreign = kinds["customers"].of(cast.aurora)
        assert other.name not in foreign.names
    with scope(cast.boreal.pk):
        assert FieldValue.objects.get().field_id == other.pk


def test_its_own_word_comes_before_synonyms_and_behind_labels(cast):
    """A column is what this business calls it, but for the very labels of everybody's fields."""
    made(cast, "Canal")
    made(cast, "Telefone da escola")
    phone = made(cast, "Telefone")
    with scope(cast.aurora.pk), translation.override("pt-br"):
        kind = kinds["customers"].of(cast.aurora)
        guessed = mappings.guess(kind, ["Nome", "CANAL", "telefone da escola", "telefone", f"{phone.name} (Telefone)"])
        called = {column: str(kind.field(name).label) for column, name in guessed.items() if kind.field(name).own}
    assert called == {
        "CANAL": "Canal",
        "telefone da escola": "Telefone da escola",
        f"{phone.name} (Telefone)": "Telefone",
    }
    assert (guessed["Nome"], guessed["telefone"]) == ("name", "phone")


def test_a_field_removed_or_of_another_type_meanwhile_is_told_and_nothing_is_lost(cast, importer):
    """Between saying the columns and running: refused as a whole, in a sentence; then the columns can be said anew."""
    room, number = made(cast, "Sala"), made(cast, "Bolsa", Kind.TEXT)
    path = importer.file("nome,Sala,Bolsa\nAna,1,5\n")
    with scope(cast.aurora.pk):
        kind = kinds["customers"].of(cast.aurora)
        mapping = {"nome": "name", "Sala": room.name, "Bolsa": number.name}
        said_then = {"kind": "customers", "file_name": "x.csv", "mapping": mapping, "language": "en", "created_at": NOW}
        record = SheetImport.objects.create(versions=mappings.versions(kind, mapping), **said_then)
        remove_field(room, by=cast.ana, now=NOW)
    with pytest.raises(CannotImport, match="The field of the column “Sala” was removed meanwhile"):
        importer.run(cast.aurora, record, path)
    with scope(cast.aurora.pk):
        mapping.pop("Sala")
        record = SheetImport.objects.create(versions=mappings.versions(kind, mapping), **said_then)
        change_kind(number, Kind.NUMBER, account=cast.aurora, by=cast.ana, now=NOW)
    with pytest.raises(CannotImport, match="The field “Bolsa” became another type meanwhile"):
        importer.run(cast.aurora, record, path)
    with scope(cast.aurora.pk):
        assert (Customer.objects.count(), FieldValue.objects.count()) == (0, 0)
        assert SheetImport.objects.get(pk=record.pk).state == "failed"
    assert importer(cast.aurora, "customers", path).counts == (1, 0, 0, 0)


def test_a_field_changed_while_the_file_is_read_is_told(cast, importer, monkeypatch):
    """The last look is within the transaction that writes."""
    from carteira.core.sheets import engine

    room, read = made(cast, "Sala"), engine._read

    def slow_read(*arguments):
        rows = read(*arguments)
        with scope(cast.aurora.pk):
            change_field(room, unique=True, by=cast.ana, now=NOW)
        return rows

    monkeypatch.setattr(engine, "_read", slow_read)
    with pytest.raises(CannotImport, match="The field “Sala” was changed while the file was read"):
        importer(cast.aurora, "customers", "nome,Sala\nAna,1\n")
    assert shown(cast, room) == {}


def take_back(cast, report):
    with scope(cast.aurora.pk):
        start_undo(report.record, by=cast.ana, now=NOW)
    while undo_some(cast.aurora, report.record.pk, now=NOW):
        pass
    with scope(cast.aurora.pk):
        record = SheetImport.objects.get(pk=report.record.pk)
        left = sorted(SheetLeftover.objects.values_list("reason", "what"))
    return tuple(record.undo[name] for name in ("removed", "restored", "left")), left


def test_taken_back_it_says_what_it_said_before(cast, importer, make_customer):
    """S0-07: also choices, values that changed hands, and customers who were new; the search follows."""
    room, badge = made(cast, "Sala"), made(cast, "Crachá", unique=True)
    days = made(cast, "Dias", Kind.CHOICES, options=["Seg", "Ter", "Qua"])
    people = {code: make_customer(cast.aurora, code, code=code) for code in ("A1", "A2")}
    said(cast, people["A1"], room, "Sala 1")
    said(cast, people["A1"], days, "Seg, Qua")
    said(cast, people["A1"], badge, "1")
    said(cast, people["A2"], badge, "2")
    before = shown(cast, room, badge, days)
    report = importer(
        cast.aurora,
        "customers",
        "code;Sala;Crachá;Dias\nA1;Sala 5;2;Ter\nA2;Sala 6;1;Seg\nA3;Sala 7;3;Qua\n",
        by=cast.ana,
    )
    assert report.counts == (1, 2, 0, 0)
    with scope(cast.aurora.pk):
        # Renaming a choice is no change of what somebody has.
        ids = {option["label"]: option["id"] for option in days.options}
        change_field(days, renamed={ids["Ter"]: "Terça", ids["Seg"]: "Segunda"}, by=cast.ana, now=NOW)
    assert take_back(cast, report) == ((1, 2, 0), [])
    after = shown(cast, room, badge, days)
    assert after == {**before, "A1": ("Sala 1", "1", "Segunda, Qua")}
    with scope(cast.aurora.pk):
        told = history.tell(Event.objects.filter(kind="customer.restored_by_undo").earliest("id"), "BRL", whole=True)
        assert "Sala" in told.text
        assert [str(hit.title) for hit in best_hits("sala 1", 5)] == ["A1"]
        assert best_hits("sala 5", 5) == []
    proven(cast)


def test_taken_back_what_somebody_changed_since_stays(cast, importer, make_customer):
    """Also what became another type, and a former value that is somebody else's by now."""
    room, badge = made(cast, "Sala"), made(cast, "Crachá", unique=True)
    grade = made(cast, "Nota")
    people = {code: make_customer(cast.aurora, code, code=code) for code in ("A1", "A2", "A3")}
    said(cast, people["A1"], badge, "1")
    report = importer(cast.aurora, "customers", "code,Sala,Crachá,Nota\nA1,,9,\nA2,5,,7\n", by=cast.ana)
    said(cast, people["A2"], room, "8")
    said(cast, people["A3"], badge, "1")
    with scope(cast.aurora.pk):
        change_kind(grade, Kind.NUMBER, account=cast.aurora, by=cast.ana, now=NOW)
    counts, left = take_back(cast, report)
    assert counts == (0, 0, 2)
    assert left == [("changed", "Nota, Sala"), ("own_taken", "Crachá")] or left == [
        ("changed", "Sala, Nota"),
        ("own_taken", "Crachá"),
    ]
    assert shown(cast, room, badge, grade) == {"A1": ("", "9", ""), "A2": ("8", "", "7"), "A3": ("", "1", "")}


def test_queries_do_not_grow_with_the_lines(cast, importer, django_assert_max_num_queries):
    """Set-based: three lines and three hundred ask as much."""
    for at in range(5):
        made(cast, f"Campo {at}")
    header = "code," + ",".join(f"Campo {at}" for at in range(5))

    def ask(first, count):
        text = "".join(f"{n},{n}a,{n}b,{n}c,{n}d,{n}e\n" for n in range(first, first + count))
        with django_assert_max_num_queries(500) as asked:
            assert importer(cast.aurora, "customers", f"{header}\n{text}").counts == (count, 0, 0, 0)
        return len(asked)

    ask(0, 3)
    assert ask(10, 300) <= ask(1000, 3)


def test_a_day_in_a_spreadsheet_is_a_day(cast, importer, tmp_path):
    """Typed cells of XLSX: days, numbers, yes and no."""
    import xlsxwriter

    fields = [made(cast, "Prova", Kind.DATE), made(cast, "Bolsa", Kind.NUMBER), made(cast, "Foto", Kind.YES_NO)]
    years = made(cast, "Ano", Kind.CHOICE, options=["2025", "2026"])
    path = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["nome", "Prova", "Bolsa", "Foto", "Ano"])
    sheet.write_row(1, 0, ["Ana", date(2026, 3, 2), 12.5, True, 2026])
    book.close()
    assert importer(cast.aurora, "customers", path).refused == {}
    assert shown(cast, *fields, years) == {"Ana": ("02/03/2026", "12,5", "Sim", "2026")}
