"""Translation catalogues without GNU gettext: Babel reads Python and Django templates, and compiles.

python scripts/messages.py update     new and changed strings into carteira/locale/*/LC_MESSAGES/django.po
python scripts/messages.py compile    django.po into django.mo
python scripts/messages.py missing    what is not translated yet; status 1 when there is something
"""

import io
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "carteira"
LANGUAGES = ("pt_BR", "es")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def catalog_file(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def sources() -> list[Path]:
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.txt")]
    return sorted(
        file for file in files if not {"tests", "migrations", "static"} & set(file.relative_to(PACKAGE).parts)
    )


def template() -> Catalog:
    """Every string of the code. No line numbers, so that a catalogue changes only when a string does."""
    if not settings.configured:
        settings.configure()
    found = Catalog(fuzzy=False)
    for file in sources():
        text = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            # templatize blanks what is not a string and keeps the indentation, over which Python's tokenizer stumbles.
            text = "\n".join(line.strip() for line in templatize(text, origin=str(file)).splitlines())
        place = str(file.relative_to(ROOT))
        for _line, message, comments, context in extract(
            "python", io.BytesIO(text.encode()), KEYWORDS, ("Translators:",)
        ):
            # Django's catalogues use % placeholders; Babel marks them by itself.
            found.add(message, None, [(place, None)], auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    file = catalog_file(language)
    if not file.exists():
        return Catalog(locale=language, fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def update() -> None:
    fresh = template()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(fresh, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        catalog.header_comment = "# Carteira"
        catalog.project, catalog.version = "Carteira", "1"
        file = catalog_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            write_po(
                stream, catalog, width=110, sort_output=True, omit_header=False, include_lineno=False, no_location=True
            )
        print(f"{language}: {sum(1 for m in catalog if m.id)} strings, {len(untranslated(catalog))} untranslated")


def compile_all() -> None:
    for language in LANGUAGES:
        file = catalog_file(language)
        if file.exists():
            with file.with_suffix(".mo").open("wb") as stream:
                write_mo(stream, read(language))


def untranslated(catalog: Catalog) -> list[str]:
    return [
        str(message.id)
        for message in catalog
        if message.id
        and (message.fuzzy or not all(message.string if isinstance(message.string, tuple) else [message.string]))
    ]


def missing() -> list[str]:
    """Sentences about strings that are in the code but not, or wrongly, in a catalogue."""
    problems = []
    fresh = template()
    for language in LANGUAGES:
        catalog = read(language)
        for message in fresh:
            known = catalog.get(message.id, message.context) if message.id else message
            if known is None or (known.id and str(known.id) in untranslated(catalog)):
                problems.append(f"{language}: not translated: {message.id!r}")
        for message in catalog:
            problems += [f"{language}: {message.id!r}: {error}" for error in message.check(catalog)]
    return problems


def main() -> int:
    act = sys.argv[1] if len(sys.argv) > 1 else ""
    if act == "update":
        update()
    elif act == "compile":
        compile_all()
    elif act == "missing":
        problems = missing()
        print("\n".join(problems))
        return 1 if problems else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
