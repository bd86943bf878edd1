"""How the two processes talk: frames of JSON, each behind its length in four bytes.

JSON and not pickle or marshal, because the child has chewed a stranger's file: whatever a subverted child
sends, the parent can only ever build text, numbers, lists and dictionaries from it. A frame is a list whose
first item names it:

    ["head", {...}]                          kind, encoding, delimiter, header, worksheets
    ["rows", lines, rows, bad, percent]      lines: the first one's number when they are consecutive, else all
    ["error", code, params, line, column]    nothing follows
    ["end", rows]                            nothing follows; a stream without it was cut off
"""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

MAX_FRAME = 64 * 1024 * 1024

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def pack(frame: list[Any]) -> bytes:
    """A frame with its length in front. `ValueError` when it is larger than the other side accepts."""
    payload = _encode(frame).encode()
    if len(payload) > MAX_FRAME:
        raise ValueError("frame too large")
    return len(payload).to_bytes(4) + payload


def unpack(payload: bytes) -> Any:
    """The frame back. Numbers with a fraction become `Decimal` from their text, never `float`. `ValueError`
    on nonsense.
    """
    try:
        return _decode(payload.decode())
    except RecursionError as error:
        raise ValueError("frame nested too deeply") from error


def tag(value: date | time | timedelta) -> dict[str, Any]:
    """A date, moment, time of day or span as JSON can carry it."""
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, date):
        return {"$on": value.isoformat()}
    if isinstance(value, time):
        return {"$time": value.isoformat()}
    return {"$for": value // timedelta(microseconds=1)}


def _untag(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        if "$on" in value:
            return date.fromisoformat(value["$on"])
        if "$at" in value:
            return datetime.fromisoformat(value["$at"])
        if "$time" in value:
            return time.fromisoformat(value["$time"])
        if "$for" in value:
            return timedelta(microseconds=value["$for"])
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_decode = json.JSONDecoder(object_hook=_untag, parse_float=Decimal, parse_constant=_no_constant).decode
