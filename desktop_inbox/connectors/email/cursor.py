"""What has been read of each folder, as it is handed to the store and back (rule O1). Pure."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from desktop_inbox.connectors.contract import Cursor
from desktop_inbox.connectors.email.wire import format_set, parse_set

VERSION = 1
_COMPRESS_ABOVE = 2_000
_MAX_SET_BYTES = 64 * 2**20

Range = tuple[int, int]  # of UIDs, both ends belong to it


@dataclass(frozen=True, slots=True)
class Stock:
    """What a folder holds and how it is marked: UIDs, as `pack_uids` writes them."""

    known: str = ""
    unseen: str = ""
    flagged: str = ""
    deleted: str = ""


@dataclass(slots=True, kw_only=True)
class FolderState:
    """One folder. Everything below `uidnext` that is not in `pending` has been handed over."""

    uidvalidity: int
    uidnext: int
    pending: list[Range] = field(default_factory=list)  # newest first, apart from each other
    heads: bool = True  # whether the newest headers have been handed over ahead
    done: int = 0  # messages handed over
    remaining: int = 0  # messages in `pending`; an upper bound until it has been looked at
    modseq: int | None = None  # what we know of flags and deletions (RFC 7162)
    # The same for servers without QRESYNC: counts and what there is, as last seen.
    messages: int | None = None
    unseen: int | None = None
    stock: Stock | None = None

    def is_pending(self, uid: int) -> bool:
        """Whether a UID still waits for its message."""
        return any(low <= uid <= high for low, high in self.pending)

    def expect(self, low: int, high: int) -> None:
        """Add UIDs above everything known."""
        if self.pending and self.pending[0][1] == low - 1:
            self.pending[0] = (self.pending[0][0], high)
        else:
            self.pending.insert(0, (low, high))

    def reopen(self, uids: Iterable[int]) -> None:
        """Have messages read again that were thought to have been handed over."""
        wanted = sorted(set(uids), reverse=True)
        merged: list[Range] = []
        for low, high in sorted([*self.pending, *((uid, uid) for uid in wanted)], reverse=True):
            if merged and high >= merged[-1][0] - 1:
                merged[-1] = (min(low, merged[-1][0]), max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        self.pending = merged
        self.remaining += len(wanted)
        self.done = max(0, self.done - len(wanted))

    def settle(self, low: int, high: int) -> None:
        """Take UIDs out of `pending`: their messages have been handed over."""
        kept: list[Range] = []
        for start, stop in self.pending:
            if stop < low or high < start:
                kept.append((start, stop))
                continue
            if high < stop:
                kept.append((high + 1, stop))
            if start < low:
                kept.append((start, low - 1))
        self.pending = kept


def fresh(uidvalidity: int, uidnext: int, messages: int, *, heads: bool) -> FolderState:
    """Return the state of a folder of which nothing has been read."""
    return FolderState(
        uidvalidity=uidvalidity,
        uidnext=uidnext,
        pending=[(1, uidnext - 1)] if messages and uidnext > 1 else [],
        remaining=messages,
        heads=heads,
    )


def dump(states: Mapping[str, FolderState], token: str) -> Cursor:
    """Write a cursor; `token` tells one pull's cursor from another's."""
    return {
        "v": VERSION,
        "token": token,
        "folders": {name: _dump_folder(state) for name, state in states.items()},
    }


def _dump_folder(state: FolderState) -> dict[str, object]:
    values: dict[str, object] = {
        "uidvalidity": state.uidvalidity,
        "uidnext": state.uidnext,
        "pending": [list(one) for one in state.pending],
        "heads": state.heads,
        "done": state.done,
        "remaining": state.remaining,
    }
    for name in ("modseq", "messages", "unseen"):
        value = getattr(state, name)
        if value is not None:
            values[name] = value
    if state.stock is not None:
        values["stock"] = list(astuple(state.stock))
    return values


def load(cursor: Cursor | None) -> tuple[dict[str, FolderState], str]:
    """Read a cursor back; an unreadable one counts as none, so that everything is read again."""
    if cursor is None or cursor.get("v") != VERSION:
        return {}, ""
    folders: Any = cursor.get("folders")
    try:
        states = {str(name): _load_folder(values) for name, values in folders.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}, ""
    return states, str(cursor.get("token", ""))


def _load_folder(values: Mapping[str, Any]) -> FolderState:
    return FolderState(
        uidvalidity=int(values["uidvalidity"]),
        uidnext=int(values["uidnext"]),
        pending=[(int(low), int(high)) for low, high in values["pending"]],
        heads=bool(values["heads"]),
        done=int(values["done"]),
        remaining=int(values["remaining"]),
        modseq=values.get("modseq"),
        messages=values.get("messages"),
        unseen=values.get("unseen"),
        stock=Stock(*values["stock"]) if "stock" in values else None,
    )


def take_stock(
    known: Iterable[int],
    *,
    unseen: Iterable[int],
    flagged: Iterable[int],
    deleted: Iterable[int],
) -> Stock:
    """Return what a folder holds as it is kept."""
    return Stock(*map(pack_uids, (known, unseen, flagged, deleted)))


def pack_uids(uids: Iterable[int]) -> str:
    """Write a set of UIDs compactly."""
    text = format_set(uids)
    if len(text) <= _COMPRESS_ABOVE:
        return text
    return "z" + base64.b64encode(zlib.compress(text.encode("ascii"))).decode("ascii")


def unpack_uids(text: str) -> list[int]:
    """Read what `pack_uids` wrote. *Raises:* ValueError for anything else."""
    if not text.startswith("z"):
        return parse_set(text)
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text[1:]), _MAX_SET_BYTES)
    except zlib.error as error:
        raise ValueError("not a set of UIDs") from error
    return parse_set(data)
