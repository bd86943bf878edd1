"""What the history of others says of a customer that goes: with whom it was merged, of whom it was said not to be the
same. Their events stay, without its name."""

from carteira.core.events.models import Event
from carteira.customers.models import Customer

# Events of one customer about another, whose number stands in `what`.
_NAMING = ("customer.merged", "customer.unmerged", "customer.not_the_same", "customer.perhaps_the_same")


def forget_in_others(customer: Customer) -> int:
    """Empty them; how many. For whoever is anonymised or deleted: numbers are never given again."""
    naming = Event.objects.filter(kind__in=_NAMING, what__number=customer.number)
    return naming.exclude(customer_id=customer.pk).exclude(personal={}).update(personal={})
