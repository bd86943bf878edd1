"""GET /healthz: 200 while this process serves and the database answers, else 503. For load balancers and `serve`.

A middleware, and the first one: probes come by address rather than by name, without cookies, and must be
told the truth when nothing else works.
"""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

PATH = "/healthz"


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        text, status = ("ok\n", 200) if database_answers() else ("The database does not answer.\n", 503)
        headers = {"Cache-Control": "no-store"}
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True
