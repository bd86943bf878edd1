"""F11: a backup comes back whole in another home, or says why not."""

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from carteira.core.database.backup import BackupFailed, RestoreRefused, backup, restore
from carteira.core.database.roles import ensure_privileges
from carteira.core.database.tests.tools import connect

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
ODD = 'COPY "odd (name" FROM stdin;\n\\.\n\tç'

SCHEMA = """
CREATE TABLE account (id uuid PRIMARY KEY DEFAULT uuidv7(), name text);
CREATE TABLE walled (
    account_id uuid REFERENCES account, id uuid DEFAULT uuidv7(), name text, PRIMARY KEY (account_id, id)
);
ALTER TABLE walled ENABLE ROW LEVEL SECURITY;
ALTER TABLE walled FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON walled TO carteira_owner USING (true);
CREATE POLICY own_account ON walled TO carteira_app
    USING (account_id = current_setting('carteira.account')::uuid);
CREATE INDEX ON walled USING gin (name gin_trgm_ops);
CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY, note text);
REVOKE UPDATE, DELETE ON ledger FROM carteira_app;
CREATE TABLE "odd (name" (text text);
CREATE FUNCTION find() RETURNS bigint LANGUAGE sql SECURITY DEFINER RETURN (SELECT count(*) FROM walled);
ALTER FUNCTION find() OWNER TO carteira_search;
INSERT INTO account (name) VALUES ('Aurora'), ('Boreal');
INSERT INTO walled (account_id, name) SELECT a.id, 'n' || g FROM account a, generate_series(1, 500) g;
INSERT INTO ledger (note) SELECT 'x' FROM generate_series(1, 7);
"""


@pytest.fixture
def filled(running_home: Path) -> Iterator[Path]:
    """A home with walled tables, narrow grants and an upload; empty again afterwards."""
    with connect(running_home, "owner") as owner:
        owner.execute(SCHEMA)
        owner.execute('INSERT INTO "odd (name" VALUES (%s), (NULL)', (ODD,))
        folder = running_home / "files/ab"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "agreement ç.pdf").write_bytes(b"%PDF" * 1000)
        yield running_home
        _empty(owner)


def _empty(owner: psycopg.Connection) -> None:
    owner.execute("DROP OWNED BY carteira_owner, carteira_search")
    ensure_privileges(owner)


def test_round_trip(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    made = backup(file, home=filled, now=NOW)
    assert (made.tables, made.rows, made.files) == (4, 2 + 1000 + 7 + 2, 1)
    assert made.made_at == "2026-11-21T12:30:00+00:00"
    assert made.bytes == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["backup.zip"]
    with connect(filled, "owner") as owner:
        _empty(owner)
    (filled / "files/ab/agreement ç.pdf").write_bytes(b"changed")
    (filled / "files/stray").write_bytes(b"not in the backup")

    assert restore(file, home=filled).rows == made.rows

    with connect(filled, "owner") as owner:
        assert owner.execute("SELECT count(*) FROM walled").fetchone() == (1000,)
        assert owner.execute('SELECT text FROM "odd (name" ORDER BY 1').fetchall() == [(ODD,), (None,)]
        assert owner.execute("INSERT INTO ledger (note) VALUES ('next') RETURNING id").fetchone() == (8,)
        assert owner.execute("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'walled'").fetchone() == (True,)
        found = owner.execute("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'find'").fetchone()
        assert found == ("carteira_search",)
        owner.execute("CREATE TABLE later (id int)")
    with connect(filled, "app") as app:
        app.execute("INSERT INTO ledger (note) VALUES ('app')")
        app.execute("INSERT INTO later VALUES (1)")  # default privileges are back
        with pytest.raises(psycopg.errors.InsufficientPrivilege):  # and widened nothing
            app.execute("DELETE FROM ledger")
        app.execute(
            "SELECT set_config('carteira.account', (SELECT id::text FROM account WHERE name = 'Aurora'), false)"
        )
        assert app.execute("SELECT count(*) FROM walled").fetchone() == (500,)
    assert (filled / "files/ab/agreement ç.pdf").read_bytes() == b"%PDF" * 1000
    assert not (filled / "files/stray").exists()
    assert (filled / "files").stat().st_mode & 0o777 == 0o700
    assert not list(filled.glob("files.*"))


def test_counts_belong_to_the_dumped_snapshot(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows written while pg_dump runs are in neither."""
    from carteira.core.database import backup as module

    real = module._dump

    def dump_while_writing(archive: zipfile.ZipFile, *arguments: object) -> object:
        with connect(filled, "owner") as owner:
            owner.execute("INSERT INTO ledger (note) VALUES ('meanwhile')")
        return real(archive, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_dump", dump_while_writing)
    assert backup(tmp_path / "b.zip", home=filled).rows == 1011


def test_full_database_is_refused_unless_told(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    backup(file, home=filled)
    with connect(filled, "owner") as owner:
        owner.execute("INSERT INTO ledger (note) VALUES ('after')")
        owner.execute("CREATE TABLE extra (id int)")
        with pytest.raises(RestoreRefused, match="already has 5 tables"):
            restore(file, home=filled)
        restore(file, home=filled, replace=True)
        assert owner.execute("SELECT count(*) FROM ledger").fetchone() == (7,)
        assert owner.execute("SELECT to_regclass('extra')").fetchone() == (None,)


def test_hidden_rows_fail_the_backup(filled: Path, tmp_path: Path) -> None:
    """pg_dump would write the table empty, and its rows would be counted as none."""
    with connect(filled, "owner") as owner:
        owner.execute("CREATE POLICY narrow ON walled AS RESTRICTIVE TO carteira_owner USING (name < 'n2')")
        with pytest.raises(BackupFailed, match=r"hides rows of these tables from the owner: public\.walled"):
            backup(tmp_path / "b.zip", home=filled)
        owner.execute("DROP POLICY narrow ON walled")
        owner.execute("DROP POLICY owner_sees_all ON walled")
        with pytest.raises(BackupFailed, match=r"public\.walled"):
            backup(tmp_path / "b.zip", home=filled)
    assert list(tmp_path.iterdir()) == []


def test_an_incomplete_dump_is_not_reported_done(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pg_dump that leaves a table out without a word: the rows read back are counted."""
    from carteira.core.database.clients import Owner

    real = Owner.command

    def without_ledger(self: Owner, name: str, *options: str) -> list[str]:
        return real(self, name, *options, "--exclude-table-data=ledger")

    monkeypatch.setattr(Owner, "command", without_ledger)
    (tmp_path / "b.zip").write_text("yesterday's")
    with pytest.raises(BackupFailed, match=r"public\.ledger has 7 rows, the backup 0"):
        backup(tmp_path / "b.zip", home=filled)
    assert (tmp_path / "b.zip").read_text() == "yesterday's"
    assert len(list(tmp_path.iterdir())) == 1


def _changed(source: Path, target: Path, **members: bytes | None) -> Path:
    """Copy a backup with some members replaced (None: left out); names' dots are written as underscores."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = members.get(name.replace(".", "_"), old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def test_damaged_backups_change_nothing(filled: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.zip"
    backup(good, home=filled)
    with zipfile.ZipFile(good) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        dump = archive.read("database.dump")
    files = {
        "cut.zip": good.read_bytes()[:-200],
        "text.zip": b"not a zip",
        "bits.zip": good.read_bytes().replace(b"%PDF", b"%QDF", 1),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    more = {**manifest["tables"], "public.ledger": 8}
    _changed(good, tmp_path / "dump.zip", database_dump=dump[:-1])
    _changed(good, tmp_path / "bare.zip", manifest_json=None)
    _changed(good, tmp_path / "later.zip", manifest_json=json.dumps({**manifest, "format": 99}).encode())
    _changed(good, tmp_path / "count.zip", manifest_json=json.dumps({**manifest, "tables": more}).encode())
    with zipfile.ZipFile(_changed(good, tmp_path / "path.zip"), "a") as archive:
        archive.writestr("files/../../evil", b"x")
    with connect(filled, "owner") as owner:
        owner.execute("INSERT INTO ledger (note) VALUES ('kept')")
        refusals = {
            "missing.zip": "No such file",
            "cut.zip": "not a Carteira backup",
            "text.zip": "not a Carteira backup",
            "bits.zip": "damaged",
            "dump.zip": "checksum",
            "bare.zip": "not a Carteira backup",
            "later.zip": "later version",
            "count.zip": "table public.ledger has 8 rows in the backup, 7 were restored",
            "path.zip": "unsafe name",
        }
        for name, reason in refusals.items():
            with pytest.raises(RestoreRefused, match=reason) as refusal:
                restore(tmp_path / name, home=filled, replace=True)
            assert "\n" not in str(refusal.value)
            assert owner.execute("SELECT count(*) FROM ledger").fetchone() == (8,), name
            assert (filled / "files/ab/agreement ç.pdf").exists()
            assert not list(filled.glob("files.*"))
    assert not (filled.parent / "evil").exists()


def test_somebody_who_still_works_in_it_is_not_waited_for_without_end(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from carteira.core.database import restore as module

    real = module._beginning
    monkeypatch.setattr(module, "_beginning", lambda: real().replace("'20s'", "'200ms'"))
    backup(tmp_path / "b.zip", home=filled)
    with connect(filled, "app") as app, app.transaction():
        app.execute("SELECT * FROM ledger")
        with pytest.raises(RestoreRefused, match="lock timeout"):
            restore(tmp_path / "b.zip", home=filled, replace=True)


def test_places_that_cannot_be_written(filled: Path, tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "none" / "b.zip"):
        with pytest.raises(BackupFailed, match="name a file in an existing folder"):
            backup(target, home=filled)
    with pytest.raises(BackupFailed, match="cannot be written"):
        backup(Path("/proc/b.zip"), home=filled)


def test_a_server_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://a:secret@127.0.0.1:9/d")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://a:secret@127.0.0.1:9/d")
    with pytest.raises(BackupFailed, match="refused") as refusal:
        backup(tmp_path / "b.zip")
    assert "\n" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_server_of_ones_own(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same client tools over DATABASE_OWNER_URL; here its socket and port stand for another machine."""
    from urllib.parse import quote

    from carteira.core.database.urls import embedded_settings

    for variable, role in (("DATABASE_URL", "app"), ("DATABASE_OWNER_URL", "owner")):
        found = embedded_settings(role, filled)  # type: ignore[arg-type]
        url = f"postgres://{found['USER']}:{quote(found['PASSWORD'])}@/{found['NAME']}"
        monkeypatch.setenv(variable, f"{url}?host={quote(found['HOST'])}&sslmode=prefer")
    monkeypatch.setenv("CARTEIRA_HOME", str(tmp_path / "home"))
    assert backup(tmp_path / "b.zip").rows == 1011
    assert restore(tmp_path / "b.zip", replace=True).rows == 1011
    assert os.listdir(tmp_path / "home") == ["files"]
