"""Who of the business may look after customers, and who does."""

from uuid import UUID

from django.db import connection

from carteira.accounts.models import Account, Membership
from carteira.core.walls.scope import require_account_id

# In addresses and filters: those nobody looks after.
NOBODY = "nobody"


def members(account: Account) -> list[tuple[str, str]]:
    """Everybody of the business as choices, by name.

    Memberships stand outside the walls: the filter is what keeps other businesses' people out.
    """
    found = Membership.objects.filter(account=account).select_related("user")
    return sorted(((str(row.user_id), str(row.user)) for row in found), key=lambda pair: (pair[1].casefold(), pair[0]))


def owners() -> dict[UUID, str]:
    """Names by id, in their order: the members, and whoever left but is still in charge of somebody.

    People stand outside the walls too: only those whom this account's rows name are asked for. One index probe for each who is in charge, however many customers they have.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE charged AS (
                (SELECT owner_id FROM customers_customer
                WHERE account_id = %(account)s AND owner_id IS NOT NULL ORDER BY owner_id LIMIT 1)
                UNION ALL
                SELECT next.owner_id FROM charged CROSS JOIN LATERAL (
                    SELECT owner_id FROM customers_customer
                    WHERE account_id = %(account)s AND owner_id > charged.owner_id ORDER BY owner_id LIMIT 1
                ) next
            )
            SELECT u.id, coalesce(nullif(u.name, ''), u.email) FROM accounts_user u WHERE u.id IN (
                SELECT owner_id FROM charged
                UNION ALL SELECT user_id FROM accounts_membership WHERE account_id = %(account)s)""",
            {"account": require_account_id()},
        )
        return dict(sorted(cursor.fetchall(), key=lambda row: (row[1].casefold(), row[0])))
