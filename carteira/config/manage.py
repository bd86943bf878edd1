"""The `carteira` program: Django's management commands, with the database they need started around them."""

import os
import sys


# Commands that need no database, or look after it themselves.
_WITHOUT_SERVER = {"serve", "collectstatic", "help", "version", "--help", "-h", "--version", "makemessages", "restore"}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.config.settings")
    from django.core.management import execute_from_command_line

    from carteira.core.database.urls import is_embedded

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    wants_help = "--help" in sys.argv or "-h" in sys.argv
    if command in _WITHOUT_SERVER or wants_help or not is_embedded():
        execute_from_command_line(sys.argv)
        return 0
    from carteira.core.database.server import use_server

    with use_server():
        execute_from_command_line(sys.argv)
    return 0
