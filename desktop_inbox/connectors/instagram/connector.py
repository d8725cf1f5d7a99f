"""One Instagram account's talks. Engine loop."""

from __future__ import annotations

from typing import ClassVar

from desktop_inbox.connectors.instagram.info import INFO
from desktop_inbox.connectors.instagram.service import SERVICE
from desktop_inbox.connectors.meta.connector import MetaConnector


class InstagramConnector(MetaConnector):
    """The account's link."""

    info: ClassVar = INFO
    service: ClassVar = SERVICE


create = InstagramConnector
