"""A real Dovecot, a real SMTP server, and a desk that answers customers through them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.mail_servers import (  # noqa: F401
    Dovecot,
    SmtpServer,
    _smtp_process,
    authority,
    dovecot,
    mailbox,
    smtp_server,
)


@pytest.fixture
def desk(tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer) -> Iterator[Desk]:  # noqa: F811
    """A workspace for one test, whose mailbox is still empty."""
    desk = Desk.open(tmp_path / "workspace", dovecot.mailbox("shop"), smtp_server)
    yield desk
    desk.close()
