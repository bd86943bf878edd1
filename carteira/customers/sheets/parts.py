"""What the columns of customers.sheets.part_fields would add and change: temporary tables that `parts_write` writes.

A file adds and fills; what it does not name stays. A contact is the same when its name is (whatever the capitals): its
other cells then say what is new about it. A payer is named by code, #number or document, as somebody who is here or on
another line of the file, or by the name of one of the customer's own contacts; the customer itself means nobody else pays.
"""

import json
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from carteira.accounts.models import Membership
from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import ROWS, Stage, execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.parts import MOST
from carteira.customers.sheets.finding import FOUND
from carteira.customers.sheets.part_fields import PART_FIELDS

POINTS, CONTACTS, OWNERS, PAYERS = "sheet_points", "sheet_contacts", "sheet_owners", "sheet_payers"
# line; what was, what will be, and what an undo needs, as JSON.
CHANGES = "sheet_part_changes"
_LABELS = {field.name: field.label for field in PART_FIELDS}
_BARE = "upper(regexp_replace({0}, '[^[:alnum:]#]', '', 'g'))"


def match_parts(stage: Stage, reading: Reading) -> None:
    """Refuses lines that contradict what is here, and makes the tables above."""
    account = {"account": require_account_id()}
    _match_points(reading, account)
    _match_contacts(stage, account)
    _refuse_too_many(stage, account)
    _match_owners(stage, reading, account)
    while _match_payers(stage, reading, account):
        continue
    for name in (POINTS, CONTACTS, OWNERS):
        execute(f"DELETE FROM {name} WHERE line NOT IN (SELECT line FROM {ROWS})")
    _tell_changes(account)


def changed_parts() -> list[str]:
    """SQL expressions that name, for a line `s`, the parts that change; null where one does not."""
    points = f"CASE WHEN s.line IN (SELECT line FROM {POINTS} WHERE kind = '{{0}}') THEN 'more_{{0}}s' END"
    return [
        *(points.format(kind) for kind in ("email", "phone")),
        f"CASE WHEN s.line IN (SELECT line FROM {CONTACTS}) THEN 'contacts' END",
        f"CASE WHEN s.line IN (SELECT line FROM {OWNERS}) THEN 'owner' END",
        f"CASE WHEN s.line IN (SELECT line FROM {PAYERS}) THEN 'payer' END",
    ]


def new_parts(lines: list[int]) -> dict[int, dict[str, Any]]:
    """What these lines bring, as CHANGES tells it of customers who are here."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT line, new FROM {CHANGES} WHERE line = ANY(%s)", [lines])
        return {line: json.loads(new) if isinstance(new, str) else new for line, new in cursor.fetchall()}


def _match_points(reading: Reading, account: dict[str, Any]) -> None:
    main = {
        name: f"coalesce(s.{name}, c.{name}, '')" if name in reading.fields else f"coalesce(c.{name}, '')"
        for name in ("email", "phone")
    }
    table(
        POINTS,
        f"""SELECT uuidv7() AS id, s.line, f.customer_id, p.kind, p.value, p.label FROM {ROWS} s
        LEFT JOIN {FOUND} f ON f.line = s.line
        LEFT JOIN customers_customer c ON c.account_id = %(account)s AND c.id = f.customer_id
        CROSS JOIN LATERAL jsonb_to_recordset(s.points) AS p(kind text, value text, label text)
        WHERE s.points IS NOT NULL
            AND p.value <> CASE p.kind WHEN 'email' THEN {main["email"]} ELSE {main["phone"]} END
            AND NOT EXISTS (SELECT FROM customers_contactpoint k WHERE k.account_id = %(account)s
                AND k.customer_id = f.customer_id AND k.kind = p.kind AND k.value = p.value)""",
        account,
    )


def _match_contacts(stage: Stage, account: dict[str, Any]) -> None:
    table(
        f"{CONTACTS}_all",
        f"""SELECT uuidv7() AS id, s.line, f.customer_id, n.name, n.role, n.email, n.phone, n.alone,
            k.id AS known, k.many, coalesce(k.same, FALSE) AS same, k.is_customer,
            k.role AS old_role, k.email AS old_email, k.phone AS old_phone
        FROM {ROWS} s LEFT JOIN {FOUND} f ON f.line = s.line
        CROSS JOIN LATERAL jsonb_to_recordset(s.contacts)
            AS n(name text, role text, email text, phone text, alone boolean)
        LEFT JOIN LATERAL (
            SELECT k.id, k.role, k.email, k.phone, k.other_id IS NOT NULL AS is_customer, count(*) OVER () AS many,
                (n.role IS NULL OR n.role = k.role) AND (k.other_id IS NOT NULL OR (
                    (n.email IS NULL OR n.email = k.email) AND (n.phone IS NULL OR n.phone = k.phone))) AS same
            FROM customers_contact k
            LEFT JOIN customers_customer o ON o.account_id = k.account_id AND o.id = k.other_id
            WHERE k.account_id = %(account)s AND k.customer_id = f.customer_id
                AND lower(coalesce(nullif(k.name, ''), o.name)) = lower(n.name)
            ORDER BY same DESC, k.id LIMIT 1
        ) k ON TRUE
        WHERE s.contacts IS NOT NULL""",
        account,
    )
    stage.refuse(
        _("Several contacts of this customer are called “{value}”: change them on its card."),
        f"SELECT line, name AS value, NULL AS other FROM {CONTACTS}_all WHERE many > 1 AND alone AND NOT same",
        {},
    )
    # Those of one name on one line are different people: whoever is not here as the line tells is new.
    table(
        CONTACTS,
        f"""SELECT id, line, customer_id, name, role, CASE WHEN changes AND is_customer THEN NULL ELSE email END AS email,
            CASE WHEN changes AND is_customer THEN NULL ELSE phone END AS phone,
            CASE WHEN changes THEN known END AS known, old_role, old_email, old_phone
        FROM (SELECT *, known IS NOT NULL AND alone AS changes FROM {CONTACTS}_all WHERE NOT same) n""",
    )


def _refuse_too_many(stage: Stage, account: dict[str, Any]) -> None:
    for new, there in ((POINTS, "customers_contactpoint"), (f"{CONTACTS} WHERE known IS NULL", "customers_contact")):
        stage.refuse(
            _("A customer keeps at most {value} further phones and e-mails, and as many contacts."),
            f"""SELECT line, {MOST} AS value, NULL AS other
            FROM (SELECT line, customer_id, count(*) AS more FROM {new} GROUP BY line, customer_id) n
            WHERE more + (SELECT count(*) FROM {there} k
                WHERE k.account_id = %(account)s AND k.customer_id = n.customer_id) > {MOST}""",
            account,
        )


def _match_owners(stage: Stage, reading: Reading, account: dict[str, Any]) -> None:
    """Whoever left the business is still told by the e-mail where in charge, so that an export comes back."""
    if "owner_email" not in reading.fields:
        table(OWNERS, "SELECT 0 AS line, NULL::uuid AS customer_id, NULL::uuid AS old, NULL::uuid AS new LIMIT 0")
        return
    # Memberships stand outside the walls: this filter is what keeps other businesses' people out.
    members = Membership.objects.filter(account=reading.account).values_list("user__email", "user_id")
    parameters = {**account, "emails": [email.lower() for email, _id in members], "ids": [id for _email, id in members]}
    table(
        f"{OWNERS}_all",
        f"""SELECT s.line, s.owner_email, f.customer_id, c.owner_id AS old, m.id AS new, lower(u.email) = s.owner_email AS same
        FROM {ROWS} s LEFT JOIN {FOUND} f ON f.line = s.line
        LEFT JOIN customers_customer c ON c.account_id = %(account)s AND c.id = f.customer_id
        LEFT JOIN accounts_user u ON u.id = c.owner_id
        LEFT JOIN unnest(%(emails)s::text[], %(ids)s::uuid[]) AS m(email, id) ON m.email = s.owner_email
        WHERE s.owner_email IS NOT NULL""",
        parameters,
    )
    stage.refuse(
        _("%(column)s: nobody of this business has the e-mail “{value}”.") % {"column": _LABELS["owner_email"]},
        f"SELECT line, owner_email AS value, NULL AS other FROM {OWNERS}_all WHERE new IS NULL AND same IS NOT TRUE",
        {},
    )
    table(
        OWNERS,
        f"SELECT line, customer_id, old, new FROM {OWNERS}_all WHERE same IS NOT TRUE AND new IS DISTINCT FROM old",
    )


def _match_payers(stage: Stage, reading: Reading, account: dict[str, Any]) -> int:
    """How many lines were refused: then others may mean a payer who does not come, and it is asked again."""
    if "payer_code" not in reading.fields:
        table(
            PAYERS,
            """SELECT NULL::uuid AS id, 0 AS line, NULL::uuid AS customer_id, NULL::uuid AS was, FALSE AS itself,
                NULL::uuid AS payer_id, 0 AS payer_line, NULL::uuid AS contact LIMIT 0""",
        )
        return 0
    code, document = (name in reading.fields for name in ("code", "document"))
    nobody = "(SELECT NULL::text AS word, NULL::integer AS line, 0 AS many)"
    new = f"""(SELECT s.{{0}} AS word, min(s.line) AS line, count(*) AS many FROM {ROWS} s
        WHERE s.{{0}} IS NOT NULL AND NOT EXISTS (SELECT FROM {FOUND} f WHERE f.line = s.line) GROUP BY s.{{0}})"""
    told = "coalesce(nullif(o.code, ''), nullif(o.document, ''), '#' || o.number, nullif(k.document, ''), k.name)"
    table(
        f"{PAYERS}_all",
        f"""SELECT s.line, s.payer_code, f.customer_id, now.id AS was, now.other_id,
            coalesce(now.told = {_BARE.format("s.payer_code")}, FALSE) AS same,
            coalesce(c.id, m.id, n.id, CASE WHEN d.many = 1 THEN d.id END) AS payer_id,
            CASE WHEN coalesce(c.id, m.id) IS NULL THEN coalesce(fc.line, CASE WHEN n.id IS NULL AND d.many = 0 THEN fd.line END) END
                AS payer_line,
            greatest(d.many, fd.many) > 1 AND coalesce(c.id, m.id) IS NULL AND fc.line IS NULL AND n.id IS NULL AS several,
            own.id AS contact, here.id AS new_contact
        FROM {ROWS} s LEFT JOIN {FOUND} f ON f.line = s.line
        LEFT JOIN customers_customer c ON c.account_id = %(account)s AND c.code <> '' AND c.code = s.payer_code
        LEFT JOIN LATERAL (
            SELECT g.survivor_id AS id FROM customers_customermerge g WHERE g.account_id = %(account)s
                AND g.undone_at IS NULL AND g.merged_code <> '' AND g.merged_code = s.payer_code
            ORDER BY g.id DESC LIMIT 1
        ) m ON TRUE
        LEFT JOIN {new.format("code") if code else nobody} fc ON fc.word = s.payer_code
        LEFT JOIN customers_customer n ON n.account_id = %(account)s
            AND n.number = CASE WHEN s.payer_code ~ '^#[0-9]{{1,18}}$' THEN substr(s.payer_code, 2)::bigint END
        LEFT JOIN LATERAL (
            SELECT min(x.id::text)::uuid AS id, count(*) AS many FROM customers_customer x
            WHERE x.account_id = %(account)s AND x.document <> '' AND x.document = s.payer_document
        ) d ON TRUE
        LEFT JOIN {new.format("document") if document else nobody} fd ON fd.word = s.payer_document
        LEFT JOIN LATERAL (
            SELECT k.id, k.other_id, {_BARE.format(told)} AS told FROM customers_contact k
            LEFT JOIN customers_customer o ON o.account_id = k.account_id AND o.id = k.other_id
            WHERE k.account_id = %(account)s AND k.customer_id = f.customer_id AND k.is_payer
        ) now ON TRUE
        LEFT JOIN LATERAL (
            SELECT k.id FROM customers_contact k WHERE k.account_id = %(account)s AND k.customer_id = f.customer_id
                AND k.other_id IS NULL AND (lower(k.name) = lower(s.payer_code) OR k.document = s.payer_document)
            ORDER BY k.id LIMIT 1
        ) own ON TRUE
        LEFT JOIN LATERAL (
            SELECT k.id FROM {CONTACTS} k WHERE k.line = s.line AND k.known IS NULL AND lower(k.name) = lower(s.payer_code)
            ORDER BY k.id LIMIT 1
        ) here ON TRUE
        WHERE s.payer_code IS NOT NULL""",
        account,
    )
    column = {"column": _LABELS["payer_code"]}
    refused = stage.refuse(
        _("%(column)s: several customers have the document “{value}”. Name this one by its code.") % column,
        f"SELECT line, payer_code AS value, NULL AS other FROM {PAYERS}_all WHERE several AND NOT same",
        {},
    )
    refused += stage.refuse(
        _("%(column)s: there is no customer with the code or document “{value}”, nor a contact of that name.") % column,
        f"""SELECT line, payer_code AS value, NULL AS other FROM {PAYERS}_all WHERE NOT same AND NOT several
            AND payer_id IS NULL AND payer_line IS NULL AND contact IS NULL AND new_contact IS NULL""",
        {},
    )
    itself = "coalesce(payer_id = customer_id, payer_line = line, FALSE)"
    table(
        PAYERS,
        f"""SELECT uuidv7() AS id, line, customer_id, was, {itself} AS itself, payer_id, payer_line,
            CASE WHEN payer_id IS NULL AND payer_line IS NULL THEN coalesce(contact, new_contact) END AS contact
        FROM {PAYERS}_all
        WHERE NOT same AND line IN (SELECT line FROM {ROWS}) AND NOT (
            CASE WHEN {itself} THEN was IS NULL
                WHEN payer_id IS NOT NULL THEN payer_id IS NOT DISTINCT FROM other_id
                WHEN payer_line IS NOT NULL THEN FALSE
                ELSE contact IS NOT DISTINCT FROM was AND was IS NOT NULL END)""",
    )
    return refused


def _tell_changes(account: dict[str, Any]) -> None:
    """What the history and a check's sample are told, and the ids by which an undo finds it again."""
    payer_name = f"""coalesce((SELECT c.name FROM customers_customer c WHERE c.account_id = %(account)s AND c.id = p.payer_id),
        (SELECT k.name FROM customers_contact k WHERE k.account_id = %(account)s AND k.id = p.contact),
        (SELECT s.new_name FROM {ROWS} s WHERE s.line = p.payer_line), (SELECT k.name FROM {CONTACTS} k WHERE k.id = p.contact),
        '')"""
    contact = "jsonb_strip_nulls(jsonb_build_object({}))"
    new = "'contact_name', name, 'contact_role', role, 'contact_email', email, 'contact_phone', phone"
    old = ", ".join(
        f"'contact_{name}', CASE WHEN {name} IS NOT NULL THEN old_{name} END" for name in ("role", "email", "phone")
    )
    table(
        CHANGES,
        f"""SELECT line, coalesce(jsonb_object_agg(name, value) FILTER (WHERE side = 'old'), '{{}}') AS old,
            coalesce(jsonb_object_agg(name, value) FILTER (WHERE side = 'new'), '{{}}') AS new,
            jsonb_object_agg(name, value) FILTER (WHERE side = 'kept') AS kept
        FROM (
            SELECT line, 'new' AS side, 'more_' || kind || 's' AS name,
                jsonb_agg(jsonb_build_object(kind, value) ORDER BY id) AS value
                FROM {POINTS} GROUP BY line, kind
            UNION ALL SELECT line, 'kept', 'points', jsonb_agg(jsonb_build_object('id', id, 'value', value))
                FROM {POINTS} GROUP BY line
            UNION ALL SELECT line, 'new', 'contacts', jsonb_agg({contact.format(new)} ORDER BY id)
                FROM {CONTACTS} GROUP BY line
            UNION ALL SELECT line, 'old', 'contacts', jsonb_agg({contact.format(f"'contact_name', name, {old}")} ORDER BY id)
                FROM {CONTACTS} WHERE known IS NOT NULL GROUP BY line
            UNION ALL SELECT line, 'kept', 'contacts', jsonb_agg(jsonb_build_object('id', coalesce(known, id),
                'made', known IS NULL, 'new', {contact.format(new)}, 'old', {contact.format(old)}))
                FROM {CONTACTS} GROUP BY line
            UNION ALL SELECT o.line, side, 'owner', to_jsonb(coalesce(nullif(u.name, ''), u.email))
                FROM {OWNERS} o CROSS JOIN (VALUES ('old'), ('new')) AS sides(side)
                JOIN accounts_user u ON u.id = CASE side WHEN 'old' THEN o.old ELSE o.new END
            UNION ALL SELECT line, 'kept', 'owner', jsonb_build_object('old', old, 'new', new) FROM {OWNERS}
            UNION ALL SELECT line, 'new', 'payer', to_jsonb({payer_name}) FROM {PAYERS} p
            UNION ALL SELECT line, 'kept', 'payer', jsonb_build_object('was', was, 'made', id, 'contact', contact,
                'payer', payer_id, 'itself', itself) FROM {PAYERS}
        ) told GROUP BY line""",
        account,
    )
