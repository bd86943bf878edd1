"""What the cards of the demo's customers hold: addresses, birth dates, who is in charge, contacts, notes."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from carteira.accounts.models import Membership
from carteira.core import people
from carteira.core.sheets.staging import copy_in, execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers import demo_names as names
from carteira.customers import search_entries
from carteira.customers.models import Address, Contact, ContactPoint, Customer, Note
from carteira.customers.register import derive
from carteira.customers.search_more import more_of

_WRITTEN = (
    *("postal_code", "street", "street_number", "complement", "district", "birth_on", "source", "owner_id"),
    *("search_more", "search"),
)
# The first two digits of postal codes.
_CEP = {
    "SP": "13",
    "RJ": "20",
    "MG": "30",
    "PR": "80",
    "SC": "88",
    "RS": "90",
    "DF": "70",
    "GO": "74",
    "BA": "40",
    "PE": "50",
    "CE": "60",
}
_STREETS = (
    *("Rua das Acácias", "Rua Sete de Setembro", "Avenida Brasil", "Rua Quinze de Novembro", "Alameda dos Ipês"),
    *("Rua São João", "Avenida das Palmeiras", "Rua Marechal Deodoro", "Travessa do Comércio", "Rua Bela Vista"),
)
_DISTRICTS = ("Centro", "Jardim América", "Vila Nova", "Cambuí", "Boa Vista", "Santa Cecília", "Taquaral")
_SOURCES = ("Indicação", "Instagram", "Site", "Google", "WhatsApp", "Passou em frente", "Evento")
_ROLES = ("Financeiro", "Diretoria", "Recepção", "Compras")
_NOTES = (
    "Prefere ser chamada à tarde.",
    "Pediu segunda via do contrato.\nEnviada por e-mail.",
    "Quer trocar de horário no próximo semestre.",
    "Indicou duas colegas de trabalho.",
    "Gosta de receber as novidades por WhatsApp.",
)
_IMPORTANT = (
    "Alérgica a amendoim.",
    "Só a mãe pode buscar.",
    "Desconto combinado de 10% até dezembro.",
    "Emitir a nota sempre no CNPJ da matriz.",
)


def fill_cards(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Everybody's card, by chances of their own: the lots drawn for payments stay as they were."""
    chances = Random("cards")
    owners = [
        member.user for member in Membership.objects.filter(account=account).select_related("user").order_by("id")
    ]
    everybody = list(Customer.objects.order_by("number"))
    parts: dict[type, list[Any]] = {ContactPoint: [], Address: [], Contact: [], Note: []}
    adults = [customer for customer in everybody if customer.kind == Customer.Kind.PERSON]
    for customer in everybody:
        _fill(customer, chances, owners, account.today(now))
        for row in _parts(customer, chances, adults, owners, now):
            parts[type(row)].append(row)
    for model, rows in parts.items():
        model._default_manager.bulk_create(rows)
    more = more_of([customer.pk for customer in everybody])
    for customer in everybody:
        customer.search_more = more[customer.pk]
        derive(customer)
    _write(everybody)


def _write(customers: list[Customer]) -> None:
    """By one statement: hundreds of rows with a dozen columns each take bulk_update a second."""
    table("demo_cards", f"SELECT id, {', '.join(_WRITTEN)} FROM customers_customer WHERE FALSE")
    names = ("id", *_WRITTEN)
    copy_in("demo_cards", names, ([getattr(customer, name) for name in names] for customer in customers))
    execute(
        f"UPDATE customers_customer c SET {', '.join(f'{name} = n.{name}' for name in _WRITTEN)}"
        " FROM demo_cards n WHERE c.account_id = %(account)s AND c.id = n.id",
        {"account": require_account_id()},
    )
    search_entries.renew([customer.pk for customer in customers])


def _fill(customer: Customer, random: Random, owners: list[Any], today: date) -> None:
    company = customer.kind == Customer.Kind.COMPANY
    if random.random() < 0.85:
        customer.postal_code = f"{_CEP[customer.state]}{random.randrange(10**6):06d}"
        customer.street = random.choice(_STREETS)
        customer.street_number = "S/N" if random.random() < 0.03 else str(random.randint(1, 1900))
        customer.complement = random.choice(("", "", "", f"Apto {random.randint(1, 120)}", "Casa 2", "Sala 4"))
        customer.district = random.choice(_DISTRICTS)
    if random.random() < 0.7:
        youngest = today - timedelta(days=365 * (1 if company else 5))
        customer.birth_on = youngest - timedelta(days=random.randrange(365 * (30 if company else 45)))
    if random.random() < 0.6:
        customer.source = random.choice(_SOURCES)
    if owners and random.random() < 0.5:
        customer.owner = random.choice(owners)


def _parts(customer: Customer, random: Random, adults: list[Customer], owners: list[Any], now: datetime) -> list[Any]:
    rows: list[Any] = []
    area = customer.phone[3:5] or "19"
    if random.random() < 0.25:
        phone = people.clean_phone(f"({area}) 3{random.randrange(10**7):07d}", "BR")
        rows.append(
            ContactPoint(customer=customer, kind="phone", value=phone, label=random.choice(("Casa", "Trabalho")))
        )
    if customer.kind == Customer.Kind.COMPANY:
        for nth, role in enumerate(random.sample(_ROLES, random.randint(1, 2))):
            name = names.person(random)
            phone = people.clean_phone(f"({area}) 9{random.randint(6, 9)}{random.randrange(10**7):07d}", "BR")
            email = f"{people.name_sort(name).split()[0]}.{nth + 1}@{customer.email.partition('@')[2] or 'example.com'}"
            rows.append(Contact(customer=customer, name=name, role=role, phone=phone, email=email, is_payer=nth == 0))
        if random.random() < 0.3:
            place = {"city": customer.city, "state": customer.state, "street": random.choice(_STREETS)}
            rows.append(Address(customer=customer, label="Entrega", street_number=str(random.randint(1, 900)), **place))
    elif customer.birth_on and customer.birth_on.year > now.year - 18 and random.random() < 0.8:
        other = random.choice(adults)
        if other.pk != customer.pk and random.random() < 0.3:
            rows.append(Contact(customer=customer, other=other, role="Responsável", is_payer=True))
        else:
            name, role = names.person(random), random.choice(("Mãe", "Pai"))
            phone = people.clean_phone(f"({area}) 9{random.randint(6, 9)}{random.randrange(10**7):07d}", "BR")
            rows.append(Contact(customer=customer, name=name, role=role, phone=phone, is_payer=True))
    for text, important, chance in ((random.choice(_IMPORTANT), True, 0.12), (random.choice(_NOTES), False, 0.35)):
        if random.random() < chance:
            at = min(customer.created_at + timedelta(days=random.randint(1, 60)), now)
            rows.append(
                Note(customer=customer, text=text, important=important, by=random.choice(owners), written_at=at)
            )
    return rows
