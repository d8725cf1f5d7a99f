"""The program as a person's computer runs it: commands, and an engine that may be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.dovecot import Mailbox
from tests.support.mail_accounts import PASSWORD
from tests.support.smtp_server import SmtpServer

_PATIENCE_SECONDS = 120.0


class Office:
    """A workspace on disk, and the engine as a process that may die."""

    def __init__(self, data_dir: Path, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self.data_dir = data_dir
        self._patience_seconds = patience_seconds
        self.environment = {**os.environ, "DESKTOP_INBOX_PASSPHRASE": "kept only for this test"}

    def run(self, *arguments: str, given: str = "") -> dict[str, object]:
        """Run a command to its end and return what it says."""
        done = subprocess.run(
            [*self._command, *arguments],
            input=given,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=self._patience_seconds,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert isinstance(answer, dict)
        return answer

    @contextmanager
    def engine(self) -> Iterator[subprocess.Popen[str]]:
        """Run the engine; it is killed at the end of the block."""
        process = subprocess.Popen(
            [*self._command, "engine"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()

    @property
    def _command(self) -> list[str]:
        return [sys.executable, "-m", "desktop_inbox", "--data-dir", str(self.data_dir), "--json"]

    def add_account(self, mailbox: Mailbox, smtp: SmtpServer) -> None:
        settings = {**mailbox.config(smtp).settings, "address": mailbox.address, "name": "Shop"}
        pairs = [f"{name}={value}" for name, value in settings.items()]
        self.run(
            "account",
            "add",
            "email",
            *(word for pair in pairs for word in ("--set", pair)),
            "--secret",
            "password=-",
            given=f"{PASSWORD}\n",
        )
