"""Keys of forms: what is sent twice is booked once.

A form that adds a row carries the id the row will get. The table's own key then refuses the second one, whichever of
two machines gets it, and no table of tokens is needed: the verb finds the row of the first and returns it.
"""

from datetime import datetime, timedelta
from secrets import randbits
from uuid import UUID

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def new_key(now: datetime) -> UUID:
    """A version 7 UUID (RFC 9562) of the moment `now`, so that rows made by hand sort among the database's own ids."""
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    return UUID(int=milliseconds << 80 | 7 << 76 | randbits(12) << 64 | 2 << 62 | randbits(62))
