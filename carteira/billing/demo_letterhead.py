"""What the demo business prints on its invoices."""

from datetime import datetime
from random import Random
from typing import Any

from stdnum.br import cnpj

from carteira.billing.letterhead import change_letterhead


def write_letterhead(account: Any, by: Any, random: Random, now: datetime) -> None:
    base = "730519280001"
    changes = {
        "legal_name": "Escola Aurora de Idiomas Ltda.",
        "document_kind": "cnpj",
        "document": base + cnpj.calc_check_digits(base),
        "address": "Rua das Acácias, 120\nVila Esperança, São Paulo/SP",
        "email": "financeiro@aurora.example",
        "note": "Pix: financeiro@aurora.example\nDúvidas? Fale com a secretaria.",
    }
    change_letterhead(account, changes=changes, by=by, now=now)
