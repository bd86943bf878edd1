"""The `carteira` program: our commands, with the database they need started around them.

Exit status: 0 done, 1 nothing could be done or a check failed, 2 wrong usage, 130 interrupted. What can be
expected to go wrong (no database, a home that cannot be written) is one line on standard error.
"""

import difflib
import os
import sys
from collections.abc import Sequence
from typing import Any

from carteira.config import listing
from carteira.core.database.errors import KeeperError

# These look after the server themselves, or need none.
_WITHOUT_SERVER = {"serve", "restore", "collectstatic", "makemessages", "compilemessages"}
# These work on whatever state the tables are in. (Django's own commands do as well.)
_ON_ANY_TABLES = {"serve", "work", "migrate_database", "backup", "restore", "events"}


def main(arguments: Sequence[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.config.settings")
    argv = ["carteira", *(sys.argv[1:] if arguments is None else arguments)]
    if len(argv) == 1 or argv[1] in {"help", "--help", "-h"}:
        return _help(argv[2:])
    try:
        return _run(argv)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `carteira events | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as end:
        if isinstance(end.code, str):
            return _fail(end.code)
        return end.code or 0
    except KeeperError as error:
        return _fail(str(error))
    except Exception as error:
        from carteira.core.processes.refusals import sentence_of

        sentence = sentence_of(error)
        if sentence is None:
            raise
        return _fail(sentence)


def _run(argv: list[str]) -> int:
    command = argv[1]
    if command == "serve":
        _tell_port(argv)
    import django
    from django.core.management import ManagementUtility, get_commands, load_command_class

    django.setup()
    known = get_commands()
    if command not in known and not command.startswith("-"):
        return _unknown(command)
    from django.utils import translation

    from carteira.core.management.base import terminal_language

    translation.activate(terminal_language())
    ours = str(known.get(command)).startswith("carteira.")
    if ours:
        # Wrong usage is told (and --help answered) before anything is started.
        parsed: Any = load_command_class(known[command], command)
        parsed._called_from_command_line = True
        parsed.create_parser("carteira", command).parse_args(argv[2:])
    from carteira.core.database.server import use_server
    from carteira.core.database.urls import is_embedded

    program = ManagementUtility(argv)
    if command in _WITHOUT_SERVER or {"--help", "-h"} & set(argv) or command.startswith("-"):
        program.execute()
    elif not is_embedded():
        _with_tables(command, ours)
        program.execute()
    else:
        with use_server():
            _with_tables(command, ours)
            program.execute()
    return 0


def _with_tables(command: str, ours: bool) -> None:
    """A command of ours may be the first thing that is ever run here."""
    if ours and command not in _ON_ANY_TABLES:
        from carteira.core.processes.migrations import bring_up_to_date

        bring_up_to_date(lambda line: print(line, file=sys.stderr))


def _help(about: Sequence[str]) -> int:
    if about and not about[0].startswith("-"):
        return main([about[0], "--help"])
    print(listing.text())
    return 0


def _unknown(command: str) -> int:
    close = difflib.get_close_matches(command, listing.commands(), n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    print(f"There is no command {command!r}.{hint} `carteira --help` lists them.", file=sys.stderr)
    return 2


def _tell_port(argv: list[str]) -> None:
    """--port is PORT, also for what is computed from it (links in mails) when the settings are read."""
    for number, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if name == "--port":
            value = value if equals else "".join(argv[number + 1 : number + 2])
            if value.isdecimal() and 0 < int(value) < 65536:
                os.environ["PORT"] = value


def _fail(sentence: str) -> int:
    if sentence:
        print(f"Error: {sentence}", file=sys.stderr)
    return 1
