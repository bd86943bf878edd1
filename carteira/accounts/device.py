"""What a browser calls itself, in two words, and where it is, coarsely: enough to know one's own devices again."""

import ipaddress
import re

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

# In this order: each of them also calls itself what stands below it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_LONGEST = 1000


def device_of(request: HttpRequest) -> str:
    """ "Chrome · Windows"; "" for one that does not say."""
    agent = request.headers.get("User-Agent", "")[:_LONGEST]
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    if any(found):
        return " · ".join(filter(None, found))
    return re.sub(r"[^\w ./-]", "", agent.split("/")[0], flags=re.ASCII)[:40].strip()


def address_of(request: HttpRequest) -> str:
    """The network a request comes from, not the machine: 203.0.113.x, 2001:db8:1::x. "" when it is not known."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (ValueError, PermissionDenied, ImproperlyConfigured):
        return ""
    if address.version == 4:
        return f"{str(address).rpartition('.')[0]}.x"
    if address.ipv4_mapped:
        return f"{str(address.ipv4_mapped).rpartition('.')[0]}.x"
    network = ipaddress.ip_network((address, 48), strict=False)
    return f"{network.network_address}x"
