"""What the system says of a connection that did not come about, fit to be shown. Pure."""

from __future__ import annotations

import os
import re
import socket

_NUMBER = re.compile(r"\[Errno (\d+)\]")


def system_words(error: OSError) -> str:
    """Return why, in the system's own words: no numbers, no addresses, each reason once.

    Not for errors of TLS, whose numbers are OpenSSL's.
    """
    if isinstance(error, socket.gaierror):
        return str(error.strerror)
    if error.errno:
        return os.strerror(error.errno)
    said = str(error)
    # Where a host has several addresses and none answers, asyncio writes all errors into one text.
    numbers = dict.fromkeys(map(int, _NUMBER.findall(said)))
    return ", ".join(map(os.strerror, numbers)) or said or type(error).__name__
