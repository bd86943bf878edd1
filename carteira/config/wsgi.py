"""The program as a WSGI application."""

import os
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.config.settings")


class Utf8Request(WSGIRequest):
    """Read as UTF-8, whatever character set it names.

    Django believes it: "hex" is no text and fails before any page of ours can say so, "unicode_escape" brings lone
    surrogates as far as the database.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # too long to be one
            self.content_type, self.content_params = "", {}
        self.content_params.pop("charset", None)


application = get_wsgi_application()
application.request_class = Utf8Request
