"""PostgreSQL's settings for one machine with two or more cores and little memory.

Written anew at every start; an operator's own lines go to ``server/cluster/local.conf``, which is read last.
Everything of Carteira together must idle below 400 MB (architecture, section 8): shared_buffers costs memory
only as it fills.
"""

import os
from collections.abc import Mapping

from carteira.core.database.errors import DatabaseSettingsError

# Below this, parallel hash joins may not fit (containers get 64 MB by default): use files in the data folder
# instead.
_ENOUGH_SHARED_MEMORY = 256 * 1024 * 1024


def config_text(socket: str, extra: Mapping[str, str] | None = None) -> str:
    """Return postgresql.conf. ``socket`` is the socket's folder as the server sees it; ``extra`` overrides
    (tests)."""
    settings = {
        # One door: the socket, for its owner. No TCP.
        "listen_addresses": "",
        "unix_socket_directories": socket,
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "superuser_reserved_connections": "3",
        "password_encryption": "scram-sha-256",
        # Memory
        "shared_buffers": "128MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "64MB",
        "autovacuum_work_mem": "32MB",
        "effective_cache_size": "1GB",
        "temp_buffers": "16MB",
        "huge_pages": "off",
        "dynamic_shared_memory_type": _shared_memory_type(),
        # Processes: each idles at a few MB
        "max_worker_processes": "4",
        "max_parallel_workers": "2",
        "max_parallel_workers_per_gather": "1",
        "max_parallel_maintenance_workers": "1",
        "autovacuum_max_workers": "2",
        "io_workers": "2",
        # Never lose a confirmed write
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        # No replica hangs on this server, so the log holds only what recovery needs
        "wal_level": "minimal",
        "max_wal_senders": "0",
        # Pages written whole after a checkpoint: compressing them (this build knows only pglz) took a quarter of the
        # processor time of a bulk change, to save a third of its log (docs/decisions/0014)
        "wal_compression": "off",
        "max_wal_size": "1GB",
        "min_wal_size": "80MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        # Planner, for solid state disks; queries here are short, compiling them costs more than it saves
        "random_page_cost": "1.1",
        "effective_io_concurrency": "16",
        "jit": "off",
        "default_statistics_target": "100",
        # Time and words
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "datestyle": "iso, ymd",
        # Dead clients are noticed within a minute, also in the middle of a statement
        "client_connection_check_interval": "10s",
        "idle_in_transaction_session_timeout": "10min",
        # Log: a week of files, named by weekday. No statements, no DETAIL lines: both would hold customers'
        # data.
        "logging_collector": "on",
        "log_directory": "../log",
        "log_filename": "postgresql-%a.log",
        "log_file_mode": "0600",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_checkpoints": "off",
        "log_lock_waits": "on",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    settings.update(_from_environment())
    settings.update(extra or {})
    lines = ["# Written by Carteira at every start. Your own settings belong into local.conf beside this file."]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    lines.append("include_if_exists = 'local.conf'")
    return "\n".join(lines) + "\n"


def access_text() -> str:
    """Return pg_hba.conf: the bootstrap superuser by its operating system identity, everybody else by
    password."""
    return "local all carteira_admin peer map=carteira\nlocal all all scram-sha-256\n"


def identities_text(*users: str | None) -> str:
    """Return pg_ident.conf: which operating system users may come in as the bootstrap superuser."""
    return "".join(f"carteira {_quoted_name(user)} carteira_admin\n" for user in dict.fromkeys(users) if user)


def _from_environment() -> dict[str, str]:
    """CARTEIRA_DATABASE_CONFIG, for tests and benchmarks: ``fsync=off;full_page_writes=off``."""
    found = {}
    for piece in os.environ.get("CARTEIRA_DATABASE_CONFIG", "").split(";"):
        if not piece.strip():
            continue
        name, equals, value = piece.partition("=")
        if not equals or not name.strip().replace("_", "").replace(".", "").isalnum():
            raise DatabaseSettingsError("CARTEIRA_DATABASE_CONFIG must look like name=value;name=value.")
        found[name.strip()] = value.strip()
    return found


def _shared_memory_type() -> str:
    try:
        size = os.statvfs("/dev/shm")
    except OSError:
        return "mmap"
    return "posix" if size.f_frsize * size.f_blocks >= _ENOUGH_SHARED_MEMORY else "mmap"


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _quoted_name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
