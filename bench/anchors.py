"""What other programs need for the same work: a bare drain, mbsync, notmuch. Blocking calls."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

MBSYNC = """
FSync no

IMAPStore far
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
SSLVersions TLSv1.2
CertificateFile {ca_file}

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState {folder}.state-
"""
NOTMUCH = "[database]\npath={folder}\n[new]\ntags=new\n[user]\nname=Bench\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where the mail lies, for anchors and for our own program alike."""

    port: int  # IMAP over implicit TLS, on localhost
    user: str
    password: str
    ca_file: Path


def have(*programs: str) -> bool:
    """Tell whether all of these are installed."""
    return all(shutil.which(program) for program in programs)


def drain(mailbox: Mailbox, *, folders: tuple[str, ...] = ("INBOX", "Sent")) -> float:
    """Return the seconds to receive every byte of every message and do nothing with it."""
    context = ssl.create_default_context(cafile=str(mailbox.ca_file))
    with socket.create_connection(("localhost", mailbox.port), 120) as plain:
        link = context.wrap_socket(plain, server_hostname="localhost")
        link.recv(4096)
        _until(link, b"a", f"LOGIN {mailbox.user} {mailbox.password}")
        began = time.perf_counter()
        for folder in folders:
            _until(link, b"b", f"EXAMINE {folder}")
            _until(link, b"c", "UID FETCH 1:* (UID BODY.PEEK[])")
        return time.perf_counter() - began


def _until(link: ssl.SSLSocket, tag: bytes, command: str) -> None:
    link.sendall(tag + b" " + command.encode() + b"\r\n")
    buffer = bytearray(1 << 18)
    end = b""
    while True:
        received = link.recv_into(buffer)
        if not received:
            raise ConnectionError(command)
        end = (end + bytes(buffer[max(0, received - 4096) : received]))[-4096:]
        last = end.rstrip(b"\r\n").rpartition(b"\n")[2]
        if end.endswith(b"\r\n") and last.startswith(tag + b" "):
            if not last.startswith(tag + b" OK"):
                raise ConnectionError(last.decode(errors="replace"))
            return


def mbsync(mailbox: Mailbox, folder: Path) -> float:
    """Return the seconds that mbsync takes to bring a Maildir in `folder` up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder.parent / f"{folder.name}.mbsyncrc"
    config.write_text(
        MBSYNC.format(
            port=mailbox.port,
            user=mailbox.user,
            password=mailbox.password,
            ca_file=mailbox.ca_file,
            folder=folder,
        ),
        encoding="utf-8",
    )
    return _timed(["mbsync", "-q", "-c", str(config), "all"])


def notmuch_new(folder: Path) -> float:
    """Return the seconds that notmuch takes to index the Maildir in `folder`."""
    config = folder.parent / f"{folder.name}.notmuchrc"
    config.write_text(NOTMUCH.format(folder=folder), encoding="utf-8")
    return _timed(["notmuch", f"--config={config}", "new", "--quiet"])


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise RuntimeError(f"{command[0]}: {answer.stderr.strip()[-500:]}")
    return time.perf_counter() - began
