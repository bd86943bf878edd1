"""Files as other programs write them: Excel in Portuguese, Google Contacts, Outlook, HubSpot, phones (vCard)."""

import contextlib

import pytest

from carteira.core.sheets import mapping
from carteira.core.sheets.errors import SheetError
from carteira.core.sheets.reader import BadLine, open_sheet
from carteira.core.sheets.registry import kinds
from carteira.core.walls import scope
from carteira.customers.models import ContactPoint, Customer

EXCEL_PT = "Código;Nome completo;CPF/CNPJ;E-mail;Celular;Cidade;UF;Data de cadastro\n"
GOOGLE_NEW = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,Name Prefix,"
    "Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,"
    "Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,"
    "Phone 2 - Label,Phone 2 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,"
    "Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,"
    "Address 1 - Extended Address\n"
)
GOOGLE_OLD = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
    "Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,Organization 1 - Name\n"
)
OUTLOOK_EN = (
    "First Name,Middle Name,Last Name,Title,Suffix,E-mail Address,E-mail 2 Address,Home Phone,Mobile Phone,"
    "Business Phone,Company,Job Title,Home Street,Home City,Home State,Home Postal Code,Birthday,Notes\n"
)
OUTLOOK_PT = (
    "Nome,Segundo nome,Sobrenome,Empresa,Endereço de Email,Telefone Celular,Telefone Residencial,"
    "Cidade do Endereço Residencial,Estado do Endereço Residencial\n"
)
OUTLOOK_ES = "Nombre,Segundo nombre,Apellidos,Compañía,Dirección de correo electrónico,Teléfono móvil\n"
HUBSPOT = "Record ID,First Name,Last Name,Email,Additional email addresses,Phone Number,Contact owner,City,State/Region,Company name,Create Date\n"

WHAT = {
    "excel": (EXCEL_PT, ["code", "name", "document", "email", "phone", "city", "state", "registered_on"]),
    "google": (
        GOOGLE_NEW,
        [
            *("name", "first_name", "middle_name", "last_name", "organization", "email", "phone", "city", "state"),
            *("email_2", "phone_2"),
        ],
    ),
    "google-old": (GOOGLE_OLD, ["name", "first_name", "middle_name", "last_name", "email", "phone"]),
    "outlook": (
        OUTLOOK_EN,
        [
            *("first_name", "middle_name", "last_name", "email", "phone", "organization", "city", "state"),
            *("email_2", "phone_2", "phone_3"),
        ],
    ),
    "outlook-pt": (
        OUTLOOK_PT,
        ["name", "middle_name", "last_name", "organization", "email", "phone", "phone_2", "city", "state"],
    ),
    "outlook-es": (OUTLOOK_ES, ["name", "middle_name", "last_name", "organization", "email", "phone"]),
    "hubspot": (
        HUBSPOT,
        ["first_name", "last_name", "email", "more_emails", "phone", "city", "state", "organization", "registered_on"],
    ),
}


@pytest.mark.parametrize("tool", WHAT)
def test_its_columns_are_guessed(tool):
    header, wanted = WHAT[tool]
    delimiter = ";" if ";" in header else ","
    customers = kinds.get("customers")
    assert customers
    guessed = mapping.guess(customers, header.strip().split(delimiter))
    basic = {"birth_on", "postal_code", "street"}
    assert sorted(set(guessed.values()) - basic) == sorted(wanted)


def imported(cast, importer, content, **more):
    report = importer(cast.aurora, "customers", content, **more)
    with scope(cast.aurora.pk):
        return report, list(Customer.objects.order_by("number").values_list("name", "email", "phone", "city"))


def test_names_in_parts(cast, importer):
    """First and last names make the name; a whole name wins; an organisation is called by its own."""
    sheet = OUTLOOK_EN + (
        "Ana,Maria,Silva,,,ana@example.com,,,11 98765-4321,,Escola,,,Recife,PE,,,\n"
        ",,,,,,,,,,Padaria Ltda,,,,,,,\n"
        "Bia,,,,,,,,,,,,,,,,,\n"
    )
    report, found = imported(cast, importer, sheet, language="pt-br")
    assert report.counts == (3, 0, 0, 0), report.refused
    assert found == [
        ("Ana Maria Silva", "ana@example.com", "+5511987654321", "Recife"),
        ("Padaria Ltda", "", "", ""),
        ("Bia", "", "", ""),
    ]
    assert importer(cast.aurora, "customers", sheet, language="pt-br").counts == (0, 0, 3, 0)
    changed = importer(cast.aurora, "customers", sheet.replace("Ana,Maria,Silva", "Ana,,Souza"), language="pt-br")
    assert changed.counts == (0, 1, 2, 0)


def test_a_portuguese_outlook(cast, importer):
    _report, found = imported(
        cast, importer, OUTLOOK_PT + "Ana,,Silva,Escola,ana@example.com,,,,\nBia Souza,,Souza,,,,,,\n"
    )
    assert [name for name, *_rest in found] == ["Ana Silva", "Bia Souza"]


CARDS = {
    "2.1": (
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Concei=C3=A7=C3=A3o;Maria;da;;\r\n"
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Maria da Concei=C3=A7=\r\n=C3=A3o\r\n"
        "TEL;HOME:1133334444\r\nTEL;CELL:(11) 98765-4321\r\nEMAIL;INTERNET:maria@example.com\r\n"
        "ADR;HOME:;;Rua A;Recife;PE;50000-000;Brasil\r\n"
        "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQ\r\n AAAQABAAD\r\n\r\nEND:VCARD\r\n"
    ),
    "3.0": (
        "BEGIN:VCARD\nVERSION:3.0\nN:da Conceição;Maria;;;\nFN:Maria da Con\n ceição\nitem1.TEL;type=HOME:1133334444\n"
        "TEL;TYPE=CELL,VOICE:11 98765-4321\nitem1.X-ABLabel:_$!<Other>!$_\nEMAIL;TYPE=INTERNET;TYPE=HOME:maria@example.com\n"
        "ADR;TYPE=HOME:;;Rua A\\, 10;Recife;PE;50000-000;Brasil\nNOTE:uma\\nduas\nEND:VCARD\n"
    ),
    "4.0": (
        'BEGIN:VCARD\nVERSION:4.0\nFN:Maria da Conceição\nN:da Conceição;Maria;;;\nTEL;VALUE=uri;TYPE="voice,cell":'
        'tel:+5511987654321\nEMAIL;PREF=1:maria@example.com\nADR;LABEL="Rua A; 10: x":;;Rua A;Recife;PE;50000-000;Brasil\n'
        "END:VCARD\n"
    ),
}


@pytest.mark.parametrize("version", CARDS)
def test_a_contact_of_a_phone(cast, importer, version):
    report, found = imported(cast, importer, importer.file(CARDS[version], f"c{version}.vcf"), language="pt-br")
    assert report.counts == (1, 0, 0, 0), report.refused
    assert found == [("Maria da Conceição", "maria@example.com", "+5511987654321", "Recife")]


def further(account):
    with scope(account.pk):
        return sorted(ContactPoint.objects.values_list("kind", "value"))


def test_further_addresses_and_phones_of_other_tools(cast, importer):
    """Google's and Outlook's numbered columns, Google's several in one cell, HubSpot's list, a phone's cards."""
    google = "First Name,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value,Phone 2 - Value\n"
    google += "Ana,ana@example.com,a2@example.com,11 98765-4321,11 3333-4444 ::: 11 3333-5555\n"
    outlook = "First Name,E-mail Address,E-mail 2 Address,E-mail 3 Address,Mobile Phone,Home Phone,Business Phone\n"
    outlook += "Bia,bia@example.com,b2@example.com,b3@example.com,11 98765-0001,11 3333-0002,11 3333-0003\n"
    hubspot = "First Name,Email,Additional email addresses\nCaio,caio@example.com,c2@example.com;c3@example.com\n"
    card = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Dani\nTEL;TYPE=HOME:1133330004\nTEL;TYPE=CELL:11 98765-0005\nTEL:1133330006\n"
        "EMAIL:dani@example.com\nEMAIL;PREF=1:d1@example.com\nEMAIL:d3@example.com\nEND:VCARD\n"
    )
    for content, points in (
        (google, [("email", "a2@example.com"), ("phone", "+551133334444"), ("phone", "+551133335555")]),
        (
            outlook,
            [
                *(("email", "b2@example.com"), ("email", "b3@example.com")),
                *(("phone", "+551133330002"), ("phone", "+551133330003")),
            ],
        ),
        (hubspot, [("email", "c2@example.com"), ("email", "c3@example.com")]),
        (
            importer.file(card, "c.vcf"),
            [
                *(("email", "d3@example.com"), ("email", "dani@example.com")),
                *(("phone", "+551133330004"), ("phone", "+551133330006")),
            ],
        ),
    ):
        before = further(cast.aurora)
        report = importer(cast.aurora, "customers", content, language="pt-br")
        assert report.counts == (1, 0, 0, 0), report.refused
        assert [point for point in further(cast.aurora) if point not in before] == points
        assert importer(cast.aurora, "customers", content, language="pt-br").counts == (0, 0, 1, 0)


def test_many_contacts_and_a_broken_one(cast, importer):
    good = "BEGIN:VCARD\nVERSION:3.0\nFN:Pessoa {n}\nTEL:119876543{n:02}\nEND:VCARD\n"
    text = good.format(n=10) + "BEGIN:VCARD\nFN:Sem fim\n" + good.format(n=11) + "BEGIN:VCARD\nFN:Cortado\n"
    report, found = imported(cast, importer, text, language="pt-br")
    assert report.counts == (2, 0, 0, 2)
    assert sorted(report.refused) == [6, 13]
    assert [name for name, *_rest in found] == ["Pessoa 10", "Pessoa 11"]


@pytest.mark.parametrize(
    "content",
    [
        b"BEGIN:VCARD\n",
        b"BEGIN:VCARD\nEND:VCARD\n" * 3,
        b"\xef\xbb\xbfBEGIN:VCARD\r\nFN:A\r\nEND:VCARD",
        "BEGIN:VCARD\nFN:Zoë\nEND:VCARD\n".encode("utf-16"),
        "BEGIN:VCARD\nFN:Zoë\nEND:VCARD\n".encode("cp1252"),
        b"BEGIN:VCARD\nFN:" + b"a" * 500_000 + b"\nEND:VCARD\n",
        b"BEGIN:VCARD\n" + b"NOTE;ENCODING=QUOTED-PRINTABLE:a=\n" * 50_000 + b"END:VCARD\n",
        b"BEGIN:VCARD\n" + b"TEL;" + b"A;" * 5_000 + b":1\nEND:VCARD\n",
        b"BEGIN:VCARD\nN:\\\nEND:VCARD\n",
        b"BEGIN:VCARD\nTEL;CHARSET=nonsense;ENCODING=QUOTED-PRINTABLE:=ZZ\nEND:VCARD\n",
    ],
)
def test_hostile_cards_hurt_nobody(tmp_path, content):
    """A9: whatever is in them, rows, bad lines or one sentence."""
    path = tmp_path / "c.vcf"
    path.write_bytes(content)
    items, width = [], 0
    with contextlib.suppress(SheetError), open_sheet(path) as sheet:
        width = len(sheet.header)
        items = [item for items in sheet for item in items]
    assert all(isinstance(item, BadLine) or len(item[1]) == width for item in items)
