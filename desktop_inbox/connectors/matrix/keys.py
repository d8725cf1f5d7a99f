"""What opens and seals encrypted rooms: Olm and Megolm by matrix-nio, kept in a file of ours.

On the engine loop; the library and its database work on a thread of their own, one step at a time.
Whoever a room's server names as its members gets its keys, verified or not, as with other programs
that nobody has told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from nio.crypto import Olm
from nio.events import MegolmEvent, ToDeviceEvent
from nio.exceptions import EncryptionError, LocalProtocolError
from nio.responses import KeysClaimResponse, KeysQueryResponse, KeysUploadResponse, ToDeviceResponse
from peewee import PeeweeException

from desktop_inbox.connectors.contract import Device
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.matrix import device, key_files
from desktop_inbox.connectors.matrix.link import Link
from desktop_inbox.connectors.payload import Payload, at, each, part, whole, words

# They write of every step, with the names of people and devices; sqlite's also with the keys.
logging.getLogger("nio").setLevel(logging.CRITICAL)
logging.getLogger("peewee").setLevel(logging.WARNING)

T = TypeVar("T")
_SEALED = "m.room.encrypted"
_MEGOLM = "m.megolm.v1.aes-sha2"
_QUERY_SECONDS = 10
_MOST_REMEMBERED = 5000
_MOST_SHARED = 5  # how often a key is shared anew for one message
# What the library lets through of events and keys that make no sense.
_NONSENSE = (EncryptionError, LocalProtocolError, KeyError, TypeError, ValueError, AttributeError)


class KeysLost(AuthError):
    """This device has no keys that others would trust: only another one can go on."""

    def __init__(self) -> None:
        super().__init__("the keys of this device are lost; it needs a new access token")


class Keys:
    """The keys of this device."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="matrix-keys")
        self._sealing = asyncio.Lock()
        self._olm: Any = None
        self._path = folder
        self._taken: dict[str, None] = {}  # prints of what has come, the oldest first

    async def open(self, link: Link) -> None:
        """Read what is kept, and let others know of this device.

        Raises:
            KeysLost: nobody has the password of what is kept any more, or it is damaged, or the
                server knows this device by other keys. What was kept is set aside.
            ConnectorError.
        """
        session = link.session
        path = key_files.file_of(self._folder, session.device_id)
        known = await asyncio.to_thread(path.exists)

        def read() -> Olm:
            return key_files.opened(
                path,
                user_id=link.settings.user_id,
                device_id=session.device_id,
                password=session.keys_password,
            )

        try:
            self._olm = await self._do(read)
            await self._publish(link)
        except (ValueError, PermanentError) as error:
            await self.close()
            if known:
                await asyncio.to_thread(key_files.set_aside, path)
            else:  # it was never anybody's
                await asyncio.to_thread(path.unlink, missing_ok=True)
            raise KeysLost from error
        self._path = path
        await self._do(key_files.take_over, self._olm, self._folder)
        key = await self._do(lambda: self._olm.account.identity_keys["ed25519"])
        await asyncio.to_thread(device.note, self._folder, Device(id=session.device_id, key=key))

    async def close(self) -> None:
        """Let go of the file. Twice does no harm."""
        olm, self._olm = self._olm, None
        if olm is not None:
            await self._do(olm.store.database.close)
        self._thread.shutdown(wait=False)

    async def take(self, link: Link, synced: Payload) -> None:
        """Take what a sync brought for this device.

        Raises:
            KeysLost: the server knows newer keys of this device than lie here, as after a whole
                disk was put back. What was kept is set aside.
            ConnectorError.
        """
        await self._do(self._take_all, synced)
        try:
            await self._publish(link)
        except PermanentError as error:
            await self.close()
            await asyncio.to_thread(key_files.set_aside, self._path)
            raise KeysLost from error
        await self._ask_for_devices(link, self._olm.users_for_key_query)
        await self._say_what_waits(link)

    async def have(self, room: str, session: str) -> bool:
        """Tell whether the key of a session of a room is here."""
        return await self._do(self._have, room, session)

    async def unseal(self, event: Payload, room: str) -> Payload | None:
        """Return what a sealed event says, None where its key is not here."""
        return await self._do(self._unseal, event, room)

    async def seal(
        self, link: Link, room: str, kind: str, content: Mapping[str, object]
    ) -> dict[str, object]:
        """Return the content of a sealed event that everybody in a room can read.

        *Raises:* ConnectorError.
        """
        told = {"type": kind, "content": dict(content)}
        async with self._sealing:
            sealed = await self._do(self._seal, room, told)
            tries = 0
            while sealed is None:  # or who is there has changed meanwhile
                if tries == _MOST_SHARED:
                    raise TransientError("people come and go", cause=TransientCause.SERVER)
                tries += 1
                await self._share(link, room)
                sealed = await self._do(self._seal, room, told)
        if relation := content.get("m.relates_to"):  # servers must see it too
            sealed["m.relates_to"] = relation
        return sealed

    async def renew(self, room: str) -> None:
        """Use another key in a room from now on: who is there has changed."""
        await self._do(self._olm.outbound_group_sessions.pop, room, None)

    # On the thread

    def _take_all(self, synced: Payload) -> None:
        olm = self._olm
        counts = part(synced, "device_one_time_keys_count")
        olm.uploaded_key_count = whole(counts, "signed_curve25519")
        changed = _names(synced, "device_lists", "changed")
        if changed & (olm.tracked_users | {olm.user_id}):
            olm.outbound_group_sessions.clear()
        olm.add_changed_users(changed)
        olm.tracked_users -= _names(synced, "device_lists", "left")
        for event in each(synced, "to_device", "events"):
            self._take(event)

    def _take(self, event: Payload) -> None:
        """Take one message for this device, once: a batch that was not stored comes again."""
        seen = hashlib.sha256(repr(event).encode("utf-8", "replace")).hexdigest()
        if words(event, "type") != _SEALED or seen in self._taken:
            return
        self._taken[seen] = None
        if len(self._taken) > _MOST_REMEMBERED:
            del self._taken[next(iter(self._taken))]
        with contextlib.suppress(*_NONSENSE):  # whoever sent it is asked again where it is missed
            self._olm.handle_to_device_event(ToDeviceEvent.parse_event(dict(event)))

    def _seal(self, room: str, told: Mapping[str, object]) -> dict[str, object] | None:
        """Seal something, None where not everybody has the key."""
        if self._olm.should_share_group_session(room):
            return None
        sealed: dict[str, object] = self._olm.group_encrypt(room, told)
        return sealed

    def _have(self, room: str, session: str) -> bool:
        return any(session in known for known in self._olm.inbound_group_store[room].values())

    def _unseal(self, event: Payload, room: str) -> Payload | None:
        content = dict(part(event, "content"))
        if content.get("algorithm") != _MEGOLM:
            return None
        try:
            known = self._olm.inbound_group_store[room]
            session_id = words(content, "session_id")
            for sender_key, sessions in known.items():  # newer programs do not name it
                if session_id in sessions:
                    content.setdefault("sender_key", sender_key)
            content.setdefault("device_id", "")
            sealed = MegolmEvent.from_dict({**event, "content": content})
            if not isinstance(sealed, MegolmEvent):
                return None
            found = self._olm.decrypt_megolm_event(sealed, room).source
        except _NONSENSE:
            return None
        opened = {name: found[name] for name in ("type", "content") if name in found}
        return {**event, **opened} if "content" in opened and "type" in opened else None

    # With the server

    async def _publish(self, link: Link) -> None:
        if await self._do(lambda: self._olm.should_upload_keys):
            content = await self._do(self._olm.share_keys)
            said = await link.ask("POST", "keys", "upload", content=content, step="keys")
            counts = {"curve25519": 0, **part(said, "one_time_key_counts")}
            await self._told(KeysUploadResponse, {"one_time_key_counts": counts})

    async def _share(self, link: Link, room: str) -> None:
        """Give everybody in a room the key to what is said there next."""
        users = [words(one, "state_key") for one in await link.members(room)]
        olm = self._olm
        await self._ask_for_devices(
            link, (set(users) - olm.tracked_users) | (olm.users_for_key_query & set(users))
        )
        missing = await self._do(olm.get_missing_sessions, users)
        await self._claim(link, missing)

        def sealed() -> tuple[Any, list[tuple[set[tuple[str, str]], dict[str, Any]]]]:
            shared = olm.share_group_session_parallel(room, users, ignore_unverified_devices=True)
            parts = list(shared)
            return olm.outbound_group_sessions[room], parts

        session, parts = await self._do(sealed)
        for people, content in parts:
            await link.ask(
                "PUT", "sendToDevice", _SEALED, uuid4().hex, content=content, step="keys"
            )
            session.users_shared_with.update(people)
        session.mark_as_shared()

    async def _ask_for_devices(self, link: Link, users: Iterable[str]) -> None:
        asked = sorted(users)
        if not asked:
            return
        content = {
            "device_keys": {user: [] for user in asked},
            "timeout": _QUERY_SECONDS * 1000,
        }
        said = await link.ask("POST", "keys", "query", content=content, step="keys")
        for user, devices in part(said, "device_keys").items():
            one = {"device_keys": {user: devices}, "failures": {}}
            await self._told(KeysQueryResponse, one)
        # Whose server is away is asked for again when something changes there.
        self._olm.users_for_key_query.difference_update(asked)

    async def _claim(self, link: Link, missing: Mapping[str, Sequence[str]]) -> None:
        if not missing:
            return
        content = {
            "one_time_keys": {
                user: dict.fromkeys(devices, "signed_curve25519")
                for user, devices in missing.items()
            },
            "timeout": _QUERY_SECONDS * 1000,
        }
        said = await link.ask("POST", "keys", "claim", content=content, step="keys")
        for user, devices in part(said, "one_time_keys").items():
            one = {"one_time_keys": {user: devices}, "failures": {}}
            await self._told(KeysClaimResponse, one)

    async def _say_what_waits(self, link: Link) -> None:
        """Ask others again for keys that did not come, and mend what was broken with them."""
        olm = self._olm
        if olm.wedged_devices:
            await self._claim(link, await self._do(olm.get_users_for_key_claiming))
        for message in list(olm.outgoing_to_device_messages):
            await link.ask(
                "PUT", "sendToDevice", message.type, uuid4().hex,
                content=message.as_dict(), step="keys",
            )  # fmt: skip
            await self._do(olm.handle_response, ToDeviceResponse(message))

    async def _told(self, kind: Any, said: Mapping[str, object]) -> None:
        """Hand the library an answer; keys of somebody that make no sense are none."""
        with contextlib.suppress(*_NONSENSE):
            await self._do(self._olm.handle_response, kind.from_dict(said))

    async def _do(self, what: Callable[..., T], *given: Any) -> T:
        """Do something on the thread. *Raises:* OSError where its file cannot be written."""

        def alone() -> T:
            with key_files.ONE_FILE:
                return what(*given)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, alone)
        except PeeweeException as error:
            raise OSError(str(error)) from error


def _names(value: Payload, *keys: str) -> set[str]:
    found = at(value, *keys)
    return {one for one in found if isinstance(one, str)} if isinstance(found, list) else set()
