"""Why an HTTP request came to nothing, read from what lies below the library's error. Pure."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from desktop_inbox.connectors.errors import TransientCause
from desktop_inbox.connectors.system_words import system_words


def cause_of(error: Exception) -> TransientCause:
    """Return which class of failure it is."""
    for below in _below(error):
        if isinstance(below, ssl.SSLError):
            return TransientCause.TLS
        if isinstance(below, socket.gaierror):
            return TransientCause.DNS
    protocol = httpx.DecodingError | httpx.RemoteProtocolError | httpx.StreamError
    return TransientCause.SERVER if isinstance(error, protocol) else TransientCause.NETWORK


def why(error: Exception) -> str:
    """Return what the system said where it was the connection, else what the library says."""
    said = [one for one in _below(error) if isinstance(one, OSError) and one.errno]
    if not said or any(isinstance(one, ssl.SSLError) for one in said):
        return str(error)
    return system_words(said[-1])


def _below(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came of; of several attempts the first."""
    while error is not None:
        yield error
        group = error if isinstance(error, BaseExceptionGroup) else None
        error = group.exceptions[0] if group else error.__cause__ or error.__context__
