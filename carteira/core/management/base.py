"""What our commands share: the account they work on, one clear line instead of a trace, JSON as the last line.

Exit status (architecture 9): 0 done, 1 nothing could be done or a check failed, 2 wrong usage.
"""

import json
import os
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from carteira.core import dates


class Error(CommandError):
    """A refusal, printed on standard error as "Error: sentence"; `returncode` is the exit status."""


class CarteiraCommand(BaseCommand):
    """Base of every command of ours.

    - `takes_account`: adds --account SLUG ("required" or "optional"); `self.account_of(options)` reads it.
    - `takes_json`: adds --json; the command ends with `self.say_json({...})`.
    - Verbs' named errors (ValueErrors defined in carteira) and ValidationErrors become one line and status 1;
      name other expected exceptions in `refusals`. Anything else is a bug and keeps its trace.
    """

    takes_account: ClassVar[str] = ""
    takes_json: ClassVar[bool] = False
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    # Understood, but not worth a line of help.
    suppressed_base_arguments = frozenset(
        {"--version", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color", "--verbosity"}
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if self.takes_account:
            parser.add_argument(
                "--account",
                metavar="SLUG",
                required=self.takes_account == "required",
                help="the business, as it stands in its addresses: /SLUG/customers/",
            )
        if self.takes_json:
            parser.add_argument(
                "--json", action="store_true", help="end standard output with one line that is a JSON object"
            )
        return parser

    def execute(self, *args: Any, **options: Any) -> Any:
        with translation.override(terminal_language()), dates.ahead_by(0):
            try:
                return super().execute(*args, **options)
            except CommandError as error:
                self._say_error_as_json(options, str(error))
                raise
            except Exception as error:
                if not self._is_refusal(error):
                    raise
                sentence = sentence_of(error)
                self._say_error_as_json(options, sentence)
                raise Error(sentence) from error

    def _is_refusal(self, error: Exception) -> bool:
        ours = isinstance(error, ValueError) and type(error).__module__.startswith("carteira.")
        return ours or isinstance(error, (ValidationError, *self.refusals))

    def _say_error_as_json(self, options: Mapping[str, Any], sentence: str) -> None:
        if self.takes_json and options.get("json"):
            self.say_json({"error": sentence})

    def account_of(self, options: Mapping[str, Any]) -> Any:
        """The account named by --account; None when it is optional and missing. Raises Error if there is none."""
        slug = options.get("account")
        if not slug:
            return None
        account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.filter(slug=slug).first()
        if account is None:
            self.refuse(_("There is no business with the address “%(slug)s”.") % {"slug": slug})
        dates.go_ahead(account.hours_ahead)
        return account

    def refuse(self, sentence: str) -> NoReturn:
        """Nothing could be done: exit status 1."""
        raise Error(sentence)

    def wrong_usage(self, sentence: str) -> NoReturn:
        """The arguments cannot be meant: exit status 2."""
        raise Error(sentence, returncode=2)

    def say_json(self, data: Mapping[str, Any]) -> None:
        """One JSON object on one line; days and ids as text. Say nothing after it: it has to be the last."""
        self.stdout.write(json.dumps(dict(data), default=str))


def sentence_of(error: Exception) -> str:
    """What a refusal tells its reader, in one line."""
    text = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return " ".join(text.split())


def terminal_language() -> str:
    """The language of the person at the terminal, as the locale variables say; English if it is none of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            speech = value.partition(".")[0].replace("_", "-").lower()
            return next((code for code, _label in settings.LANGUAGES if code[:2] == speech[:2]), "en")
    return "en"
