"""One lock for all groups of an account. Whoever evaluates a few customers that it holds shares it; whoever evaluates
everybody, changes what is evaluated, pins, or takes customers away holds it alone: else each would miss what the other
has not committed yet.

It is the last lock anybody waits for, after those of customers. Whoever holds it may write rows that name customers, and
their foreign keys wait for nobody's `FOR NO KEY UPDATE`: hence nobody holds a customer by more while waiting here.
"""

from carteira.core.locks import lock


def lock_groups(*, shared: bool = False) -> None:
    lock("groups", shared=shared)
