"""An IMAP server that misbehaves to order: what Dovecot will not do.

It speaks enough to be read from, without any extension unless told to offer one; single answers
can be replaced by bytes, by a cut connection or by silence. Lives on the test's own loop.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

from desktop_inbox.connectors.contract import AccountConfig

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")
_SET = re.compile(r"(\d+)(?::(\d+|\*))?")


class Cut(Enum):
    """Ways to end an answer."""

    HANG_UP = "hang up"
    RESET = "reset"
    SILENCE = "silence"


# Bytes to write ("{tag}" is replaced), or a way to fail; several are carried out in turn.
Answer = bytes | Cut | tuple[bytes | Cut, ...]


@dataclass(slots=True, kw_only=True)
class Mail:
    """One message of the scripted inbox."""

    raw: bytes
    flags: str = ""
    size: int | None = None  # what the server claims
    modseq: int = 1
    gmail_thread: int | None = None


@dataclass(slots=True, kw_only=True)
class Script:
    """What the server does."""

    capabilities: str = "IMAP4rev1 IDLE"
    greeting: Answer = b"* OK ready\r\n"
    mails: dict[int, Mail] = field(default_factory=dict)
    uidvalidity: int = 7
    uidnext: int | None = None  # what the server claims; None: one above the highest UID
    modseq: int | None = None  # what it says of the inbox's HIGHESTMODSEQ
    folders: tuple[str, ...] = ('() "/" INBOX', '() "/" "Sent"')
    # What is said instead of the usual, by regular expression over "UID FETCH 1:3 (…)".
    instead: list[tuple[str, Answer | Callable[[str], Answer | None]]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0  # connections
    tls: ssl.SSLContext | None = None  # from the start
    starttls: ssl.SSLContext | None = None
    pushed: list[asyncio.StreamWriter] = field(default_factory=list)  # idling clients
    idling: asyncio.Event = field(default_factory=asyncio.Event)  # somebody has begun to
    port: int = 0

    def answer(self, pattern: str, answer: Answer | Callable[[str], Answer | None]) -> None:
        """Say `answer` to commands that match; a function may return None for the usual."""
        self.instead.append((pattern, answer))

    def answer_once(self, pattern: str, answer: Answer) -> None:
        """Say `answer` to the first command that matches."""
        said = [answer]
        self.answer(pattern, lambda text: said.pop() if said else None)

    def push(self, line: bytes) -> None:
        """Say something to every client that idles."""
        for writer in self.pushed:
            writer.write(line)

    def config(self, **settings: object) -> AccountConfig:
        """Return an account that reads here in clear text."""
        values: dict[str, object] = {
            "imap_host": "127.0.0.1",
            "imap_port": self.port,
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": 9,
            "smtp_security": "none",
        }
        values.update(settings)
        return AccountConfig(
            id=1, address="desk@scripted.example", settings=values, secrets={"password": "secret"}
        )


@asynccontextmanager
async def scripted_imap(script: Script) -> AsyncIterator[Script]:
    """Run a scripted server for as long as the block lasts."""
    sessions: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        sessions.add(task)
        script.connections += 1
        script.most_at_once = max(script.most_at_once, len(sessions))
        try:
            await _Session(script, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            pass  # streams log a cancelled session as an error
        finally:
            sessions.discard(task)
            if writer in script.pushed:
                script.pushed.remove(writer)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=script.tls, limit=2**24)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for task in list(sessions):
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await server.wait_closed()


class _Session:
    def __init__(
        self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.script = script
        self.reader = reader
        self.writer = writer

    async def run(self) -> None:
        await self._say(self.script.greeting, "")
        while (line := await self._read_command()) is not None:
            tag, _, text = line.partition(" ")
            self.script.commands.append(text)
            replaced = self._replacement(text)
            if replaced is not None:
                await self._say(replaced, tag)
            elif text == "STARTTLS" and self.script.starttls is not None:
                await self._say(b"{tag} OK go\r\n", tag)
                await self.writer.start_tls(self.script.starttls)
            elif text == "IDLE":
                await self._idle(tag)
            else:
                await self._say(_usual(self.script, text), tag)
            if text == "LOGOUT":
                return

    def _replacement(self, text: str) -> Answer | None:
        for pattern, answer in self.script.instead:
            if re.match(pattern, text):
                said = answer(text) if callable(answer) else answer
                if said is not None:
                    return said
        return None

    async def _read_command(self) -> str | None:
        command = b""
        while True:
            line = await self.reader.readline()
            if not line:
                return None
            command += line
            literal = _LITERAL.search(line)
            if literal is None:
                return command.decode("utf-8", "replace").rstrip("\r\n")
            if not literal[2]:
                self.writer.write(b"+ go on\r\n")
            command += await self.reader.readexactly(int(literal[1]))

    async def _idle(self, tag: str) -> None:
        self.writer.write(b"+ idling\r\n")
        self.script.pushed.append(self.writer)
        self.script.idling.set()
        await self.reader.readline()
        self.script.pushed.remove(self.writer)
        await self._say(b"{tag} OK done\r\n", tag)

    async def _say(self, answer: Answer, tag: str) -> None:
        for one in answer if isinstance(answer, tuple) else (answer,):
            if isinstance(one, bytes):
                self.writer.write(one.replace(b"{tag}", tag.encode()))
                await self.writer.drain()
            elif one is Cut.SILENCE:
                await asyncio.Event().wait()
            elif one is Cut.RESET:
                self.writer.transport.abort()
                raise ConnectionResetError
            else:
                self.writer.close()
                await self.writer.wait_closed()
                raise ConnectionResetError


def _usual(script: Script, text: str) -> bytes:
    verb = text.upper()
    done = b"{tag} OK done\r\n"
    if verb == "CAPABILITY":
        return f"* CAPABILITY {script.capabilities}\r\n".encode() + done
    if verb.startswith("LIST"):
        return "".join(f"* LIST {one}\r\n" for one in script.folders).encode() + done
    if verb.startswith("STATUS"):
        name = text.split(" (")[0].partition(" ")[2]
        mails = script.mails if "INBOX" in name else {}
        unseen = sum("Seen" not in one.flags for one in mails.values())
        counted = f" HIGHESTMODSEQ {script.modseq}" if script.modseq and mails else ""
        return (
            f"* STATUS {name} (UIDVALIDITY {script.uidvalidity} UIDNEXT {_uidnext(script, mails)} "
            f"MESSAGES {len(mails)} UNSEEN {unseen}{counted})\r\n"
        ).encode() + done
    if verb.startswith(("EXAMINE", "SELECT")):
        mails = script.mails if "INBOX" in text else {}
        return (
            f"* {len(mails)} EXISTS\r\n* OK [UIDVALIDITY {script.uidvalidity}] valid\r\n"
            f"* OK [UIDNEXT {_uidnext(script, mails)}] next\r\n{_counted(script, mails)}"
        ).encode() + b"{tag} OK [READ-ONLY] done\r\n"
    if verb.startswith("ENABLE"):
        return f"* ENABLED {text.partition(' ')[2]}\r\n".encode() + done
    if verb.startswith("UID SEARCH"):
        return f"* SEARCH {' '.join(map(str, _found(script, text)))}\r\n".encode() + done
    if verb.startswith(("UID FETCH", "FETCH")):
        return _fetched(script, text) + done
    if verb.startswith("LOGOUT"):
        return b"* BYE bye\r\n" + done
    return done


def _uidnext(script: Script, mails: dict[int, Mail]) -> int:
    if mails and script.uidnext is not None:
        return script.uidnext
    return max(mails, default=0) + 1


def _counted(script: Script, mails: dict[int, Mail]) -> str:
    if not mails or "CONDSTORE" not in script.capabilities:
        return ""
    if script.modseq is None:
        return "* OK [NOMODSEQ] no\r\n"
    return f"* OK [HIGHESTMODSEQ {script.modseq}] counted\r\n"


def _found(script: Script, text: str) -> list[int]:
    uids = sorted(script.mails)
    among = re.search(r"UID ([\d:,*]+)", text.partition("SEARCH")[2])
    if among:
        wanted = _members(among[1], uids[-1] if uids else 0)
        uids = [uid for uid in uids if uid in wanted]
    if "UNSEEN" in text:
        uids = [uid for uid in uids if "Seen" not in script.mails[uid].flags]
    if "UNDELETED" in text:
        uids = [uid for uid in uids if "Deleted" not in script.mails[uid].flags]
    elif "DELETED" in text:
        uids = [uid for uid in uids if "Deleted" in script.mails[uid].flags]
    if "FLAGGED" in text:
        uids = [uid for uid in uids if "Flagged" in script.mails[uid].flags]
    return uids


def _members(sequence: str, last: int) -> set[int]:
    found: set[int] = set()
    for low, high in _SET.findall(sequence):
        stop = last if high == "*" else int(high or low)
        found.update(range(int(low), min(stop, last) + 1))
    return found


def _fetched(script: Script, text: str) -> bytes:
    numbered = list(enumerate(sorted(script.mails), 1))
    since = re.search(r"CHANGEDSINCE (\d+)", text)
    if since:
        numbered = [
            (number, uid) for number, uid in numbered if script.mails[uid].modseq > int(since[1])
        ]
    by_uid = text.upper().startswith("UID")
    sequence, items = re.split(r"FETCH ", text)[1].split(" ", 1)
    wanted = _members(sequence, max(script.mails, default=0) if by_uid else len(numbered))
    return b"".join(
        fetch_line(number, uid, script.mails[uid], items)
        for number, uid in numbered
        if (uid if by_uid else number) in wanted
    )


def fetch_line(number: int, uid: int, mail: Mail, items: str) -> bytes:
    """Return one FETCH response with what `items` asks for."""
    parts = [f"UID {uid}".encode()]
    if "FLAGS" in items:
        parts.append(f"FLAGS ({mail.flags})".encode())
    if "INTERNALDATE" in items:
        parts.append(b'INTERNALDATE "01-Feb-2026 10:00:00 +0000"')
    if "RFC822.SIZE" in items:
        parts.append(b"RFC822.SIZE %d" % (len(mail.raw) if mail.size is None else mail.size))
    if "X-GM-THRID" in items and mail.gmail_thread is not None:
        parts.append(b"X-GM-THRID %d" % mail.gmail_thread)
    header = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    if "BODY.PEEK[]" in items:
        parts.append(b"BODY[] {%d}\r\n" % len(mail.raw) + mail.raw)
    if "BODY.PEEK[HEADER]" in items:
        parts.append(b"BODY[HEADER] {%d}\r\n" % len(header) + header)
    return b"* %d FETCH (" % number + b" ".join(parts) + b")\r\n"
