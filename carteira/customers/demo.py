"""Customers of the demo business: pupils and companies of a school, and those who left it."""

from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from random import Random
from typing import Any

from django.db.models import Q
from stdnum.br import cnpj, cpf

from carteira.core import dates, people
from carteira.core.counters import take_numbers
from carteira.core.events.record_past import record_past
from carteira.customers import demo_names as names
from carteira.customers import search_entries
from carteira.customers.archive import CannotArchive, archive, unarchive
from carteira.customers.models import Customer
from carteira.customers.register import REGISTERED, derive

COUNT = 400
MONTHS = 18
_COMPANIES = 0.12
# Shares of a hundred who came in each month; a school year begins in February, the second half in August.
_SEASON = {1: 14, 2: 22, 3: 8, 4: 4, 5: 4, 6: 3, 7: 9, 8: 14, 9: 5, 10: 4, 11: 3, 12: 2}
_MAIL = ("example.com", "example.net", "example.org", "mail.example")
# Whom the demo made up, rather than a visitor: everybody's e-mail is at an address that reaches nobody.
INVENTED = reduce(or_, (Q(email__endswith=host) for host in (".example", *(f"@{host}" for host in _MAIL))))


def add_customers(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Whoever came to the school in the last 18 months; a third was there at the beginning."""
    today = account.today(now)
    days = sorted(_registration_day(random, today) for _ in range(COUNT))
    first = take_numbers("customer", COUNT)
    taken: set[str] = set()
    customers = [
        made_up(account, random, day, taken, moment(account, day, random, now), number=first + nth)
        for nth, day in enumerate(days)
    ]
    _came_twice(customers)
    Customer.objects.bulk_create(customers)
    search_entries.renew(customer.pk for customer in customers)
    record_past(
        [REGISTERED],
        """SELECT %(kind)s AS kind, created_at AS at, id AS customer_id, NULL::uuid AS subject_id,
            jsonb_build_object('number', number) AS what
        FROM customers_customer WHERE account_id = %(account)s AND number >= %(first)s""",
        {"kind": REGISTERED, "account": account.pk, "first": first},
        by=by,
    )


def _came_twice(customers: list[Customer]) -> None:
    """Three who were there already asked again lately, and somebody wrote them down anew (N8): with the mobile phone as
    it was before it had nine digits, with the same phone and less of a name, with a name and a city written alike."""
    names = {one.name for one in customers}
    adults = [one for one in customers if one.kind == Customer.Kind.PERSON and one.email]
    known = [
        one
        for one in adults[: COUNT // 2]
        if len(people.phone_variants(one.phone)) > 1 and names.isdisjoint((_short(one.name), _plain(one.name)))
    ]
    for nth, (again, before) in enumerate(zip(adults[-30::10], known[20::20], strict=False)):
        again.document_kind = again.document = ""
        again.city, again.state = before.city, before.state
        if nth < 2:
            again.name, again.phone = _short(before.name), people.phone_variants(before.phone)[1 - nth]
        else:
            again.name = _plain(before.name)
        derive(again)


def _short(name: str) -> str:
    first, *_middle, last = name.split()
    return f"{first} {last}"


def _plain(name: str) -> str:
    return people.name_sort(name).title()


def archive_some(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Most of those who left long ago or never came stand in the archive: churn and lost (S0-14)."""
    today = account.today(now)
    left = list(Customer.objects.filter(last_paid_on__lt=today - timedelta(days=100)).order_by("number"))
    never = list(
        Customer.objects.filter(first_paid_on=None, registered_on__lt=today - timedelta(days=75)).order_by("number")
    )
    for nth, customer in enumerate(random.sample(left, round(len(left) * 0.6))):
        since = customer.last_paid_on or customer.counted_from
        on = since + timedelta(days=random.randint(40, 90))
        note = random.choice(_LEFT_BECAUSE) if random.random() < 0.5 else ""
        archived = _archive(customer, by=by, now=moment(account, on, random, now), on=on, note=note)
        if archived and nth < 3:
            back = min(on + timedelta(days=30), today)
            unarchive(archived, by=by, now=moment(account, back, random, now), on=back, note="Quer voltar em breve.")
    for nth, customer in enumerate(random.sample(never, round(len(never) * 0.6))):
        on = customer.counted_from + timedelta(days=random.randint(30, 70))
        # One who paid elsewhere before: the derived reason is overridden, with a note.
        reason, note = ("churn", "Era aluno antes de usarmos o Carteira.") if nth == 0 else ("", "")
        _archive(customer, by=by, now=moment(account, on, random, now), on=on, reason=reason, note=note)


def _archive(customer: Customer, **arguments: Any) -> Customer | None:
    """Unless something stands in the way: whoever owes money stays among the inactive."""
    try:
        return archive(customer, **arguments)
    except CannotArchive:
        return None


_LEFT_BECAUSE = ("Mudou de cidade.", "Concluiu o curso.", "Achou caro.", "Sem tempo neste semestre.", "Empresa fechou.")


def moment(account: Any, day: date, random: Random, now: datetime) -> datetime:
    """Some time of a working day, in UTC; never later than now."""
    opened = dates.start_of_day(day, account.time_zone) + timedelta(hours=8)
    return min(opened + timedelta(seconds=random.randrange(11 * 3600)), now)


def _registration_day(random: Random, today: date) -> date:
    begin = dates.nth_month(today, -MONTHS)
    if random.random() < 0.36:
        return begin + timedelta(days=random.randrange(21))
    months = [dates.nth_month(begin, nth) for nth in range(MONTHS)]
    month = random.choices(months, [_SEASON[month.month] for month in months])[0]
    return min(month + timedelta(days=random.randrange(28)), today)


def made_up(account: Any, random: Random, day: date, taken: set[str], at: datetime, *, number: int = 0) -> Customer:
    """Somebody who never lived, not written yet; of no number, hence of no code, before one is given."""
    company = random.random() < _COMPANIES
    name = _fresh(random, taken, names.company if company else names.person)
    city, state, area, _share = random.choices(names.PLACES, [place[3] for place in names.PLACES])[0]
    customer = Customer(
        account=account,
        number=number,
        # A pupil's number: year of enrolment and a running one. Companies and some who only asked have none.
        code="" if company or random.random() < 0.05 or not number else f"{day.year}-{number:04d}",
        kind=Customer.Kind.COMPANY if company else Customer.Kind.PERSON,
        name=name,
        email=_email(random, name, company, taken) if random.random() < 0.93 else "",
        phone=_phone(random, area, landline=random.random() < (0.7 if company else 0.08)),
        city=city,
        state=state,
        registered_on=day,
        counted_from=day,
        created_at=at,
        updated_at=at,
    )
    if company:
        customer.document_kind, customer.document = "cnpj", _cnpj(random, letters=random.random() < 0.15)
    elif random.random() < 0.9:
        customer.document_kind, customer.document = "cpf", _cpf(random)
    derive(customer)
    return customer


def _fresh(random: Random, taken: set[str], make: Any) -> str:
    while (name := make(random)) in taken:
        continue
    taken.add(name)
    return name


def _email(random: Random, name: str, company: bool, taken: set[str]) -> str:
    words = [word for word in people.name_sort(name).replace("&", "").replace(".", "").split() if len(word) > 2]
    if company:
        address = f"{random.choice(('contato', 'financeiro', 'rh'))}@{''.join(words[:3])}.example"
    else:
        address = f"{words[0] if words else 'contato'}.{words[-1] if words else 'familia'}@{random.choice(_MAIL)}"
    while address in taken:
        local, _at, host = address.partition("@")
        address = f"{local}{random.randint(2, 99)}@{host}"
    taken.add(address)
    return address


def _phone(random: Random, area: str, *, landline: bool) -> str:
    digits = (
        f"{random.randint(2, 4)}{random.randrange(10**7):07d}"
        if landline
        else f"9{random.randint(6, 9)}{random.randrange(10**7):07d}"
    )
    return people.clean_phone(f"({area}) {digits}", "BR")


def _cpf(random: Random) -> str:
    base = f"{random.randrange(10**9):09d}"
    return next(number for check in range(100) if cpf.is_valid(number := f"{base}{check:02d}"))


def _cnpj(random: Random, *, letters: bool) -> str:
    """Since IN RFB 2.229/2024 the first twelve characters may be letters too."""
    base = "".join(random.choices("0123456789ABCDEFGHJKLMNPQRSTVWXYZ" if letters else "0123456789", k=8)) + "0001"
    return f"{base}{cnpj.calc_check_digits(base)}"
