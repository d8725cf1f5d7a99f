"""The sample shop as a synced workspace without an engine, for tests that look at the window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from desktop_inbox.demo.living import open_shop
from desktop_inbox.store.workspace import Workspace

_PATIENCE_SECONDS = 60.0


@contextmanager
def synced_shop() -> Iterator[Workspace]:
    """Sync the shop's accounts and do what its people did; nothing moves any more afterwards."""
    with open_shop(with_new_mail=False) as shop:
        shop.engine.start()
        assert shop.settled.wait(_PATIENCE_SECONDS), "the sample shop was not settled in time"
        shop.engine.stop()
        yield shop.workspace
