"""Possible duplicates: pairs of customers with the same document, e-mail, phone, name and birth date, or a similar name
in the same city (N8). Set by set over the whole account; one statement a kind, so that a million customers take seconds.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from carteira.accounts.models import Account
from carteira.core.jobs import defer
from carteira.core.walls.scope import require_account_id
from carteira.customers.merge.models import DuplicatePair, DuplicateSearch
from carteira.customers.models import Customer

Same = DuplicatePair.Same

# Of up to so many that share a value each is put beside each; of more, beside the first one only.
EACH_WITH_EACH = 10
# A name that so many share in a city says nothing.
MANY = 10
# How alike two names of a city are (pg_trgm), of those with the same beginnings.
ALIKE = 0.55
EVERY = timedelta(hours=20)

# A Brazilian mobile without its ninth digit, as it is with it (core.people.phones says which those are).
_PHONE = r"""CASE WHEN {value} ~ '^\+55[1-9][1-9][6-9][0-9]{{7}}$'
    THEN left({value}, 5) || '9' || substr({value}, 6) ELSE {value} END"""


def _keys(kind: str) -> str:
    """customer_id, value: by the customer's own row, and by its further ones."""
    value = _PHONE if kind == "phone" else "{value}"
    return f"""
        SELECT customer_id, {value.format(value=kind)} AS value FROM customers_searchentry
        WHERE account_id = %(account)s AND {kind} <> ''
        UNION
        SELECT customer_id, {value.format(value="value")} FROM customers_contactpoint
        WHERE account_id = %(account)s AND kind = '{kind}'"""


_DOCUMENTS = """SELECT customer_id, document AS value FROM customers_searchentry
    WHERE account_id = %(account)s AND document <> ''"""
_BIRTHS = """SELECT id AS customer_id, name_sort || ' ' || birth_on AS value FROM customers_customer
    WHERE account_id = %(account)s AND birth_on IS NOT NULL AND anonymised_on IS NULL AND name_sort LIKE '%% %%'"""
_NAMES = """SELECT id AS customer_id,
        city_sort || '/' || left(name_sort, 3) || '/' || left(substring(name_sort from '[^ ]+$'), 3) AS value
    FROM customers_customer
    WHERE account_id = %(account)s AND city_sort <> '' AND anonymised_on IS NULL AND name_sort LIKE '%% %%'"""

# In the order of what they tell.
STEPS: tuple[tuple[int, str], ...] = (
    (Same.DOCUMENT, _DOCUMENTS),
    (Same.EMAIL, _keys("email")),
    (Same.PHONE, _keys("phone")),
    (Same.BIRTH, _BIRTHS),
    (Same.NAME, _NAMES),
)

# Families share e-mails and phones: whoever is the other's contact is known to be somebody else.
RELATED = """EXISTS (SELECT FROM customers_contact r WHERE r.account_id = %(account)s AND r.other_id IS NOT NULL
    AND ((r.customer_id = a.id AND r.other_id = b.id) OR (r.customer_id = b.id AND r.other_id = a.id)))"""
OTHER_DOCUMENT = "a.document <> '' AND b.document <> '' AND a.document <> b.document"
_OTHER_BIRTH = "a.birth_on IS NOT NULL AND b.birth_on IS NOT NULL AND a.birth_on <> b.birth_on"


def look(account: Account, *, now: datetime, again: bool = False) -> None:
    """Begin a search anew, as a job; one that runs is left alone, or with `again` begins anew itself."""
    with transaction.atomic():
        search, _made = DuplicateSearch.objects.get_or_create(defaults={"started_at": now, "finished_at": now})
        search = DuplicateSearch.objects.select_for_update(of=("self",)).get(pk=search.pk)
        if search.finished_at is None and not again:
            return
        search.started_at, search.finished_at, search.step = now, None, 0
        search.save(update_fields=["started_at", "finished_at", "step"])
        from carteira.customers.merge.jobs import find_duplicates

        defer(find_duplicates, account.pk, once=True)


def look_daily(account: Account, now: datetime) -> None:
    """A clock."""
    last = DuplicateSearch.objects.first()
    if (last is None or last.started_at < now - EVERY) and Customer.objects.exists():
        look(account, now=now)


def step() -> bool:
    """The next kind of the search that runs; whether there is more to do. Done twice, it does the same."""
    with transaction.atomic():
        search = DuplicateSearch.objects.select_for_update(of=("self",)).filter(finished_at=None).first()
        if search is None:
            return False
        if search.step < len(STEPS):
            _find(*STEPS[search.step], search)
            search.step += 1
            search.save(update_fields=["step"])
            return True
        # What nobody would find any more; a pair somebody looked at is remembered.
        DuplicatePair.objects.filter(found_at__lt=search.started_at, dismissed_at=None).delete()
        search.finished_at = search.started_at
        search.save(update_fields=["finished_at"])
        return False


def _find(same: int, keys: str, search: DuplicateSearch) -> None:
    by_name = same == Same.NAME
    unlike = [RELATED if same in (Same.EMAIL, Same.PHONE) else ""]
    if same in (Same.BIRTH, Same.NAME):
        unlike += [OTHER_DOCUMENT]
    if by_name:
        unlike += [_OTHER_BIRTH, f"similarity(a.name_sort, b.name_sort) < {ALIKE}"]
    unlike_sql = "".join(f" AND NOT ({condition})" for condition in unlike if condition)
    many = f"n.count <= {MANY}" if by_name else f"(n.count <= {EACH_WITH_EACH} OR x.customer_id = n.first)"
    with connection.cursor() as cursor:
        # Rows of a key are few; looping over them would be right, but their statistics say otherwise.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            f"""WITH keyed AS MATERIALIZED ({keys}),
            n AS (
                SELECT value, count(*) AS count, min(customer_id::text)::uuid AS first FROM keyed
                GROUP BY value HAVING count(*) > 1
            ),
            pair AS (
                SELECT DISTINCT CASE WHEN a.number < b.number THEN a.id ELSE b.id END AS first,
                    CASE WHEN a.number < b.number THEN b.id ELSE a.id END AS second
                FROM n JOIN keyed x ON x.value = n.value AND {many}
                JOIN keyed y ON y.value = n.value AND y.customer_id <> x.customer_id
                JOIN customers_customer a ON a.account_id = %(account)s AND a.id = x.customer_id
                JOIN customers_customer b ON b.account_id = %(account)s AND b.id = y.customer_id
                WHERE a.anonymised_on IS NULL AND b.anonymised_on IS NULL{unlike_sql}
            )
            INSERT INTO customers_duplicatepair AS p (account_id, first_id, second_id, same, rank, found_at)
            SELECT %(account)s, first, second, %(same)s, %(same)s, %(at)s FROM pair
            ON CONFLICT (account_id, first_id, second_id) DO UPDATE SET
                same = CASE WHEN p.found_at = excluded.found_at THEN p.same | excluded.same ELSE excluded.same END,
                rank = CASE WHEN p.found_at = excluded.found_at THEN least(p.rank, excluded.rank) ELSE excluded.rank END,
                found_at = excluded.found_at""",
            {"account": require_account_id(), "same": int(same), "at": search.started_at},
        )
        cursor.execute("SET LOCAL enable_nestloop = on")


def said_of(same: int) -> str:
    """What two have in common, the most telling first."""
    return ", ".join(str(one.label) for one in Same if same & one)


def progress(search: DuplicateSearch) -> tuple[int, int]:
    return search.step, len(STEPS)
