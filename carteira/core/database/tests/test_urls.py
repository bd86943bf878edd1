from pathlib import Path

import pytest

from carteira.core.database.errors import DatabaseSettingsError
from carteira.core.database.home import ROOT_HOME, home
from carteira.core.database.urls import django_settings, has_owner, is_embedded, parse_url

VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_WORKER_URL")


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_plain_url() -> None:
    assert parse_url("postgres://ana:secret@db.example.com:6432/shop") == {
        "HOST": "db.example.com",
        "PORT": "6432",
        "NAME": "shop",
        "USER": "ana",
        "PASSWORD": "secret",
        "OPTIONS": {},
    }


def test_everything_percent_encoded() -> None:
    found = parse_url("postgresql://an%40a:p%40%3A%2F%3F%23%25%20%C3%A7@h/my%20shop")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("an@a", "p@:/?#% ç", "my shop")


@pytest.mark.parametrize(
    "url",
    ["postgres://ana@%2Frun%2Fpostgresql/shop", "postgres://ana@/shop?host=/run/postgresql"],
)
def test_socket(url: str) -> None:
    found = parse_url(url)
    assert found["HOST"] == "/run/postgresql"
    assert found["OPTIONS"] == {}


def test_options_go_to_options() -> None:
    found = parse_url("postgres://a:b@h/d?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&options=-c%20jit%3Doff")
    assert found["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "options": "-c jit=off"}


def test_ipv6_and_several_hosts() -> None:
    assert parse_url("postgres://a@[::1]:5433/d")["HOST"] == "::1"
    found = parse_url("postgres://a@one:1,two:2/d?target_session_attrs=read-write")
    assert (found["HOST"], found["PORT"]) == ("one,two", "1,2")


@pytest.mark.parametrize(
    "url",
    ["mysql://a:hush@h/d", "postgres://a:hu%zzsh@h/d", "postgres://a:hush@h/d?nonsense=1", "postgres://a:hush@h"],
)
def test_an_unreadable_url_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(DatabaseSettingsError, match="DATABASE_URL must look like") as refusal:
        parse_url(url)
    assert "hush" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_roles_and_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://app:a@pooler/d")
    assert not is_embedded()
    assert django_settings("app")["HOST"] == "pooler"
    assert django_settings("worker")["HOST"] == "pooler"
    assert not has_owner()
    with pytest.raises(DatabaseSettingsError, match="DATABASE_OWNER_URL"):
        django_settings("owner")
    monkeypatch.setenv("DATABASE_WORKER_URL", "postgres://app:a@direct/d")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner:o@direct/d")
    assert django_settings("worker")["HOST"] == "direct"
    assert django_settings("owner")["USER"] == "owner"
    assert has_owner()


def test_half_a_server_of_ones_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner:o@h/d")
    with pytest.raises(DatabaseSettingsError, match="set both or neither"):
        django_settings("app")


def test_embedded_settings_work_before_there_is_a_server(monkeypatch: pytest.MonkeyPatch, fresh_home: Path) -> None:
    monkeypatch.setenv("CARTEIRA_HOME", str(fresh_home))
    app, owner = django_settings("app"), django_settings("owner")
    assert is_embedded()
    assert has_owner()
    assert app == django_settings("worker")
    assert app["HOST"] == str(fresh_home / "database/server/socket")
    assert (app["USER"], owner["USER"]) == ("carteira_app", "carteira_owner")
    assert len(app["PASSWORD"]) > 40
    assert app["PASSWORD"] != owner["PASSWORD"]
    assert (fresh_home / "database/passwords.json").stat().st_mode & 0o777 == 0o600


def test_damaged_passwords_are_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, fresh_home: Path) -> None:
    monkeypatch.setenv("CARTEIRA_HOME", str(fresh_home))
    django_settings("app")
    (fresh_home / "database/passwords.json").write_text("{")
    with pytest.raises(DatabaseSettingsError, match="delete it"):
        django_settings("app")


def test_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTEIRA_HOME", "some/where")
    assert home() == Path.cwd() / "some/where"
    monkeypatch.setenv("CARTEIRA_HOME", "")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert home() == ROOT_HOME
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert home() == Path(__file__).resolve().parents[4] / "var"
