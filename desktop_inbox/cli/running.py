"""Running the engine: until all is caught up, or until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from desktop_inbox import log, words
from desktop_inbox.cli.output import iso
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import accounts, outbox
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.engine import Engine
from desktop_inbox.sync.status import AccountStatus, State

_SENT_STATES = {"queued": "waiting", "sending": "waiting", "failed": "failed"}
_TROUBLE = frozenset({State.WAITING, State.NEEDS_SIGN_IN, State.FAILED})


def sync(session: Session, options: Namespace) -> int:
    """Run until every account is caught up and the outbox is settled, then stop."""
    _prepare(session)
    only = None if options.account is None else [_existing(session, options.account)]
    before = {row.message_id for row in session.read(outbox.list_all)}
    engine = _engine(session)
    began = time.monotonic()
    finished: dict[int, float] = {}

    def follow(status: AccountStatus) -> None:
        if status.state in (State.ONLINE, *_TROUBLE):
            finished[status.account_id] = time.monotonic() - began

    engine.subscribe(follow)
    in_time, statuses = asyncio.run(
        _until_settled(engine, only, timeout_seconds=options.timeout, once=options.once)
    )
    rows = {row.id: row for row in session.read(accounts.list_all)}
    found = [
        {
            "id": key,
            "state": status.state.value,
            "state_text": _status_text(status),
            "stored": status.stored,
            "duplicates": status.duplicates,
            "quarantined": status.quarantined,
            "seconds": round(finished.get(key, time.monotonic() - began), 3),
        }
        for key, status in sorted(statuses.items())
        if key in rows
    ]
    left = _settled(session, before)
    session.output.document({"accounts": found, "outbox": left}, _lines(statuses, rows, left))
    well = in_time and all(status.state not in _TROUBLE for status in statuses.values())
    if not in_time:
        sys.stderr.write("desktop-inbox: stopped after the given time; run it again to go on.\n")
    return 0 if well else 1


def engine(session: Session, options: Namespace) -> int:
    """Run until SIGTERM or SIGINT, a line for each new state of an account."""
    _prepare(session)
    running = _engine(session)
    seen: dict[int, tuple[object, ...]] = {}

    def follow(status: AccountStatus) -> None:
        facts = (status.state, status.cause, status.done, status.total, status.stored)
        if seen.get(status.account_id) != facts:
            seen[status.account_id] = facts
            _say(session, status)

    running.subscribe(follow)
    asyncio.run(_until_told(running))
    return 0


def _engine(session: Session) -> Engine:
    return Engine(
        session.workspace,
        session.secrets,
        wants_copies=lambda: session.settings.daily_backup,
    )


async def _until_settled(
    engine: Engine, only: list[int] | None, *, timeout_seconds: float | None, once: bool
) -> tuple[bool, dict[int, AccountStatus]]:
    """Return whether it came to rest in time, and how each account is.

    With time given, what waits for a server is waited for, unless `once` is wanted.
    """
    told, late = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(why: asyncio.Event) -> None:
        why.set()
        engine.stop()

    timer = None
    if timeout_seconds is not None:
        timer = loop.call_later(timeout_seconds, end, late)
    with _told_to_stop(lambda: end(told)):
        while True:
            statuses = await engine.run(until_idle=True, only=only)
            if once or timer is None or told.is_set() or late.is_set():
                break
            if not await _next_attempt(statuses, told, late):
                break
    if timer is not None:
        timer.cancel()
    return not late.is_set(), statuses


async def _next_attempt(statuses: Mapping[int, AccountStatus], *ended: asyncio.Event) -> bool:
    """Sleep until the first account tries again; False where none does, or the end came first."""
    moments = [status.until for status in statuses.values() if status.until is not None]
    if not moments:
        return False
    pause = max(0.0, (min(moments) - datetime.now(UTC)).total_seconds())
    waits = [asyncio.create_task(event.wait()) for event in ended]
    done, pending = await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return not done


async def _until_told(engine: Engine) -> None:
    with _told_to_stop(engine.stop):
        await engine.run()


@contextlib.contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Have SIGTERM and SIGINT call `stop`: what is on the wire is settled first."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    if sys.platform == "win32":
        before = [signal.signal(number, lambda *_: stop()) for number in signals]
    else:
        for number in signals:
            loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        if sys.platform == "win32":
            for number, handler in zip(signals, before, strict=True):
                signal.signal(number, handler)
        else:
            for number in signals:
                loop.remove_signal_handler(number)


def _existing(session: Session, account_id: int) -> int:
    if session.read(lambda conn: accounts.row(conn, account_id)) is None:
        raise UserError("account-missing", id=account_id)
    return account_id


def _prepare(session: Session) -> None:
    """Log as the window does, and make sure of the secrets before anything is on its way.

    *Raises:* SecretsError: they cannot be read, and the engine could only say so per account.
    """
    log.start(session.places.logs)
    if session.read(accounts.list_all):
        session.secrets.get("probe")


def _say(session: Session, status: AccountStatus) -> None:
    value = {
        "at": iso(datetime.now(UTC)),
        "account": status.account_id,
        "state": status.state.value,
        "state_text": _status_text(status),
        "cause": status.cause or None,
        "detail": status.detail or None,
        "until": iso(status.until),
        "done": status.done,
        "total": status.total,
        "stored": status.stored,
        "duplicates": status.duplicates,
        "quarantined": status.quarantined,
    }
    progress = f" {status.done}/{status.total}" if status.total else ""
    line = f"{value['at']} account {status.account_id}: {_status_text(status)}{progress}"
    # Always lines, so that whoever supervises it can read them as they come.
    session.output.item(value, line)


def _status_text(status: AccountStatus) -> str:
    return words.account(status.state.value, cause_code=status.cause, detail=status.detail)


def _settled(session: Session, before: set[int]) -> dict[str, int]:
    """Count what became of the outbox: what left, and what is left."""
    rows = session.read(outbox.list_all)
    counts = {"sent": 0, "waiting": 0, "failed": 0, "uncertain": 0}
    for row in rows:
        if row.state == "filing":  # it has left; only its copy in Sent is to be made
            counts["sent"] += row.message_id in before
        else:
            counts[_SENT_STATES.get(row.state, row.state)] += 1
    counts["sent"] += len(before - {row.message_id for row in rows})
    return counts


def _lines(
    statuses: Mapping[int, AccountStatus], rows: Mapping[int, AccountRow], left: Mapping[str, int]
) -> Iterator[str]:
    for key, status in sorted(statuses.items()):
        if key in rows:
            yield f"{rows[key].address}: {_status_text(status)}, {status.stored} new"
    yield ", ".join(f"{count} {name}" for name, count in left.items())
