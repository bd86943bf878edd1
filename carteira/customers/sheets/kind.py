"""The sheet kind "customers": derive, match, write. The rules are told in README.md."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core import people
from carteira.core.sheets.registry import Batch, Counts, Reading, SheetKind
from carteira.core.sheets.staging import ROWS, Overtaken, Stage, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.edit import why_not_edited
from carteira.customers.models import Customer
from carteira.customers.register import search_text
from carteira.customers.sheets import own
from carteira.customers.sheets.fields import COLUMNS, FIELDS, NAME_PARTS, OWN_ID, told
from carteira.customers.sheets.finding import FOUND, IDENTITY, find_customers, identify, trust_own_ids
from carteira.customers.sheets.merged import settle_merged
from carteira.customers.sheets.own_match import OWN, OWN_CHANGES, match_own, refuse_taken, tell_own
from carteira.customers.sheets.part_fields import STAGED, derive_parts, repeated_parts, told_parts
from carteira.customers.sheets.parts import CHANGES, changed_parts, match_parts
from carteira.customers.sheets.showing import show
from carteira.customers.sheets.undoing import UNDO
from carteira.customers.sheets.writing import write

_CITY = Customer._meta.get_field("city_sort").max_length

# What a new customer of a line would get; `name` and `kind` stay what the file says, for updates.
_DERIVED = (
    *IDENTITY,
    *STAGED,
    *own.STAGED,
    ("new_name", "text"),
    ("new_kind", "text"),
    ("name_sort", "text"),
    ("city_sort", "text"),
    ("search", "text"),
)


def derive(batch: Batch, reading: Reading) -> None:
    """Identity, and the columns a new customer has besides those of the file."""
    if reading.fields.intersection(NAME_PARTS):
        batch.columns["name"] = _whole_names(batch)
    derive_parts(batch, reading)
    own.derive_own(batch, reading)
    names, codes, emails = batch.column("name"), batch.column("code"), batch.column("email")
    documents, phones, cities = batch.column("document"), batch.column("phone"), batch.column("city")
    # Without a name the code is the name (or the address); who has only a document cannot be greeted.
    new_names = [name or code or email or None for name, code, email in zip(names, codes, emails, strict=True)]
    sorts = [people.name_sort(name) if name else None for name in new_names]
    identify(batch, reading, [sort if name else None for sort, name in zip(sorts, names, strict=True)])
    ids = batch.column("id")
    for at, level in enumerate(batch.columns["level"]):
        if level is None and ids[at] is None:
            batch.refuse(at, _("This line names nobody: it has neither a name nor a code, document or e-mail."))
    kind_of = {"cnpj": Customer.Kind.COMPANY.value}
    city_sorts: dict[str | None, str] = {None: ""}
    batch.columns |= {
        "new_name": new_names,
        "new_kind": [
            kind or kind_of.get(document_kind, Customer.Kind.PERSON.value)
            for kind, document_kind in zip(batch.column("kind"), batch.column("document_kind"), strict=True)
        ],
        "name_sort": sorts,
        "city_sort": [
            known
            if (known := city_sorts.get(city)) is not None
            else city_sorts.setdefault(city, people.city_sort(city)[:_CITY])
            for city in cities
        ],
        "search": list(map(_search, sorts, new_names, emails, documents, phones, codes)),
    }


def _whole_names(batch: Batch) -> list[str | None]:
    """The name where it came in parts; whoever has none at all is called by the organisation."""
    parts = zip(*(batch.column(name) for name in ("name", *NAME_PARTS)), strict=True)
    return [_whole_name(*cells) for cells in parts]


def _whole_name(
    name: str | None, first: str | None, middle: str | None, last: str | None, organization: str | None
) -> str | None:
    if first:
        # Where there is a whole name too (Google), it says how the person writes it.
        return name if name and name != first else " ".join(filter(None, (first, middle, last)))[:200]
    if name and last and not people.name_sort(name).endswith(people.name_sort(last)):
        return " ".join(filter(None, (name, middle, last)))[:200]
    return name or last or organization


def _search(
    sort: str | None, name: str | None, email: str | None, document: str | None, phone: str | None, code: str | None
) -> str:
    """What register.search_text gives, but for the number, which `write` appends.

    Folding every part anew is the dearest step of an import, so the shapes that nearly all parts have, and that are
    their own folding, are joined as they are; a property test holds the two together.
    """
    if (
        (name is None or (len(name) < 200 and sort is not None and sort.replace(" ", "").isalpha()))
        and (email is None or email.isascii())
        and (document is None or (document.isascii() and document.isalnum()))
        and (code is None or (code.isascii() and code.isalnum()))
    ):
        phones = people.phone_variants(phone) if phone else ()
        parts = (sort, email, document and document.lower(), *phones, code and code.lower())
        return "\n".join(dict.fromkeys(filter(None, parts)))
    return search_text(
        Customer(
            name=name or "",
            email=email or "",
            document=document or "",
            phone=phone or "",
            code=code or "",
            number="",
        )
    )


def match(stage: Stage, reading: Reading) -> Counts:
    """Who is known, who is new, what would change."""
    trust_own_ids(reading)
    find_customers(reading, exact=True)
    stage.refuse(
        _("Several customers are “{value}”: give this line a code, a document or an e-mail that only one has."),
        f"SELECT s.line, s.identity AS value, NULL AS other FROM {ROWS} s"
        f" WHERE s.line IN (SELECT line FROM {FOUND} GROUP BY line HAVING count(*) > 1)",
        {},
    )
    repeated = _lines_of_one_customer(stage, reading)
    repeated += settle_merged(stage, reading, _compared(reading))
    _refuse_named_twice(stage, reading)
    stage.refuse(
        _("This line names nobody: it has neither a name nor a code, document or e-mail."),
        f"SELECT line, NULL AS value, NULL AS other FROM {ROWS} WHERE level IS NULL",
        {},
    )
    stage.refuse(
        _("A name is needed to register a customer."),
        f"SELECT line, NULL AS value, NULL AS other FROM {ROWS}"
        f" WHERE new_name IS NULL AND NOT EXISTS (SELECT FROM {FOUND} f WHERE f.line = {ROWS}.line)",
        {},
    )
    _refuse_taken_codes(stage, reading)
    if "registered_on" in reading.fields:
        _refuse_later_than_archive(stage)
    parts, brings_own = told_parts(reading), bool(reading.prepared)
    if brings_own:
        match_own(stage, reading)
    if parts:
        match_parts(stage, reading)
        while brings_own and refuse_taken(stage, reading):
            match_parts(stage, reading)
    changes = [
        f"CASE WHEN {' OR '.join(f'(s.{column} IS NOT NULL AND s.{column} IS DISTINCT FROM c.{column})' for column in COLUMNS[name])} THEN '{name}' END"
        for name in told(reading)
    ]
    changes += changed_parts() if parts else []
    names, own_names = "", ""
    if brings_own:
        names = " || coalesce(o.names, '{}')"
        own_names = f"LEFT JOIN (SELECT line, array_agg(name ORDER BY name) AS names FROM {OWN} GROUP BY line) o ON o.line = s.line"
    table(
        "sheet_plan",
        f"""SELECT s.line, c.id AS customer_id, array_remove(ARRAY[{", ".join(changes)}]::text[], NULL){names} AS fields
        FROM {ROWS} s JOIN {FOUND} f ON f.line = s.line {own_names}
        JOIN customers_customer c ON c.account_id = %(account)s AND c.id = f.customer_id""",
        {"account": require_account_id()},
    )
    if scalar(
        f"""SELECT EXISTS (SELECT FROM {FOUND} f JOIN {ROWS} s ON s.line = f.line
            WHERE NOT EXISTS (SELECT FROM sheet_plan p WHERE p.line = f.line))"""
    ):
        # Else the line would be somebody new.
        raise Overtaken
    _refuse_anonymised(stage)
    if brings_own:
        execute(f"DELETE FROM {OWN} WHERE line NOT IN (SELECT line FROM {ROWS})")
        tell_own(reading)
    found = scalar("SELECT count(*) FROM sheet_plan")
    changed = _old_and_new(reading, parts)
    if changed < scalar("SELECT count(*) FROM sheet_plan WHERE fields <> '{}'"):
        raise Overtaken
    staged = scalar(f"SELECT count(*) FROM {ROWS}")
    return Counts(created=staged - found, updated=changed, unchanged=found - changed + repeated)


def _refuse_anonymised(stage: Stage) -> None:
    """The rule of customers.edit: an old file does not bring back who somebody was."""
    if stage.refuse(
        why_not_edited(),
        """SELECT p.line, NULL AS value, NULL AS other FROM sheet_plan p JOIN customers_customer c
            ON c.account_id = %(account)s AND c.id = p.customer_id
        WHERE p.fields <> '{}' AND c.anonymised_on IS NOT NULL""",
        {"account": require_account_id()},
    ):
        execute(f"DELETE FROM sheet_plan WHERE line NOT IN (SELECT line FROM {ROWS})")


def _old_and_new(reading: Reading, parts: bool) -> int:
    """`sheet_change`: what each changed customer was and will be, column by column, as JSON; how many."""
    sides = (
        ", ".join(
            f"'{column}', CASE WHEN '{name}' = ANY(p.fields) THEN {side}.{column} END"
            for name in told(reading)
            for column in COLUMNS[name]
        )
        for side in ("c", "s")
    )
    old, new = (f"jsonb_strip_nulls(jsonb_build_object({pairs}))" for pairs in sides)
    kept, what, more = "NULL::jsonb", "'{}'::jsonb", ""
    if parts:
        old, new = (f"{side} || coalesce(m.{name}, '{{}}')" for name, side in (("old", old), ("new", new)))
        kept, more = "m.kept", f"LEFT JOIN {CHANGES} m ON m.line = p.line"
    if reading.prepared:
        old, new = (f"{side} || coalesce(o.{name}, '{{}}')" for name, side in (("old", old), ("new", new)))
        kept = f"nullif(coalesce({kept}, '{{}}') || coalesce(o.kept, '{{}}'), '{{}}')"
        what, more = "coalesce(o.what, '{}')", f"{more} LEFT JOIN {OWN_CHANGES} o ON o.line = p.line"
    return table(
        "sheet_change",
        f"""SELECT p.line, p.customer_id, p.fields, {old} AS old, {new} AS new, {kept} AS kept, {what} AS what
        FROM sheet_plan p JOIN {ROWS} s ON s.line = p.line {more}
        JOIN customers_customer c ON c.account_id = %(account)s AND c.id = p.customer_id
        WHERE p.fields <> '{{}}'""",
        {"account": require_account_id()},
    )


def _lines_of_one_customer(stage: Stage, reading: Reading) -> int:
    """Later lines of a customer that an earlier one names: the same data again are counted unchanged (how
    many is the answer), other data are refused, because nobody can say which line is right.
    """
    if not table(
        "sheet_again",
        f"""SELECT s.line, f.first FROM {ROWS} s JOIN (
            SELECT level, identity, min(line) AS first FROM {ROWS} GROUP BY level, identity HAVING count(*) > 1
        ) f ON f.level = s.level AND f.identity = s.identity AND f.first <> s.line""",
    ):
        return 0
    differs = " OR ".join(
        f"(s.{name} IS NOT NULL AND s.{name} IS DISTINCT FROM f.{name})" for name in _compared(reading)
    )
    stage.refuse(
        _("This is the same customer as on line {value}, with other data."),
        f"""SELECT s.line, a.first AS value, NULL AS other FROM sheet_again a
        JOIN {ROWS} s ON s.line = a.line JOIN {ROWS} f ON f.line = a.first WHERE {differs}""",
        {},
    )
    return execute(f"DELETE FROM {ROWS} WHERE line IN (SELECT line FROM sheet_again)")


def _compared(reading: Reading) -> list[str]:
    """Columns in which two lines of one customer may differ."""
    return [
        *(column for name in told(reading) for column in COLUMNS[name]),
        *repeated_parts(reading),
        *reading.prepared,
    ]


def _refuse_named_twice(stage: Stage, reading: Reading) -> None:
    """One line means a customer by our own id, another one by a code: nobody can say which is right."""
    if OWN_ID not in reading.fields:
        return
    stage.refuse(
        _("This is the same customer as on line {value}, with other data."),
        f"""SELECT f.line, first.line AS value, NULL AS other FROM {FOUND} f JOIN (
            SELECT customer_id, min(f.line) AS line FROM {FOUND} f JOIN {ROWS} s ON s.line = f.line
            GROUP BY customer_id HAVING count(*) > 1
        ) first ON first.customer_id = f.customer_id AND first.line <> f.line JOIN {ROWS} s ON s.line = f.line""",
        {},
    )


def _refuse_taken_codes(stage: Stage, reading: Reading) -> None:
    """A code that somebody else has, or gets by an earlier line. Whoever gives a code up in this file leaves
    it free; a refused line gives nothing up, so it is asked again until nothing changes.
    """
    if "code" not in reading.fields or (reading.key == "code" and OWN_ID not in reading.fields):
        return
    claims = f"""
        SELECT s.line, s.code, f.customer_id FROM {ROWS} s LEFT JOIN {FOUND} f ON f.line = s.line
        LEFT JOIN customers_customer c ON c.account_id = %(account)s AND c.id = f.customer_id
        WHERE s.code IS NOT NULL AND s.code IS DISTINCT FROM c.code"""
    while stage.refuse(
        _("The code “{value}” belongs to another customer: {other}."),
        f"""WITH claim AS MATERIALIZED ({claims})
        SELECT k.line, k.code AS value, coalesce(c.name, (SELECT s.new_name FROM {ROWS} s WHERE s.line = e.line)) AS other
        FROM claim k
        LEFT JOIN customers_customer c ON c.account_id = %(account)s AND c.code = k.code
            AND c.id NOT IN (SELECT customer_id FROM claim WHERE customer_id IS NOT NULL)
        LEFT JOIN LATERAL (SELECT min(line) AS line FROM claim e WHERE e.code = k.code AND e.line < k.line) e ON TRUE
        WHERE c.id IS NOT NULL OR e.line IS NOT NULL""",
        {"account": require_account_id()},
    ):
        continue


def _refuse_later_than_archive(stage: Stage) -> None:
    """The rule of customers.edit: nobody registers after having been archived."""
    stage.refuse(
        _("{other} was archived on {value}: the registration cannot be later."),
        f"""SELECT s.line, gone.from_on AS value, c.name AS other FROM {ROWS} s JOIN {FOUND} f ON f.line = s.line
        JOIN customers_customer c ON c.account_id = %(account)s AND c.id = f.customer_id
        JOIN LATERAL (
            SELECT min(from_on) AS from_on FROM customers_archiveperiod p
            WHERE p.account_id = %(account)s AND p.customer_id = c.id
        ) gone ON gone.from_on < least(s.registered_on, c.first_paid_on)
        WHERE s.registered_on <> c.registered_on""",
        {"account": require_account_id()},
    )


CUSTOMERS = SheetKind(
    name="customers",
    label=gettext_lazy("Customers"),
    right="customers.edit",
    fields=FIELDS,
    derived=_DERIVED,
    more=lambda account: own.own_fields(FIELDS),
    prepare=own.prepare,
    derive=derive,
    match=match,
    write=write,
    show=show,
    undo=UNDO,
    tables=("customers_customer", "customers_searchentry", "customers_fieldvalue", "core_event"),
    needs=(
        (
            ("name", "code", "document", "email", *NAME_PARTS),
            gettext_lazy("Say which column is the name, the code, the document or the e-mail."),
        ),
    ),
    sample=(
        (
            *("Maria da Silva", "A-001", "529.982.247-25", "maria@example.com", "(11) 98765-4321"),
            *("São Paulo", "SP", "person", date(2026, 2, 2), date(1990, 5, 12), "Instagram"),
            *("Rua Augusta", "100", "apto 31", "Consolação", "01305-000"),
            *("maria.silva@example.com (trabalho)", "(11) 3333-4444 (casa); (11) 91234-5678"),
            *("Pedro da Silva", "pai", "pedro@example.com", "(11) 99999-0000", "", ""),
        ),
        (
            *("João Souza", "A-002", "", "joao@example.com", "(21) 99876-5432"),
            *("Rio de Janeiro", "RJ", "", date(2026, 2, 9), "", "", "", "", "", "", ""),
            *("", "", "", "", "", "", "", "A-001"),
        ),
    ),
    icon="users",
    text=gettext_lazy("Names, documents, phones, cities: new customers and changes of those you have."),
    seen_at="customers:list",
)
