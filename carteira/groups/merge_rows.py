"""How belonging to groups follows a customer into a merge: what somebody said of either holds, the kept one's first;
whom the rules fit is evaluated anew, as after any event."""

from django.utils.translation import gettext_lazy

from carteira.customers.merge.movers import Mover
from carteira.groups.lock import lock_groups

PINS = Mover(
    gettext_lazy("Groups said by hand"),
    # Said of both: what was said of the kept one.
    gives_way="""EXISTS (SELECT FROM groups_pin k WHERE k.account_id = t.account_id AND k.group_id = t.group_id
        AND k.customer_id = %(kept)s)""",
    first=lock_groups,
)
MEMBERS = Mover(derived=True)
