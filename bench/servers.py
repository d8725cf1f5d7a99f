"""A private Dovecot with a generated mailbox, for as long as a benchmark runs."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.anchors import Mailbox
from bench.corpus import generate, write_maildir
from tests.support.dovecot import start_dovecot
from tests.support.mail_accounts import PASSWORD
from tests.support.tls_authority import make_authority


@contextmanager
def filled_mailbox(count: int, *, seed: int) -> Iterator[Mailbox]:
    """Yield a mailbox with `count` generated messages in INBOX and Sent."""
    folder = Path(tempfile.mkdtemp(prefix="bench-mail-", dir="/tmp"))  # short: Unix sockets
    folder.chmod(0o755)  # as root, the mail belongs to another user
    try:
        (folder / "tls").mkdir()
        (folder / "dovecot").mkdir()
        authority = make_authority(folder / "tls")
        server, process = start_dovecot(folder / "dovecot", authority)
        try:
            mailbox = server.mailbox("shop")
            write_maildir(generate(count, seed=seed), mailbox.folder)
            if os.geteuid() == 0:
                _hand_over(server.root / "home", server.uid, server.gid)
            yield Mailbox(
                port=server.imaps_port,
                user=mailbox.address,
                password=PASSWORD,
                ca_file=server.ca_file,
            )
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hand_over(folder: Path, uid: int, gid: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid)
