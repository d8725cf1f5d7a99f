"""Does on an account's server what was done here: in order, once, and told when it is refused.

One task on the engine loop beside the account's runner. What waits survives restarts and days
without a network; an attempt that was cut off is looked into before it is repeated.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from desktop_inbox.connectors.contract import (
    Capability,
    Connector,
    Dealt,
    FolderRole,
    Letter,
    Location,
    Mark,
)
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    RateLimited,
    TransientCause,
    TransientError,
    Unsupported,
)
from desktop_inbox.store import flags, places, server_actions
from desktop_inbox.store.database import Database, StoreError, Tx
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.server_actions import CHAT_KINDS, MAX_AT_ONCE, ServerAction, Spot
from desktop_inbox.sync import backoff, patience
from desktop_inbox.sync.server_actions import take_back

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENT_ATTEMPTS = 5  # a server that says no this often, without a reason, means it
_AFTER_STORE_FAILURE = timedelta(seconds=5)
_NO_MESSAGE_ID = ("raw:", "sha256:")  # external ids that no header bears

_ROLES = {"junk": FolderRole.JUNK, "trash": FolderRole.TRASH, "archive": FolderRole.ARCHIVE}
_MOVE = "move"
_INBOX = "INBOX"


class Link(Protocol):
    """What is needed of an account's runner."""

    @property
    def connector(self) -> Connector | None: ...

    @property
    def is_connected(self) -> bool: ...

    def refuse(self, error: AuthError) -> None: ...


@dataclass(frozen=True, slots=True)
class _Task:
    """One message at one place, and the action it belongs to."""

    action: ServerAction
    spot: Spot

    @property
    def location(self) -> Location:
        return Location(
            folder=self.spot.folder, uidvalidity=self.spot.uidvalidity, uid=self.spot.uid
        )

    @property
    def letter(self) -> Letter:
        name = self.action.external_id
        known = not name.startswith(_NO_MESSAGE_ID) and "#" not in name
        return Letter(location=self.location, message_id=name if known else "")


class ServerLane:
    """One account's way of telling its server what was done here."""

    def __init__(
        self,
        db: Database,
        account_id: int,
        *,
        link: Link,
        delay: Callable[[int], timedelta] = lambda failures: backoff.reconnect_delay(
            failures, random.random
        ),
    ) -> None:
        self._db = db
        self._account_id = account_id
        self._link = link
        self._delay = delay
        self._news = asyncio.Event()
        self._failures = 0
        self._at_once = MAX_AT_ONCE
        self.busy = True  # there may be something to do; for whoever waits until there is not

    def nudge(self) -> None:
        """Look at the table again: something was queued, or the link changed."""
        self.busy = True
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._news.clear()
            try:
                delay = await self._work()
            except StoreError as error:
                log.warning("account %d: the server waits: %s", self._account_id, error.code)
                delay = _AFTER_STORE_FAILURE
            self.busy = self._news.is_set()
            seconds = None if delay is None else delay.total_seconds()
            await patience.wait_for(self._news, seconds=seconds)

    async def _work(self) -> timedelta | None:
        """Do what can be done now; return after which time to try again, None for a nudge."""
        while (connector := self._link.connector) is not None and self._link.is_connected:
            actions = await self._read(
                lambda conn: server_actions.waiting(conn, self._account_id, limit=self._at_once)
            )
            if not actions:
                self._failures = 0
                return None
            delay = await self._try(connector, actions)
            if delay is not None:
                return delay
        return None

    async def _try(self, connector: Connector, actions: Sequence[ServerAction]) -> timedelta | None:
        """Do actions that are alike; return how long to wait where that did not go well."""
        keys = [action.id for action in actions]
        await self._write(lambda tx: server_actions.begin(tx, keys))
        try:
            dealt = await self._do(connector, actions)
        except AuthError as error:
            self._link.refuse(error)
            return None if not self._link.is_connected else self._later()
        except RateLimited as error:
            return timedelta(seconds=error.retry_after_seconds)
        except TransientError as error:
            if error.cause is not TransientCause.SERVER or not self._has_had_enough(actions):
                return max(self._later(), timedelta(seconds=error.retry_after_seconds or 0))
            return await self._refused(actions, error)
        except (PermanentError, Unsupported) as error:
            return await self._refused(actions, error)
        self._failures = 0
        self._at_once = min(self._at_once * 2, MAX_AT_ONCE)
        return await self._settle(actions, dealt)

    def _later(self) -> timedelta:
        self._failures += 1
        return self._delay(self._failures)

    def _has_had_enough(self, actions: Sequence[ServerAction]) -> bool:
        return max(action.attempts for action in actions) + 1 >= PATIENT_ATTEMPTS

    async def _refused(
        self, actions: Sequence[ServerAction], error: ConnectorError
    ) -> timedelta | None:
        """Take back what the server will not do; of several, first find out which it is."""
        if len(actions) > 1:
            self._at_once = len(actions) // 2
            return None
        code = "refused"
        if isinstance(error, PermanentError):
            code = error.reason.value
        elif isinstance(error, Unsupported):
            code = "unsupported"
        log.info("account %d: the server refuses to %s", self._account_id, actions[0].kind)
        await self._write(lambda tx: take_back(tx, actions[0], code=code, detail=error.detail))
        return None

    # Doing

    async def _do(self, connector: Connector, actions: Sequence[ServerAction]) -> Dealt:
        kind, target = actions[0].kind, actions[0].target
        if kind in CHAT_KINDS:
            from desktop_inbox.sync import chat_changes  # with the first account of such a channel

            await chat_changes.carry_out(connector, actions)
            return {}
        needed = Capability.MOVE if kind == _MOVE else Capability.MARK
        if needed not in connector.info.capabilities:
            raise Unsupported(connector.info.kind)
        tasks = [task for action in actions for task in _tasks(action)]
        if kind != _MOVE:
            letters = [task.letter for task in tasks]
            return await connector.mark(letters, Mark(kind), on=target == "on") if letters else {}
        again = any(action.attempts for action in actions)
        dealt: dict[Location, Location | None] = {}
        for folder, some in _by_goal(tasks).items():
            letters = [task.letter for task in some]
            role = _ROLES.get(target, FolderRole.OTHER)
            dealt |= await connector.move(letters, role=role, folder=folder, again=again)
        return dealt

    async def _settle(self, actions: Sequence[ServerAction], dealt: Dealt) -> timedelta | None:
        """Note what was done; what could not be found yet is tried again later."""
        done = [one for one in actions if _is_dealt_with(one, dealt)]
        tasks = [task for action in actions for task in _tasks(action)]
        await self._write(lambda tx: self._record(tx, done, tasks, dealt))
        left = [one for one in actions if one not in done and _is_lost(one, dealt)]
        if not left:
            return None
        if self._has_had_enough(left):
            lost = next(one for one in left if one.attempts + 1 >= PATIENT_ATTEMPTS)
            await self._write(lambda tx: take_back(tx, lost, code="not-found", detail=""))
            return None
        return self._later()

    def _record(
        self, tx: Tx, done: Sequence[ServerAction], tasks: list[_Task], dealt: Dealt
    ) -> None:
        moved: dict[tuple[int, Place], Place] = {}
        flagged: dict[int, bool] = {}
        for task in tasks:
            now = dealt.get(task.location)
            if now is not None and task.action.kind == Mark.FLAGGED:
                flagged[task.action.message_id] = task.action.target == "on"
            if now is not None and now != task.location and task.action.kind == _MOVE:
                moved[task.action.message_id, self._place(task.location)] = self._place(now)
            elif now is None and task.location in dealt:
                places.forget(
                    tx,
                    self._account_id,
                    task.spot.folder,
                    uidvalidity=task.spot.uidvalidity,
                    uids=[task.spot.uid],
                )
        server_actions.moved(tx, self._account_id, moved)
        flags.note(tx, flagged)
        server_actions.done(tx, [action.id for action in done])

    def _place(self, location: Location) -> Place:
        return Place(self._account_id, location.folder, location.uidvalidity, location.uid)

    # The store

    async def _read(self, what: Callable[[Any], T]) -> T:
        return await asyncio.wrap_future(self._db.read(what))

    async def _write(self, what: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._db.write(what))


def _tasks(action: ServerAction) -> list[_Task]:
    """Return the places at which something is to be done; none where nothing is left to do."""
    tasks = [_Task(action, spot) for spot in action.spots]
    if action.kind != _MOVE:
        return tasks
    if action.target == "home":
        return [task for task in tasks if task.spot.moved_from is not None]
    if action.target == "archive":
        return [task for task in tasks if task.spot.folder.upper() == _INBOX]
    return tasks


def _by_goal(tasks: Sequence[_Task]) -> Mapping[str, list[_Task]]:
    """Return what is to be moved by the name of the folder it came from; '' for a new one."""
    found: dict[str, list[_Task]] = {}
    for task in tasks:
        goal = (task.spot.moved_from or _INBOX) if task.action.target == "home" else ""
        found.setdefault(goal, []).append(task)
    return found


def _is_dealt_with(action: ServerAction, dealt: Dealt) -> bool:
    """Tell whether nothing is left to do: it was done, or the server holds it no more.

    A message that was not where it used to lie has been moved by another program; what is to be
    done to it waits until it turns up, or is known to be gone.
    """
    if action.kind in CHAT_KINDS:
        return True
    if not action.spots:
        return action.gone
    tasks = _tasks(action)
    return not tasks or any(dealt.get(task.location) is not None for task in tasks)


def _is_lost(action: ServerAction, dealt: Dealt) -> bool:
    """Tell whether the message could not even be looked for."""
    return any(task.location not in dealt for task in _tasks(action))
