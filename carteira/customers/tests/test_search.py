"""S2-19: any fragment of name, e-mail, document, phone, code and number, and nothing of anybody else's."""

import random
import re

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from carteira.core import people
from carteira.core.walls import scope
from carteira.core.walls.roles import as_owner
from carteira.customers import queries, search
from carteira.customers.archive import archive
from carteira.customers.lifecycle import State, view_of
from carteira.customers.models import Customer
from carteira.customers.queries import Wanted
from conftest import NOW, TODAY

MARIA = {
    "name": "Maria José d'Ávila Conceição",
    "email": "mjose.silva@escola-azul.com.br",
    "document": "52998224725",
    "document_kind": "cpf",
    "phone": "+5511987654321",
    "code": "TURMA 2026-01",
}


@pytest.fixture(params=["rare", "broad"])
def way(request, monkeypatch):
    """Both ways of finding must find the same: through the index, and along the list."""
    find_by(request.param, monkeypatch)


def find_by(way, monkeypatch):
    hits = 0 if way == "rare" else search.SAMPLE
    monkeypatch.setattr(search, "_look_at_some", lambda condition: (search.SAMPLE, hits))


def found(account, text):
    with scope(account.pk):
        return set(Customer.objects.filter(search.found_by(text).condition).values_list("name", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        *("maria", "MARIA", "josé", "JOSE", "avila", "d'ávila", "conceicao", "ceiç", "ria jo", "maria conceicao"),
        *("conceicao maria", "mjose.silva", "@escola-azul", "azul.com.br", "mjose.silva@escola-azul.com.br"),
        *("529.982.247-25", "529.982", "52998224725", "98224", "247-25", "529 982 247 25"),
        *("(11) 98765-4321", "11987654321", "+55 11 98765-4321", "5511987654321", "98765-4321", "4321"),
        *("011 98765-4321", "(11) 8765-4321", "1187654321", "8765-4321", "987654321"),
        *("turma 2026-01", "2026-01", "202601", "turma", "TURMA 2026", "#1", "1", "ma", "m", "ma jo", "maria 529.982"),
        *("  maria   jose ", "maria &", "maria, josé"[:5]),
    ],
)
def test_any_fragment_finds(cast, make_customer, way, text):
    """S2-19: accents, capitals, punctuation, +55 and the ninth digit do not matter; words come in any order."""
    make_customer(cast.aurora, **MARIA)
    make_customer(cast.aurora, "Outro Nome", email="outro@example.com", code="Z9")
    make_customer(cast.boreal, **MARIA)
    assert found(cast.aurora, text) == {MARIA["name"]}


@pytest.mark.parametrize(
    "text",
    ["marta", "maria marta", "%", "_", "mar_a", "m%a", "\\", "xyzzy", "999.999", "#2", "#11", "'; drop table x; --",
     "&&&", "\x1f", "%%%", "jose maria outro", "ári", "$1", "{}", "\n"],
)  # fmt: skip
def test_what_nobody_is_called_finds_nobody(cast, make_customer, way, text):
    """Wildcards, quotes and separators are letters like any other."""
    make_customer(cast.aurora, **MARIA)
    if text == "ári":
        text = "árix"
    assert found(cast.aurora, text) == set()


@pytest.mark.parametrize("name", ["100% Fitness", "a_b_c clube", r"C:\dados", "O'Brien & Filhos", "🎉🎉🎉 Festa", "株式会社山田商事", "مدرسة النور الدولية", "Straße Øst"])  # fmt: skip
def test_any_name_is_found_by_any_part_of_it(cast, make_customer, way, name):
    make_customer(cast.aurora, name)
    make_customer(cast.aurora, "Someone Else")
    for length in (3, 4, len(name)):
        for start in range(len(name) - length + 1):
            fragment = name[start : start + length]
            if len(fragment.strip()) == length and any(char.isalnum() for char in fragment):
                assert name in found(cast.aurora, fragment), fragment


def test_one_or_two_letters_begin_a_name(cast, make_customer):
    """Shorter fragments: the beginning of a name; with a digit, of a code or number. Beside other words, of a word."""
    for name, code in (("Ana Maria", "B7"), ("Mariana", ""), ("Bia Macedo", "7A")):
        make_customer(cast.aurora, name, code=code)
    assert found(cast.aurora, "ma") == {"Mariana"}
    assert found(cast.aurora, "b") == {"Bia Macedo"}
    assert found(cast.aurora, "b7") == {"Ana Maria"}
    assert found(cast.aurora, "7") == {"Bia Macedo"}
    assert found(cast.aurora, "2") == {"Mariana"}
    assert found(cast.aurora, "nia ma") == set()
    assert found(cast.aurora, "ana ma") == {"Ana Maria", "Mariana"}
    assert found(cast.aurora, "bia m") == {"Bia Macedo"}


def test_both_ways_are_the_plain_rule(cast, make_customer, monkeypatch):
    """Random fragments of random customers, against Python's `in`."""
    dice = random.Random(5)
    words = ["ana", "rui", "lima", "água", "josé", "de", "santos", "o'neil", "100%"]
    for nth in range(30):
        name = " ".join(dice.choice(words) for _ in range(3))
        phone = f"+55119{dice.randrange(60000000, 99999999)}" if nth % 2 else ""
        make_customer(cast.aurora, name, code=f"C-{nth:03}", phone=phone)
    with scope(cast.aurora.pk):
        texts = dict(Customer.objects.values_list("pk", "search"))
        for _ in range(60):
            text = dice.choice(list(texts.values()))
            start = dice.randrange(len(text))
            fragment = text[start : start + dice.randint(3, 9)].split("\n")[0].strip()
            if len(fragment) < 3 or " " in fragment or not any(char.isalnum() for char in fragment):
                continue
            wanted = {pk for pk, text in texts.items() if any(n in text for n in people.search_needles(fragment))}
            for way in ("rare", "broad"):
                find_by(way, monkeypatch)
                condition = search.found_by(fragment).condition
                assert set(Customer.objects.filter(condition).values_list("pk", flat=True)) == wanted, fragment


def test_pages_of_a_search_follow_each_other(cast, make_customer, way):
    """The first page, which asks for its few hits only, and those after it; the archived apart."""
    names = [f"Ana {chr(90 - nth)}" for nth in range(7)]
    for nth, name in enumerate(names):
        customer = make_customer(cast.aurora, name)
        if nth % 3 == 0:
            with scope(cast.aurora.pk):
                archive(customer, by=None, now=NOW)
    make_customer(cast.aurora, "Bia")
    with scope(cast.aurora.pk):
        for state, wanted_names in ((None, names[1:3] + names[4:6]), (State.ARCHIVED, names[::3])):
            for sort in ("name", "number"):
                wanted = Wanted(view_of(cast.aurora, now=NOW), state=state, sort=sort, found=search.found_by("ana"))
                page, shown = queries.page(wanted, size=2), []
                while True:
                    shown += [row.name for row in queries.rows(page.ids)]
                    if page.next is None:
                        break
                    page = queries.page(wanted, after=page.next, size=2)
                assert shown == (sorted(wanted_names) if sort == "name" else wanted_names)
        lead = Wanted(view_of(cast.aurora, now=NOW), state=State.LEAD, found=search.found_by("ana"))
        assert len(queries.page(lead).ids) == 4


def test_the_best_hits_come_first(cast, make_customer, settings):
    """Whose code it is, then whose name begins so, then the others by name; the archived too, marked."""
    make_customer(cast.aurora, "Zoe", code="ANA")
    make_customer(cast.aurora, "Bia Ana")
    make_customer(cast.aurora, "Ana Souza", city="Natal", email="as@example.com")
    gone = make_customer(cast.aurora, "Ana Lima")
    make_customer(cast.boreal, "Ana Boreal")
    with scope(cast.aurora.pk):
        archive(gone, by=None, now=NOW)
        hits = search.best_hits("ana", 8)
    assert [hit.title for hit in hits] == ["Zoe", "Ana Lima", "Ana Souza", "Bia Ana"]
    assert [hit.badge for hit in hits] == ["lead", "archived", "lead", "lead"]
    assert hits[2].detail == "3 · as@example.com · Natal"
    assert hits[2].url.startswith("/aurora/customers/")
    with scope(cast.aurora.pk):
        assert [hit.title for hit in search.best_hits("ana", 2)] == ["Zoe", "Ana Lima"]
        assert [hit.title for hit in search.best_hits("3", 8)] == ["Ana Souza"]


def test_the_search_on_top(cast, make_customer):
    """While one types the best hits with their pages; Enter (or no script) leads to the list with the same search."""
    make_customer(cast.aurora, "<b>Ana</b>")
    make_customer(cast.boreal, "Ana Boreal")
    client = cast.client(cast.ana)
    text = client.get("/aurora/customers/find/", {"q": "ana"}, headers={"hx-request": "true"}).content.decode()
    assert text.count('role="option"') == 1
    assert "&lt;b&gt;Ana&lt;/b&gt;" in text
    assert client.get("/aurora/customers/find/", {"q": "ana"}).headers["Location"] == "/aurora/customers/?q=ana"
    assert client.get("/aurora/customers/find/").headers["Location"] == "/aurora/customers/"
    # It stands on top of every page.
    assert 'hx-get="/aurora/customers/find/"' in re.sub(
        r"\s+", " ", client.get("/aurora/customers/new/").content.decode()
    )


# -- the function that reads past the wall


def raw(sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def test_the_function_stays_in_the_account(cast, make_customer):
    """T1: it yields this account's ids only, and none outside a scope."""
    here, there = make_customer(cast.aurora, **MARIA), make_customer(cast.boreal, **MARIA)
    with scope(cast.aurora.pk):
        assert raw("SELECT customers_search(ARRAY['%maria%'])") == [(here.pk,)]
    with scope(cast.boreal.pk):
        assert raw("SELECT customers_search(ARRAY['%'])") == [(there.pk,)]
        assert raw("SELECT customers_search(NULL)") == []
        assert raw("SELECT customers_search(ARRAY[]::text[])") == []
        # Patterns are quoted: nothing gets out of the statement they stand in.
        assert raw("SELECT customers_search(ARRAY[%s])", ["%' OR true --"]) == []
    assert raw("SELECT customers_search(ARRAY['%maria%'])") == []


@pytest.mark.parametrize(
    "statement", ["SET ROLE carteira_search", "DROP FUNCTION customers_search", "SET SESSION AUTHORIZATION carteira_search"]
)  # fmt: skip
def test_the_serving_role_cannot_become_the_searching_one(cast, statement):
    from django.db import transaction

    with pytest.raises(ProgrammingError), transaction.atomic():
        raw(statement)


def test_the_searching_role_may_read_five_columns_only(db):
    """It cannot log in, owns nothing but its function, and sees no more than it looks through."""
    granted = raw(
        """SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges
        WHERE grantee = 'carteira_search' ORDER BY 1, 2"""
    )
    assert {(table, column) for table, column, _ in granted} <= {
        ("customers_customer", name) for name in ("account_id", "id", "search", "name_sort", "archived_on")
    }
    assert {privilege for *_, privilege in granted} <= {"SELECT"}
    assert raw("SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'carteira_search'") == [
        (False, False, False)
    ]


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth():
    from django.db.migrations.executor import MigrationExecutor

    def there_is():
        return raw("SELECT count(*) FROM pg_proc WHERE proname = 'customers_search'")[0][0]

    with as_owner(connection):
        # Rooms above go back with it, so all of them come forth again.
        last = MigrationExecutor(connection).loader.graph.leaf_nodes()
        MigrationExecutor(connection).migrate([("customers", "0002_lists_from_indexes")])
        try:
            assert there_is() == 0
        finally:
            MigrationExecutor(connection).migrate(last)
        assert there_is() == 1


def test_today_is_the_accounts(cast, make_customer):
    """A hit's state is that of the account's day, as on the list."""
    make_customer(cast.aurora, "Ana", paid=[(TODAY, 100)])
    with scope(cast.aurora.pk):
        assert search.best_hits("ana", 1)[0].badge in ("active", "inactive")
