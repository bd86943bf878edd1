"""Finding customers by any fragment of name, e-mail, document, phone, code or number (S2-19)."""

from functools import reduce
from operator import and_, or_

from django.db.models import Q

from carteira.core import people
from carteira.core.registries import SearchHit

MAX_QUERY = 200


def shortened(text: str) -> str:
    """What of a typed text is looked for: one line, at most 200 characters."""
    return " ".join(text.split())[:MAX_QUERY]


def condition(text: str) -> Q:
    words = [reduce(or_, (Q(search__contains=n) for n in people.search_needles(word))) for word in text.split()]
    whole = reduce(or_, (Q(search__contains=n) for n in people.search_needles(text)))
    return reduce(and_, words) | whole


def best_hits(text: str, limit: int) -> list[SearchHit]:
    return []
