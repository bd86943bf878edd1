"""The web server: Granian in front of Django, requests in threads."""

import gc
import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from carteira.core.processes.children import end_with_parent

# Seconds that requests still running have when it stops.
GRACE = 4


def run_web(host: str, port: int) -> None:
    """Serve until SIGTERM; returns early when one of Granian's own processes has died."""
    server = Granian(
        settings.WSGI_APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.WEB_PROCESSES,
        blocking_threads=settings.WEB_THREADS,
        workers_kill_timeout=GRACE,
        websockets=False,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=_loader(os.getpid()), wrap_loader=False)


def _loader(manager: int) -> Callable[[], Any]:
    def load() -> Any:
        """Runs in the process that serves."""
        end_with_parent(manager)
        from django.core.servers.basehttp import get_internal_wsgi_application

        application = get_internal_wsgi_application()
        # What is loaded stays for good: looking through it again and again costs every page about a tenth.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        return application

    return load
