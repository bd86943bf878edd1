"""Customers from a sheet: new, changed, unchanged, refused; one line of the issue's import rules each."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.core.events.models import Event
from carteira.core.sheets.engine import CannotImport
from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.customers.models import Customer
from carteira.customers.register import search_text
from carteira.customers.sheets.kind import _search
from conftest import NOW, TODAY, examples, undone

CPF, CPF2, CNPJ = "529.982.247-25", "111.444.777-35", "11.222.333/0001-81"


def rows(account, *fields):
    with scope(account.pk):
        return list(Customer.objects.order_by("number").values_list(*fields))


def test_a_file_makes_customers(cast, importer):
    """S0-07, S1-02: a customer for each line, with number, sorting keys, search and one event."""
    report = importer(
        cast.aurora,
        "customers",
        "Código;Nome;CPF/CNPJ;E-mail;Telefone;Cidade;UF;Cliente desde\n"
        f"A1;Maria da Conceição;{CPF};MARIA@Example.com;(11) 98765-4321;São Paulo;São Paulo;31/01/2020\n"
        f"A2;Padaria Ltda;{CNPJ};;;;;\n",
        language="pt-br",
        by=cast.ana,
    )
    assert report.counts == (2, 0, 0, 0)
    with scope(cast.aurora.pk):
        maria, bakery = Customer.objects.order_by("number")
        assert (maria.number, maria.code, maria.name, maria.email) == (
            1,
            "A1",
            "Maria da Conceição",
            "maria@example.com",
        )
        assert (maria.document_kind, maria.document, maria.phone) == ("cpf", "52998224725", "+5511987654321")
        assert (maria.city, maria.state, maria.city_sort, maria.name_sort) == (
            "São Paulo",
            "SP",
            "sao paulo",
            "maria da conceicao",
        )
        assert maria.registered_on == maria.counted_from == date(2020, 1, 31)
        assert bakery.registered_on == TODAY
        assert (maria.kind, bakery.kind) == ("person", "company")
        assert [customer.search for customer in (maria, bakery)] == [search_text(maria), search_text(bakery)]
        event = Event.objects.get(kind="customer.imported", customer_id=maria.pk)
        assert (event.by_id, event.at, event.what) == (cast.ana.pk, NOW, {"number": 1, "import": str(report.record.pk)})
        assert Event.objects.count() == 2
    assert rows(cast.boreal, "name") == []


def test_without_names_the_code_is_the_name(cast, importer):
    importer(cast.aurora, "customers", "code\n00004\n00018\n")
    assert rows(cast.aurora, "code", "name") == [("00004", "00004"), ("00018", "00018")]


def test_the_same_file_again_changes_nothing(cast, importer):
    """M14: importing twice changes nothing."""
    text = f"code,name,cpf\n1,Ana,{CPF}\n2,Bia,\n"
    importer(cast.aurora, "customers", text)
    before = rows(cast.aurora, "id", "updated_at", "name")
    assert importer(cast.aurora, "customers", text, now=NOW + timedelta(days=1)).counts == (0, 0, 2, 0)
    assert rows(cast.aurora, "id", "updated_at", "name") == before


def test_known_ones_are_updated_by_key(cast, importer):
    """Only mapped columns change, a blank cell leaves what is there; sorting and search follow."""
    importer(
        cast.aurora, "customers", "code,name,email,city\n1,Ana,ana@example.com,Recife\n2,Bia,bia@example.com,Natal\n"
    )
    report = importer(
        cast.aurora, "customers", "code,email,city\n1,new@example.com,\n2,bia@example.com,Olinda\n3,c@x.br,\n"
    )
    assert report.counts == (1, 2, 0, 0)
    assert rows(cast.aurora, "name", "email", "city") == [
        ("Ana", "new@example.com", "Recife"),
        ("Bia", "bia@example.com", "Olinda"),
        ("3", "c@x.br", ""),
    ]
    with scope(cast.aurora.pk):
        assert all(customer.search == search_text(customer) for customer in Customer.objects.all())
        event = Event.objects.get(kind="customer.updated_by_import", customer_id=Customer.objects.get(code="1").pk)
        assert event.what["fields"] == ["email"]


@pytest.mark.parametrize(
    ("key", "text"),
    [("document", f"cpf,name\n{CPF},Ana Maria\n"), ("email", "email,name\nANA@example.com,Ana Maria\n")],
)
def test_document_or_email_as_key(cast, importer, make_customer, key, text):
    customer = make_customer(
        cast.aurora, "Ana", code="7", email="ana@example.com", document_kind="cpf", document="52998224725"
    )
    importer(cast.aurora, "customers", text, key=key)
    # Known by its code here, so the line (which has none) means somebody else unless the key says otherwise.
    assert rows(cast.aurora, "id", "name") == [(customer.pk, "Ana Maria")]


def test_the_key_defaults_to_the_code(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", email="ana@example.com")
    report = importer(cast.aurora, "customers", "code,name,email\n7,Ana,ana@example.com\n")
    assert report.counts == (1, 0, 0, 0), "the code is the key, and nobody has it yet"


def test_names_alone_are_recognised_again(cast, importer):
    text = "nome,telefone\nMaria da Silva,\nJoão,\n"
    importer(cast.aurora, "customers", text)
    report = importer(cast.aurora, "customers", "nome,telefone\nMARIA DA SILVA,(11) 98765-4321\nJoão,\n")
    assert report.counts == (0, 1, 1, 0)
    assert rows(cast.aurora, "name", "phone") == [("MARIA DA SILVA", "+5511987654321"), ("João", "")]


def test_lines_of_one_customer(cast, importer):
    """The same again counts as unchanged; other data are refused, since nobody can say which line is right."""
    text = "code,name,city\n1,Ana,Recife\n1,Ana,\n1,Ana,Natal\n"
    for counts in ((1, 0, 1, 1), (0, 0, 2, 1)):
        report = importer(cast.aurora, "customers", text)
        assert report.counts == counts
        assert report.refused == {4: "This is the same customer as on line 2, with other data."}


def test_several_customers_with_one_document(cast, importer, make_customer):
    for name in ("Ana", "Bia"):
        make_customer(cast.aurora, name, document_kind="cpf", document="52998224725")
    report = importer(cast.aurora, "customers", f"cpf,name\n{CPF},Ana\n{CPF2},New\n")
    assert report.counts == (1, 0, 0, 1)
    assert "Several customers are “52998224725”" in report.refused[2]


def test_a_code_somebody_else_has(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1", email="ana@example.com")
    text = "email,name,code\nbia@example.com,Bia,1\ncarla@example.com,Carla,2\ndora@example.com,Dora,2\n"
    report = importer(cast.aurora, "customers", text, key="email")
    assert report.counts == (1, 0, 0, 2)
    assert report.refused == {
        2: "The code “1” belongs to another customer: Ana.",
        4: "The code “2” belongs to another customer: Carla.",
    }


def test_codes_may_change_hands(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1", email="ana@example.com")
    make_customer(cast.aurora, "Bia", code="2", email="bia@example.com")
    text = "email,code\nana@example.com,2\nbia@example.com,1\n"
    assert importer(cast.aurora, "customers", text, key="email").counts == (0, 2, 0, 0)
    assert rows(cast.aurora, "name", "code") == [("Ana", "2"), ("Bia", "1")]


def test_refused_lines_tell_why(cast, importer):
    """Bad input: every wrong line with its reason, everything else is imported."""
    report = importer(
        cast.aurora,
        "customers",
        "code,name,cpf,email,phone,registered\n"
        "1,Ana,529.982.247-26,,,\n"
        "2,Bia,,not-an-address,,\n"
        "3,Carla,,,123,\n"
        "4,Dora,,,,2020-02-30\n"
        "5,Eva,,,,2030-01-01\n"
        f"6,{'x' * 100_000},,,,\n"
        "7,Gil,,,,,extra\n"
        "8,Hugo,,nope,12,\n"
        ",,,,(11) 98765-4321,\n"
        "10,<script>alert(1)</script>,,,,\n"
        "11,\u202eevil \U0001f389 مرحبا,,,,\n",
    )
    assert report.counts == (2, 0, 0, 9)
    assert report.refused == {
        2: "document: This CPF is not valid: its check digits do not match. Look for a slip.",
        3: "e-mail: Enter one e-mail address, such as ana@example.com.",
        4: "phone: This is not a phone number. Write one number, abroad with + and the country's code.",
        5: "registered on: “2020-02-30” is not a day of the calendar.",
        6: "registered on: This day is in the future.",
        7: "name: This text is too long: at most 200 characters.",
        8: report.refused[8],
        9: "e-mail: Enter one e-mail address, such as ana@example.com. phone: This is not a phone number. Write one "
        "number, abroad with + and the country's code.",
        10: "This line names nobody: it has neither a name nor a code, document or e-mail.",
    }
    assert "more cells (7)" in report.refused[8]
    assert rows(cast.aurora, "code", "name") == [
        ("10", "<script>alert(1)</script>"),
        ("11", "evil \U0001f389 مرحبا"),
    ]


def test_a_name_is_needed_to_register(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", document_kind="cpf", document="52998224725")
    report = importer(cast.aurora, "customers", f"cpf,city\n{CPF},Recife\n{CPF2},Natal\n")
    assert report.counts == (0, 1, 0, 1)
    assert report.refused == {3: "A name is needed to register a customer."}


def test_a_check_writes_nothing(cast, importer):
    report = importer(cast.aurora, "customers", "code,name,email\n1,Ana,\n2,Bia,nope\n", dry_run=True)
    assert report.counts == (1, 0, 0, 1)
    assert rows(cast.aurora, "id") == []
    with scope(cast.aurora.pk):
        assert not Event.objects.exists()


def test_twins_in_another_account_stay_as_they_are(cast, importer, make_customer):
    """T4: the same codes, documents and e-mails in two accounts never meet."""
    twin = make_customer(
        cast.boreal, "Ana", code="1", email="ana@example.com", document_kind="cpf", document="52998224725"
    )
    text = f"code,name,email,cpf\n1,Ana Paula,ana@example.com,{CPF}\n"
    for key in ("code", "document", "email"):
        importer(cast.aurora, "customers", text, key=key)
    assert rows(cast.boreal, "id", "name") == [(twin.pk, "Ana")]
    assert rows(cast.aurora, "number", "name") == [(1, "Ana Paula")]


def test_a_key_must_be_a_column(cast, importer):
    with pytest.raises(CannotImport, match="No column is"):
        importer(cast.aurora, "customers", "name,code\nAna,1\n", key="document")


def test_columns_that_name_nobody(cast, importer):
    with pytest.raises(CannotImport, match="Say which column is the name"):
        importer(cast.aurora, "customers", "foo,bar\n1,2\n")


def test_registered_earlier_counts_from_then(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    importer(cast.aurora, "customers", "code,registered\n1,2020-05-04\n")
    assert rows(cast.aurora, "registered_on", "counted_from") == [(date(2020, 5, 4), date(2020, 5, 4))]


def test_nobody_registers_after_having_been_archived(cast, importer, make_customer):
    """The rule of customers.edit, for a whole file."""
    customer = make_customer(cast.aurora, "Ana", code="1", registered_on=date(2025, 1, 1))
    with scope(cast.aurora.pk):
        archive(customer, by=None, now=NOW, on=date(2025, 6, 1))
    report = importer(cast.aurora, "customers", "code,registered\n1,2025-06-02\n")
    assert report.refused == {2: "Ana was archived on 2025-06-01: the registration cannot be later."}
    assert importer(cast.aurora, "customers", "code,registered\n1,2025-06-01\n").counts == (0, 1, 0, 0)


# -- properties

cells = {
    "code": st.sampled_from(["", "1", "2", "A 3", "é"]),
    "name": st.sampled_from(["", "Ana", "ÁNA", "Bia 123", "李"]),
    "cpf": st.sampled_from(["", CPF, CPF2, CNPJ, "123"]),
    "email": st.sampled_from(["", "a@x.br", "B@x.br", "no"]),
    "city": st.sampled_from(["", "Recife", "São Paulo"]),
    "registered": st.sampled_from(["", "2020-01-01", "2030-01-01", "31/12/2021"]),
}


@st.composite
def files(draw):
    """A file with some of the columns, and the key to import it by."""
    columns = draw(st.lists(st.sampled_from(sorted(cells)), min_size=1, unique=True))
    lines = draw(st.lists(st.tuples(*(cells[name] for name in columns)), max_size=8))
    keys = [key for key, column in (("code", "code"), ("document", "cpf"), ("email", "email")) if column in columns]
    text = "\n".join([",".join(columns), *(",".join(line) for line in lines)]) + "\n"
    return text, draw(st.sampled_from([None, *keys]))


@given(first=files(), second=files())
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_twice_is_once(cast, importer, first, second):
    """M14: whatever a file holds, importing it again creates and updates nothing, and rows always add up."""
    with undone():
        twice_is_once(cast, importer, (first, second))


def twice_is_once(cast, importer, files):
    for text, key in files:
        try:
            done = importer(cast.aurora, "customers", text, key=key, language="pt-br")
        except CannotImport:
            continue
        before = rows(cast.aurora, "id", "name", "code", "document", "email", "city", "registered_on", "search")
        again = importer(cast.aurora, "customers", text, key=key, language="pt-br")
        assert again.counts == (0, 0, sum(done.counts[:3]), done.counts[3])
        assert again.refused == done.refused
        after = rows(cast.aurora, "id", "name", "code", "document", "email", "city", "registered_on", "search")
        assert after == before
        with scope(cast.aurora.pk):
            assert all(customer.search == search_text(customer) for customer in Customer.objects.all())


text = st.one_of(st.none(), st.text(min_size=1, max_size=30))


@given(
    name=st.one_of(st.none(), st.text(min_size=1, max_size=210)),
    email=st.sampled_from([None, "a@x.br", "maria.123@example.com", "çã@x.br"]),
    document=st.sampled_from([None, "52998224725", "12ABC34501DE35", "ÑAB&123"]),
    phone=st.sampled_from([None, "+5511987654321", "+551187654321", "+12125550123"]),
    code=text,
)
def test_quick_search_text_is_the_slow_one(name, email, document, phone, code):
    from carteira.core.people import name_sort

    fields = {"name": name, "email": email, "document": document, "phone": phone, "code": code}
    slow = search_text(Customer(**{key: value or "" for key, value in fields.items()}, number=""))
    assert _search(name_sort(name) if name else None, name, email, document, phone, code) == slow
