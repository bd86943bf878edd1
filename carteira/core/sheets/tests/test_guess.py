"""Issue "Import": guessed columns, never a wrong guess where two are possible."""

import time

import pytest

from carteira.core.sheets.guess import guess_columns

FIELDS = {
    "name": ["nome", "nome completo", "nombre", "cliente"],
    "email": ["e-mail", "correo", "correo electrónico"],
    "document": ["CPF", "CNPJ", "CPF/CNPJ", "RFC", "documento"],
    "payer": ["nome do responsável", "responsável"],
    "paid_on": ["data do pagamento", "pago em", "fecha de pago", "=data"],
    "due_on": ["vencimento", "data de vencimento", "fecha de vencimiento"],
    "amount": ["valor", "valor pago", "monto"],
    "code": ["código", "codigo do cliente", "id"],
}


@pytest.mark.parametrize(
    ("header", "guessed"),
    [
        (["Nome", "E-MAIL", "cpf/cnpj"], {"Nome": "name", "E-MAIL": "email", "cpf/cnpj": "document"}),
        (["email"], {"email": "email"}),
        (["e_mail", "amount"], {"e_mail": "email", "amount": "amount"}),
        (["CÓDIGO", "Correo electronico"], {"CÓDIGO": "code", "Correo electronico": "email"}),
        (["data pagamento", "Pago em:"], {}),
        (["DataPagamento"], {"DataPagamento": "paid_on"}),
        (["Data de Vencimento"], {"Data de Vencimento": "due_on"}),
        (
            ["Nome do responsável financeiro", "Nome"],
            {"Nome do responsável financeiro": "payer", "Nome": "name"},
        ),
        (["Data"], {"Data": "paid_on"}),
        (["Data de nascimento"], {}),
        (["Valor (R$)"], {"Valor (R$)": "amount"}),
        (["Nome fantasia", "Nome social"], {}),
        (["Nome", "Nome fantasia"], {"Nome": "name"}),
        (["E-mail do cliente"], {}),
        (["CPF", "CNPJ"], {}),
        (["CPF", "CNPJ", "documento interno"], {}),
        (["Idade", "Cidade", "Valorização"], {}),
        (["", "Nome"], {"Nome": "name"}),
        (["Carteira: linha", "Carteira: nome", "Nome"], {"Nome": "name"}),
        (["日本", "!!!"], {}),
    ],
)
def test_guesses(header, guessed):
    assert guess_columns(header, FIELDS) == guessed


def test_the_order_is_the_headers():
    assert list(guess_columns(["valor", "id", "nome"], FIELDS).items()) == [
        ("valor", "amount"),
        ("id", "code"),
        ("nome", "name"),
    ]


def test_a_name_claimed_by_two_fields_is_left_out():
    assert guess_columns(["data"], {"a": ["data"], "b": ["data"]}) == {}
    assert guess_columns(["data", "data x"], {"a": ["data"], "b": ["data"]}) == {}


def test_five_hundred_long_columns_are_guessed_quickly():
    header = [f"{i} " + "nome valor id " * 14 for i in range(500)]
    started = time.monotonic()
    assert guess_columns(header, FIELDS) == {}
    assert time.monotonic() - started < 2
