"""The `carteira` program: its help, its exit status, one line for whatever an operator can put right."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from carteira.config import listing
from carteira.config.manage import main
from carteira.core.events import kinds
from carteira.core.processes import migrations
from tests.processes import ROOT, Program, command, free_port


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: Any) -> Iterator[None]:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with translation.override("en"):
        yield


COMMANDS = {"serve", "work", "verify", "backup", "restore", "events", "jobs", "migrate_database", "create_account"}


def carteira(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    return subprocess.run(
        command(*arguments),
        env={**inherited, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestHelp:
    @pytest.mark.parametrize("asked", [[], ["help"], ["--help"], ["-h"]])
    def test_it_lists_our_commands_a_line_each_and_not_djangos(self, asked: list[str], capsys: Any) -> None:
        assert main(asked) == 0
        text = capsys.readouterr().out
        lines = [line.split(maxsplit=1) for line in text.splitlines() if line.startswith("  ")]
        assert {words[0] for words in lines} >= COMMANDS
        assert all(len(words) == 2 for words in lines), "a command without a word about what it does"
        assert not {"runserver", "sqlmigrate", "procrastinate"} & {words[0] for words in lines}

    def test_it_needs_neither_a_home_nor_a_database(self) -> None:
        done = carteira("--help", CARTEIRA_HOME="/dev/null/none")
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_commands_help_is_about_the_command(self, capsys: Any) -> None:
        assert main(["help", "serve"]) == 0
        text = capsys.readouterr().out
        assert "--demo" in text
        assert "--pythonpath" not in text

    def test_each_commands_help_is_read_from_its_file(self) -> None:
        assert all(what and what.strip() for what in listing.commands().values())


class TestWrongUsage:
    def test_an_unknown_command(self, capsys: Any) -> None:
        assert main(["vrify"]) == 2
        assert capsys.readouterr().err == (
            "There is no command 'vrify'. Did you mean verify? `carteira --help` lists them.\n"
        )

    @pytest.mark.parametrize(
        "words", [["serve", "--prt"], ["serve", "--port", "x"], ["verify", "more"], ["jobs", "--retry"]]
    )
    def test_wrong_options(self, words: list[str], capsys: Any) -> None:
        assert main(words) == 2
        assert "usage: carteira" in capsys.readouterr().err

    def test_a_port_that_is_none(self, monkeypatch: Any, capsys: Any) -> None:
        monkeypatch.setenv("PORT", "8000")
        assert main(["serve", "--port", "70000"]) == 2
        assert "Traceback" not in capsys.readouterr().err


class TestOneLine:
    """Known failures: status 1, one line, no trace."""

    def failure(self, *arguments: str, **environment: str) -> str:
        done = carteira(*arguments, LC_ALL="C.UTF-8", **environment)
        assert done.returncode == 1, done.stdout + done.stderr
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    @pytest.mark.parametrize("name", ["serve", "work", "verify"])
    def test_no_database(self, name: str) -> None:
        nowhere = "postgres://carteira_app:secret@127.0.0.1:1/carteira"
        options = ["--port", str(free_port())] if name == "serve" else []
        said = self.failure(name, *options, DATABASE_URL=nowhere)
        assert "database cannot be reached" in said
        assert "secret" not in said

    def test_a_database_url_that_is_none(self) -> None:
        assert "DATABASE_URL must look like" in self.failure("verify", DATABASE_URL="mysql://x")

    def test_a_home_that_cannot_be_made(self) -> None:
        assert "/dev/null/none" in self.failure("serve", CARTEIRA_HOME="/dev/null/none")

    def test_a_variable_that_makes_no_sense(self) -> None:
        assert "WEB_THREADS must be a number from 1 to 64" in self.failure("serve", WEB_THREADS="many")

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("name", ["serve", "work"])
    def test_a_role_with_too_many_rights(self, name: str) -> None:
        """T5: the program refuses to serve as anything more than the serving role."""
        options = ["--port", str(free_port())] if name == "serve" else []
        said = self.failure(name, *options, DATABASE_URL=url("DATABASE_OWNER"), CARTEIRA_HOME=str(settings.FILES_ROOT))
        assert "Refusing to serve as database role carteira_owner: it owns table" in said


def url(role: str) -> str:
    """The test database as a server of one's own."""
    found = settings.DATABASE_OWNER if role == "DATABASE_OWNER" else settings.DATABASES["default"]
    login = f"{found['USER']}:{quote(found['PASSWORD'], safe='')}"
    return f"postgres://{login}@/{connection.settings_dict['NAME']}?host={quote(found['HOST'], safe='')}&port={found['PORT']}"


class TestTables:
    @pytest.mark.django_db
    def test_nothing_is_missing_after_migrating(self) -> None:
        assert migrations.pending() == []

    @pytest.mark.django_db
    def test_missing_ones_are_named(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'core' AND name = '0001_initial'")
        assert migrations.pending() == ["core.0001_initial"]

    @pytest.mark.django_db
    def test_a_newer_database_is_refused(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_later', now())")
        with pytest.raises(migrations.CannotMigrate, match=r"newer Carteira \(it has core\.9999_later\)"):
            migrations.pending()

    @pytest.mark.django_db
    def test_without_its_owner_the_database_cannot_be_brought_up_to_date(self, settings: Any) -> None:
        settings.DATABASE_OWNER = None
        with pytest.raises(migrations.CannotMigrate, match="DATABASE_OWNER_URL"):
            migrations.migrate()


class TestEvents:
    def test_it_lists_what_can_happen_and_what_follows(self, capsys: Any) -> None:
        def tell_the_owner(events: Any) -> None:
            """Tell the owner."""

        name = kinds.register("test.listed", "{name} was listed.")
        reaction = kinds.react(name, tell_the_owner)
        try:
            call_command("events")
            text = capsys.readouterr().out
            call_command("events", "--json")
            found = json.loads(capsys.readouterr().out.splitlines()[-1])["kinds"]
        finally:
            kinds.forget_reaction(reaction)
        assert f"test.listed: {{name}} was listed.\n    {reaction.name}: Tell the owner.\n" in text
        (listed,) = [kind for kind in found if kind["kind"] == name]
        assert listed["reactions"] == [{"name": reaction.name, "does": "Tell the owner."}]


@pytest.mark.xdist_group("processes")
def test_any_command_may_be_the_first_one_in_a_new_home() -> None:
    with Program.in_new_home() as program:
        done = program.run("create_account", "aurora", "--name", "Escola Aurora", "--owner", "ana@example.com")
        assert done.returncode == 0, done.stderr
        assert "Bringing the database up to date" in done.stderr
        assert program.run("verify").returncode == 0
        program.wait_gone()
