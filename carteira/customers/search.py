"""Finding customers by any fragment of name, e-mail, document, phone, code or number (S2-19).

Every word typed must be found somewhere in what a customer is found by (register.search_text): accents, capitals and
the punctuation of documents and phones do not matter. One or two letters are the beginning of a name, with a digit
among them of a code or number too; beside other words, of any word. "#1042" is that number and no other.

A rare fragment is looked up in the trigram index; PostgreSQL does that for us only inside the function
customers_search (migrations 0003 to 0006). A broad one ("silva") is found soon by going along the list in its order and looking
at each customer, which needs no index. A look at a thousand customers tells which of the two it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Func, IntegerField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import GreaterThan

from carteira.accounts.models import Account
from carteira.core import dates, people
from carteira.core.registries import SearchHit
from carteira.core.urls import account_url
from carteira.core.walls.scope import require_account_id
from carteira.customers import why
from carteira.customers.lifecycle import State, view_of
from carteira.customers.models import Customer, CustomerMerge

MAX_QUERY = 200
# More words than these are not looked for: they would only narrow what is narrow already.
MAX_WORDS = 8
# How many customers are looked at, half of them the oldest ones, and how many hits among them make a fragment broad.
SAMPLE, BROAD = 1000, 25
# How many merged customers a short text leads to.
MOST_MERGED = 100
# Between the patterns of one word, on their way to customers_search. Never part of a word: it counts as white space.
_OR = "\x1f"


@dataclass(frozen=True)
class Needle:
    """A fragment, and whether it may stand anywhere or only begins a word."""

    text: str
    begins: bool = False

    def patterns(self) -> Iterator[str]:
        """LIKE patterns; any of them is a hit."""
        text = self.text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        yield from (f"{text}%", f"%\n{text}%", f"% {text}%") if self.begins else (f"%{text}%",)

    def looked_at(self) -> Q:
        """The same by looking at a customer's text. strpos, for what the planner guesses of it suits a broad fragment:
        it takes LIKE for rare."""
        if self.begins:
            return _stands_in(
                "strpos(' ' || translate(%(expressions)s)", f" {self.text}", joined_by=", chr(10), ' '), "
            )
        return _stands_in("strpos(%(expressions)s)", self.text)


def _stands_in(template: str, text: str, *, joined_by: str = ", ") -> Q:
    at: Func = Func(F("search"), Value(text), template=template, arg_joiner=joined_by, output_field=IntegerField())
    return Q(GreaterThan(at, 0))


def shortened(text: str) -> str:
    """What of a typed text is looked for: one line, at most 200 characters."""
    return " ".join(text.split())[:MAX_QUERY].rstrip()


@dataclass(frozen=True)
class Found:
    """Whom a text finds. `patterns`: what the index is asked, where it is."""

    condition: Q
    patterns: tuple[str, ...] = ()

    def first_by_name(self, most: int, *, archived: bool | None) -> Q:
        """Enough to show the first `most` of them by name, among the archived, the others or all (None)."""
        if not self.patterns:
            return self.condition
        return Q(pk__in=RawSQL("SELECT customers_search(%s::text[], %s, %s)", [[*self.patterns], archived, most]))


def found_by(text: str) -> Found:
    """Which customers of the open scope a typed text finds. May ask the database once, to see how broad the text is."""
    number = _exact_number(text)
    if number is not None:
        return Found(Q(number=number) | Q(pk__in=_merged_with(merged_number=number)))
    words = needles(text)
    if not words or (" " not in text and words[0][0].begins):
        return Found(_beginning(text))
    looked_at = reduce(and_, (reduce(or_, (needle.looked_at() for needle in word)) for word in words))
    looked, hits = _look_at_some(looked_at)
    if looked < SAMPLE or hits >= BROAD:
        return Found(looked_at)
    patterns = tuple(_OR.join(pattern for needle in word for pattern in needle.patterns()) for word in words)
    return Found(Q(pk__in=RawSQL("SELECT customers_search(%s::text[])", [[*patterns]])), patterns)


def needles(text: str) -> list[list[Needle]]:
    """For each word of a typed text its needles, any of which is a hit; all words must hit. Words that are nothing but
    punctuation are passed over: no index knows them."""
    words = text.split()[:MAX_WORDS]
    several = len(words) > 1
    # "(11) 98765-4321" is one phone: whoever has the whole of it has each word of it.
    code = _as_code(text) if several else []
    found = []
    for word in words:
        if not any(char.isalnum() for char in word):
            continue
        fragments = people.search_needles(word)
        short = len(fragments[0]) < 3
        either = [Needle(fragments[0], begins=short), *map(Needle, fragments[1:])]
        # "a sil" is a fragment of Ana Silva too. (A longer word stands in whatever the whole stands in.)
        whole = people.search_needles(text)[:1] if short and several else ()
        either += [Needle(more) for more in dict.fromkeys([*_as_code(word), *code, *whole]) if more not in fragments]
        found.append(either)
    return found


def _beginning(text: str) -> Q:
    """Whose name begins so, and, where there is a digit, whose code or number. Ranges instead of LIKE: only these may
    use an index under row security."""
    begins = people.name_sort(text)
    condition = _range("name_sort", begins) if begins else Q(pk__in=[])
    if any(char.isdecimal() for char in begins):
        merged = Q()
        for code in {text, text.upper(), text.lower()}:
            condition |= _range("code", code) & ~Q(code="")
            merged |= _range("merged_code", code)
        merged &= ~Q(merged_code="")
        if begins.isascii() and begins.isdecimal() and len(begins) < 19:
            merged |= Q(merged_number=int(begins))
        condition |= Q(pk__in=_merged_with(merged))
    if begins.isascii() and begins.isdecimal() and not begins.startswith("0"):
        first, last = int(begins), int(begins) + 1
        for _more_digits in range(9):
            condition |= Q(number__gte=first, number__lt=last)
            first, last = first * 10, last * 10
    return condition


def _merged_with(*conditions: Q, **values: Any) -> list[UUID]:
    """The survivors of merges; asked beforehand, so that the customers' indexes serve what is asked of them."""
    found = CustomerMerge.objects.filter(*conditions, undone_at=None, **values).order_by()
    return list(found.values_list("survivor_id", flat=True)[:MOST_MERGED])


def _range(column: str, begins: str) -> Q:
    """No letter sorts after U+10FFFF."""
    return Q(**{f"{column}__gte": begins, f"{column}__lt": f"{begins}\U0010ffff"})


def _as_code(text: str) -> list[str]:
    """A document or phone with blanks in it, bare; a phone also without the zero of a long-distance call."""
    bare = people.search_needles(text)[1:]
    return [*bare, *(code.lstrip("0") for code in bare if code.startswith("0") and len(code) > 10)]


def _exact_number(text: str) -> int | None:
    digits = text.removeprefix("#")
    return int(digits) if text != digits and digits.isascii() and digits.isdecimal() and len(digits) < 19 else None


def _look_at_some(looked_at: Q) -> tuple[int, int]:
    """How many customers were looked at, those registered first and last, and how many of them have it."""
    hit = ExpressionWrapper(looked_at, output_field=BooleanField())
    some = Customer.objects.annotate(hit=hit).values("hit")
    first, last = (some.order_by(order)[: SAMPLE // 2] for order in ("id", "-id"))
    sql, parameters = first.union(last, all=True).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), count(*) FILTER (WHERE hit) FROM ({sql}) looked_at", parameters)
        return cursor.fetchone()


# -- the search on top of every page


def best_hits(text: str, limit: int) -> list[SearchHit]:
    """The best few: whose code or number it is, then whose name begins with it, then whoever else has it, by name."""
    text = shortened(text)
    if not text:
        return []
    account = Account.objects.get(pk=require_account_id())
    found: dict[UUID, Customer] = {}
    for find in (_with_code, _with_name, _with_fragment):
        if len(found) < limit:
            others = find(text, limit).exclude(pk__in=list(found)).order_by("name_sort", "id")
            found |= {customer.pk: customer for customer in others[: limit - len(found)]}
    return _hits(list(found.values()), account)


def recalled(ids: Sequence[UUID]) -> list[SearchHit]:
    """Those of these customers that are still there."""
    return _hits(list(Customer.objects.filter(pk__in=ids)), Account.objects.get(pk=require_account_id()))


def _hits(customers: Sequence[Customer], account: Account) -> list[SearchHit]:
    told = why.stories(customers, view_of(account, now=dates.now()))
    return [_hit(customer, told[customer.pk].state, account) for customer in customers]


def _with_code(text: str, limit: int) -> QuerySet[Customer]:
    codes = Q(code__in={text, text.upper(), text.lower()}) & ~Q(code="")
    digits = text.removeprefix("#")
    merged = Q(merged_code__in={text, text.upper(), text.lower()}) & ~Q(merged_code="")
    if digits.isascii() and digits.isdecimal() and len(digits) < 19:
        codes |= Q(number=int(digits))
        merged |= Q(merged_number=int(digits))
    return Customer.objects.filter(codes | Q(pk__in=_merged_with(merged)))


def _with_name(text: str, limit: int) -> QuerySet[Customer]:
    begins = people.name_sort(text)
    return Customer.objects.filter(_range("name_sort", begins)) if begins else Customer.objects.none()


def _with_fragment(text: str, limit: int) -> QuerySet[Customer]:
    # Up to `limit` may be known already by their code or name.
    return Customer.objects.filter(found_by(text).first_by_name(2 * limit, archived=None))


def _hit(customer: Customer, state: State, account: Account) -> SearchHit:
    reached_by = customer.email or (people.format_phone(customer.phone, account.country) if customer.phone else "")
    detail = " · ".join(filter(None, [str(customer.number), customer.code, reached_by, customer.city]))
    url = account_url(account.slug, "customers:card", customer.pk)
    return SearchHit(customer.name, detail, url, badge=state, id=customer.pk)
