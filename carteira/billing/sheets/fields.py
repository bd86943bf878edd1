"""Cleaners that payments and invoices share."""

from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.billing.models import Payment
from carteira.core import money, people
from carteira.core.sheets.registry import Batch, Cleaner, Field, Reading
from carteira.customers.sheets.fields import day_cleaner, from_form
from carteira.customers.sheets.finding import identify

CUSTOMER_NEEDED = (
    ("code", "document", "email", "customer_name"),
    _("Say which column names the customer: by code, document, e-mail or name."),
)
# Who has no other identifier on the line is known by it, capitals and accents aside, if nobody else is called so.
CUSTOMER_NAME = Field(
    "customer_name",
    _("name of the customer"),
    from_form("name"),
    synonyms=(
        *("nome do cliente", "nome do aluno", "nome do pagador", "=nome", "=nome completo", "=cliente", "=aluno"),
        *("=pagador", "=sacado", "razão social", "nombre del cliente", "nombre del alumno", "=nombre", "=alumno"),
        *("razón social", "customer name", "client name", "=customer", "=client", "=name", "=full name", "=payer"),
    ),
)

_METHODS = {
    Payment.Method.PIX: ("pix", "pix qr code"),
    Payment.Method.BOLETO: ("boleto", "boleto bancario"),
    Payment.Method.CARD: (
        *("card", "cartao", "cartao de credito", "cartao de debito", "credito", "debito", "credit card"),
        *("debit card", "tarjeta", "tarjeta de credito", "tarjeta de debito"),
    ),
    Payment.Method.CASH: ("cash", "dinheiro", "especie", "efectivo"),
    Payment.Method.TRANSFER: (
        *("transfer", "transferencia", "transferencia bancaria", "ted", "doc", "deposito", "bank transfer"),
        *("wire", "spei", "pse", "cbu"),
    ),
    Payment.Method.OTHER: ("other", "outro", "outra", "otro", "otra"),
}
_METHOD_OF = {word: method.value for method, words in _METHODS.items() for word in words}


def past_day_cleaner(reading: Reading) -> Cleaner:
    """A day up to the account's today (product decision 2)."""
    parse, today = day_cleaner(reading), reading.today

    def clean(cell: Any) -> date:
        day: date = parse(cell)
        if day > today:
            raise ValidationError(_("This day is in the future."), code="date_future")
        return day

    return clean


def amount_cleaner(reading: Reading) -> Cleaner:
    """Minor units of the account's currency, above zero."""
    parse = partial(money.parse_amount, currency=reading.account.currency, language=reading.language)

    def clean(cell: Any) -> int:
        amount = parse(cell)
        if amount <= 0:
            raise ValidationError(_("The amount must be above zero."), code="amount_not_positive")
        return amount

    return clean


def method_cleaner(reading: Reading) -> Cleaner:
    def clean(cell: Any) -> str:
        text = people.name_sort(people.clean_text(cell, limit=60))
        if not text:
            raise ValidationError(_("There is nothing here."), code="method_blank")
        if text not in _METHOD_OF:
            raise ValidationError(
                _("Unknown payment method. Write one of: pix, boleto, card, cash, transfer, other."),
                code="method_unknown",
            )
        return _METHOD_OF[text]

    return clean


def text_cleaner(limit: int) -> Any:
    def bind(reading: Reading) -> Cleaner:
        return partial(people.clean_text, limit=limit)

    return bind


def name_customer(batch: Batch, reading: Reading) -> None:
    """Adds the line's identifier, the name being the last resort; a line without any is refused, unless our own id may say
    what it is."""
    known: dict[str | None, str | None] = {None: None}
    for name in batch.column("customer_name"):
        if name not in known:
            known[name] = people.name_sort(name) or None
    identify(batch, reading, [known[name] for name in batch.column("customer_name")])
    ids = batch.column("id")
    for at, level in enumerate(batch.columns["level"]):
        if level is None and ids[at] is None:
            batch.refuse(at, _("This line names no customer."))


EXTERNAL_ID_WORDS = (
    *(
        "=id pagamento",
        "id externo",
        "identificador externo",
        "nosso número",
        "txid",
        "end to end id",
        "endtoendid",
    ),
    *("transaction id", "id da transação", "id de transacción", "=transação", "external id", "payment id"),
)
DESCRIPTION_WORDS = (
    *(
        "descrição",
        "histórico",
        "observação",
        "descripción",
        "concepto",
        "description",
        "memo",
        "notes",
        "=obs",
    ),
    *("referente a", "note"),
)
AMOUNT_WORDS = (
    *("valor", "valor pago", "valor recebido", "valor total", "=total", "quantia", "preço"),
    *("monto", "importe", "=valor pagado", "amount", "amount paid", "value", "price"),
)
PAID_ON_WORDS = (
    *(
        "data de pagamento",
        "pago em",
        "data do pagamento",
        "dt pagamento",
        "data pgto",
        "pagamento",
        "recebido em",
    ),
    *("fecha de pago", "pagado el", "fecha pago", "payment date", "paid", "paid at", "date paid", "paid on"),
    *("=data", "=fecha", "=date", "=dia"),
)
METHOD_WORDS = (
    *("método", "forma de pagamento", "meio de pagamento", "método de pagamento", "tipo de pagamento"),
    *("forma de pago", "medio de pago", "método de pago", "payment method", "=method"),
)
