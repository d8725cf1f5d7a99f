"""Our own program, run from outside as a user would: processes, their time and their memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.anchors import Mailbox

_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One finished run of the program."""

    seconds: float
    peak_mb: float  # of all its processes together
    answer: Any  # the JSON document it printed


def add_account(data_dir: Path, mailbox: Mailbox) -> None:
    """Set up the mailbox as an account, without the check of its settings."""
    fields = {
        "address": mailbox.user,
        "username": mailbox.user,
        "imap_host": "localhost",
        "imap_port": mailbox.port,
        "imap_security": "tls",
        "smtp_host": "localhost",
        "smtp_port": 9,
        "smtp_security": "tls",
        "ca_file": mailbox.ca_file,
    }
    arguments = [part for item in fields.items() for part in ("--set", "{}={}".format(*item))]
    arguments += ["--secret", "password=-", "--no-check"]
    run(data_dir, "account", "add", "email", *arguments, typed=f"{mailbox.password}\n")


def run(data_dir: Path, *arguments: str, typed: str = "") -> Run:
    """Run one command of the program to its end.

    Raises:
        RuntimeError: it failed; the text is what it said.
    """
    command = [sys.executable, "-m", "desktop_inbox", "--data-dir", str(data_dir), "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DESKTOP_INBOX_PASSPHRASE": "bench", "QT_QPA_PLATFORM": "offscreen"},
    )
    with Memory(process.pid) as memory:
        answer, complaint = process.communicate(typed)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: {complaint.strip() or answer.strip()}")
    return Run(
        seconds=time.perf_counter() - began,
        peak_mb=memory.peak_mb,
        answer=json.loads(answer) if answer.strip() else None,
    )


class Memory:
    """Watches the resident memory of a process and its children; zero where there is no /proc."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory")
        self.peak_mb = 0.0

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, resident_mb(self._pid))


def resident_mb(pid: int) -> float:
    """Return what a process and its descendants hold of memory now, shared pages once.

    Proportional set size where the system tells it, so that what two processes share counts once.
    """
    return sum(_proportional_kb(one) for one in _family(pid)) / 1000


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            tasks = list(Path(f"/proc/{parent}/task").iterdir())
            for task in tasks:
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _proportional_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
