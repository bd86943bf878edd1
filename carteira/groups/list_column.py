"""The column of the customers' list that names their groups (S3-15)."""

from django.utils.translation import gettext_lazy as _

from carteira.customers.columns import Column, Line

_NAMES = """(
    SELECT string_agg(g.name, ', ' ORDER BY g.name_sort) FROM groups_member m
    JOIN groups_group g ON g.account_id = m.account_id AND g.id = m.group_id
    WHERE m.account_id = %(account)s AND m.customer_id = c.id)"""


def _show(line: Line) -> str:
    return line.customer.values["groups"] or ""


GROUPS = Column(_("Groups"), _show, sql=_NAMES, css="cell-brief", today_only=True)
