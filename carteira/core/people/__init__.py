"""What people and companies are called and reached by: names, e-mails, documents, phones, parts of addresses.

Every `clean_*` takes what a form field, a sheet's cell or an API sends and gives the stored form back, or
raises Django's ValidationError with a sentence for whoever typed it and a `code`.
"""

from carteira.core.people.addresses import (
    STATES,
    city_sort,
    clean_cep,
    clean_city,
    clean_postal_code,
    clean_state,
    format_cep,
)
from carteira.core.people.documents import clean_document, document_label, format_document, mask_document
from carteira.core.people.emails import clean_email
from carteira.core.people.names import (
    clean_name,
    clean_text,
    initials,
    name_sort,
    search_needles,
    search_text,
)
from carteira.core.people.phones import clean_phone, format_phone, phone_variants

__all__ = [
    "STATES",
    "city_sort",
    "clean_cep",
    "clean_city",
    "clean_document",
    "clean_email",
    "clean_name",
    "clean_phone",
    "clean_postal_code",
    "clean_state",
    "clean_text",
    "document_label",
    "format_cep",
    "format_document",
    "format_phone",
    "initials",
    "mask_document",
    "name_sort",
    "phone_variants",
    "search_needles",
    "search_text",
]
