"""Mails in tests: what the worker would send now, and the links in it."""

import re
from typing import Any

from django.conf import settings
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from carteira.accounts import mails
from carteira.accounts.models import User


def waiting() -> list[dict[str, Any]]:
    """The arguments of the mails queued so far, in order."""
    jobs = ProcrastinateJob.objects.filter(task_name="accounts.mail").order_by("id")
    return [job.args for job in jobs]


def deliver() -> list[Any]:
    """Send everything queued, each in its language, and hand back the messages."""
    before = len(mail.outbox)
    for args in waiting():
        mails.send(args["kind"], User.objects.get(pk=args["user_id"]), language=args["language"])
    return mail.outbox[before:]


def path_in(text: str) -> str:
    """The path of the first link of ours in a mail or on a terminal."""
    found = re.search(re.escape(settings.PUBLIC_URL) + r"(/\S+)", text)
    assert found, f"no link in {text!r}"
    return found[1]
