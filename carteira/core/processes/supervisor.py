"""`carteira serve`: starts the database, brings it up to date, keeps web and worker running, stops them all."""

import gc
import json
import logging
import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.database import server
from carteira.core.database.guard import refuse_unsafe_app_role
from carteira.core.database.places import places
from carteira.core.database.urls import is_embedded
from carteira.core.processes import migrations, only_one, ports
from carteira.core.processes.children import Child
from carteira.core.processes.refusals import sentence_of

logger = logging.getLogger("carteira.serve")

# Seconds the children have after SIGTERM before they are killed. Jobs that do not end by then are done again.
WEB_GRACE, WORKER_GRACE = 4.0, 4.0
_KILL_AFTER = 8.0
# How often the keeper of the database is looked after, in seconds.
_LOOK_AFTER = 2.0
# A web process that ends this often before it ever answered is not tried again.
_HOPELESS = 3


class CannotServe(ValueError):
    """The start failed; the text says why."""


class Supervisor:
    """One `carteira serve`. `say` prints a line for the person at the terminal."""

    def __init__(self, *, host: str, port: int, demo: bool, say: Callable[[str], None]) -> None:
        self.host, self.port, self.demo, self.say = host, port, demo, say
        self.url = ports.url_of(host, port)
        self.lock = only_one.OnlyOne(Path(settings.CARTEIRA_HOME))
        self.web = Child("web", self._run_web, before=self._in_child)
        self.worker = Child("worker", self._run_worker, before=self._in_child)
        self.helper = Child("database", self._run_helper, before=self._in_child)
        self.signals = 0
        self.answered = False
        self._read_end, self._write_end = os.pipe()

    def run(self) -> None:
        """Until SIGTERM, SIGINT or SIGHUP. Raises AlreadyRunning, PortTaken, CannotServe, KeeperError."""
        self.lock.take()
        try:
            # The web process of one that was killed a moment ago may still be about to go.
            ports.refuse_taken(self.host, self.port, patience=2.0)
            self._listen_to_signals()
            server_held = is_embedded()
            try:
                if server_held:
                    server.acquire()
                self._prepare()
                if not self.signals:
                    self._serve()
            finally:
                self._stop_children()
                if server_held:
                    server.stop_and_wait()
        finally:
            self.lock.let_go()

    # -- starting

    def _prepare(self) -> None:
        """In a child, so that neither migrations nor demo data stay in the memory all others are forked
        from.
        """
        reading, writing = os.pipe()

        def prepare() -> None:
            os.close(reading)
            try:
                facts = prepare_database(demo=self.demo, say=self.say)
            except Exception as error:
                facts = {"error": sentence_of(error)}
                if not facts["error"]:
                    raise
            os.write(writing, json.dumps(facts).encode())

        child = Child("start", prepare, before=self._in_child)
        child.start()
        os.close(writing)
        while not child.has_ended():
            if self.signals:
                child.send(signal.SIGTERM)
            self._sleep(0.05)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        self.facts: dict[str, Any] = json.loads(said or b"{}")
        if child.status and not self.signals:
            raise CannotServe(_("The start failed; its reasons stand above."))
        if "error" in self.facts:
            raise CannotServe(self.facts["error"])

    def _serve(self) -> None:
        preload()
        self.web.start()
        self.worker.start()
        look_after_at = time.monotonic() + _LOOK_AFTER
        while not self.signals:
            for child in (self.web, self.worker):
                self._keep(child)
            if not self.answered:
                self._announce_once_it_answers()
            if time.monotonic() >= look_after_at:
                self._look_after_database()
                look_after_at = time.monotonic() + _LOOK_AFTER
            self._sleep(0.5 if self.answered else 0.02)

    def _keep(self, child: Child) -> None:
        if child.pid and child.has_ended():
            if child is self.web and not self.answered and child.quick_ends >= _HOPELESS:
                raise CannotServe(_("The web server does not start; its reasons stand above."))
            logger.warning("The %s process ended (%s) and is started again", child.name, _how(child.status))
            self._tell()
        if not child.pid and time.monotonic() >= child.start_at:
            child.start()
            self._tell()

    def _announce_once_it_answers(self) -> None:
        if not ports.answers(self.host, self.port):
            return
        self.answered = True
        self._tell()
        self.say(_("Carteira runs at %(url)s") % {"url": self.url})
        demo = self.facts.get("demo")
        if demo:
            self.say(_("Demo business: %(name)s") % demo)
            self.say(_("E-mail: %(email)s   Password: %(password)s") % demo)
        self.say(_("Stop it with Ctrl+C."))

    def _tell(self) -> None:
        facts = {"web": self.web.pid, "worker": self.worker.pid}
        self.lock.tell(**facts, **({"url": self.url} if self.answered else {}))

    def _look_after_database(self) -> None:
        """The keeper restarts the database; should the keeper itself be gone, somebody must start another."""
        if self.helper.pid:
            self.helper.has_ended()
        elif is_embedded() and time.monotonic() >= self.helper.start_at and not server.keeper_lives(places()):
            logger.warning("The database has lost its keeper; starting another")
            self.helper.start()

    # -- stopping

    def _stop_children(self) -> None:
        children = [child for child in (self.web, self.worker, self.helper) if child.pid]
        for child in children:
            child.send(signal.SIGTERM)
        asked, kill_at = self.signals, time.monotonic() + _KILL_AFTER
        while any(not child.has_ended() for child in children if child.pid):
            if self.signals > asked or time.monotonic() > kill_at:
                for child in children:
                    child.send(signal.SIGKILL)
            self._sleep(0.1)

    # -- signals

    def _listen_to_signals(self) -> None:
        for end in (self._read_end, self._write_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake up

    def _on_signal(self, *_: Any) -> None:
        self.signals += 1

    def _sleep(self, seconds: float) -> None:
        """Until something happened, at most so long."""
        select.select([self._read_end], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._read_end, 1024)

    # -- in the children

    def _in_child(self) -> None:
        self.lock.let_go()
        for end in (self._read_end, self._write_end):
            os.close(end)

    def _run_web(self) -> None:
        from carteira.core.processes.web import run_web

        run_web(self.host, self.port)

    def _run_worker(self) -> None:
        from carteira.core.jobs.worker import run_worker

        run_worker(concurrency=settings.WORKER_THREADS, grace=WORKER_GRACE)

    def _run_helper(self) -> None:
        server.acquire()  # its own share goes with it; ours stays


def prepare_database(*, demo: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Migrate when needed, refuse an unsafe role, fill the demo business once. What is to be told once it
    runs.
    """
    migrations.bring_up_to_date(say)
    with connection.cursor() as cursor:
        refuse_unsafe_app_role(cursor)
    facts: dict[str, Any] = {}
    if demo:
        from carteira.core.demo import ensure_demo

        facts["demo"] = ensure_demo(dates.now(), say=say)
    connections.close_all()
    return facts


def preload() -> None:
    """Load here, once, what web and worker need, so that they start at once and share the memory."""
    import django.core.servers.basehttp
    import granian  # noqa: F401
    from django.template import engines
    from django.urls import get_resolver

    from carteira.core.jobs import worker  # noqa: F401

    django.core.servers.basehttp.get_internal_wsgi_application()
    for urlconf in (settings.ROOT_URLCONF, settings.ACCOUNT_URLCONF):
        get_resolver(urlconf).reverse_dict  # noqa: B018
    engines.all()
    connections.close_all()
    gc.collect()
    gc.freeze()


def _how(status: int | None) -> str:
    return f"signal {-status}" if status is not None and status < 0 else f"status {status}"
