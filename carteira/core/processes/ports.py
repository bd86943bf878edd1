"""Is a port free, and does something answer on it?"""

import errno
import http.client
import socket
import time


class PortTaken(ValueError):
    """The address cannot be listened on; the text says why."""


def refuse_taken(host: str, port: int, *, patience: float = 0.0) -> None:
    """Raise PortTaken unless one may listen there. `patience`: seconds to wait for somebody who is just
    leaving.

    Asked before anything is started, because the web server shares ports: it would join a stranger's
    silently.
    """
    until = time.monotonic() + patience
    while True:
        try:
            _try(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < until:
                time.sleep(0.05)
                continue
            raise PortTaken(_reason(error, host, port)) from error
        return


def _try(host: str, port: int) -> None:
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)


def _reason(error: OSError, host: str, port: int) -> str:
    from django.utils.translation import gettext as _

    where = {"host": host, "port": port}
    if error.errno == errno.EADDRINUSE:
        return _("Port %(port)s is used by another program. Stop it, or choose another: --port") % where
    if error.errno == errno.EACCES:
        return _("Port %(port)s may not be used by this user. Choose one above 1023: --port") % where
    return _("%(host)s port %(port)s cannot be used: %(why)s") % {**where, "why": error.strerror or error}


def answers(host: str, port: int) -> bool:
    """Whether the health page there says that all is well."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    connection = http.client.HTTPConnection(asked, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def url_of(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    shown = {"0.0.0.0": "localhost", "::": "localhost", "": "localhost"}.get(host, host)
    if ":" in shown:
        shown = f"[{shown}]"
    return f"http://{shown}:{port}/"
