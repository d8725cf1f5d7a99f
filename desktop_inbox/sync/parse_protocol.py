"""What the engine and the parse worker say to each other: length-prefixed msgpack, never pickle.

The worker reads hostile bytes, so its answers are decoded into these types and nothing else.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Annotated

import msgspec

from desktop_inbox.domain.messages import ParsedMessage

HEADER = struct.Struct(">I")
LARGEST_FRAME = 256 * 1024 * 1024  # bytes; a worker that claims more has lost its mind

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{64})?$")]


class Verdict(StrEnum):
    """What became of a frame."""

    READY = "ready"  # the worker has started and taken its limits
    PARSED = "parsed"
    MEMORY = "memory"  # the message needed more memory than one may
    BUG = "bug"  # our parser failed; `detail` holds the traceback
    DISK = "disk"  # the raw message could not be kept; nothing was parsed


class Limits(msgspec.Struct, frozen=True, array_like=True):
    """The first frame to a worker: where raw messages are kept, and what one may cost."""

    files: str
    seconds: float
    memory_bytes: int


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One message to parse."""

    raw: bytes
    complete: bool  # False: a header block only, which is not kept as a file


class Jobs(msgspec.Struct, frozen=True, array_like=True, tag="mails"):
    """Messages that travel together, as their answers will: each frame costs both sides a turn.

    Whoever sends several tries them one by one where they end the worker, so these have less time.
    """

    jobs: tuple[Job, ...]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What became of one job. Those of one frame travel as a list, in the order of the jobs.

    A list that ends with MEMORY may be shorter than what it answers; the worker is gone then.
    """

    verdict: Verdict
    message: ParsedMessage | None = None
    raw_sha256: Sha256 = ""  # '' where nothing was kept
    detail: str = ""
    code: str = ""  # with DISK: that of a StoreError
    raw_packed: bytes = b""  # see store.raw_mails


class FileJob(msgspec.Struct, frozen=True, array_like=True, tag="file"):
    """One attachment whose words are wanted; it lies among the files of the workspace."""

    sha256: Sha256  # of the file, or of the raw message that holds it
    section: str  # within that raw message, '' for a file
    name: str
    media_type: str
    raw_packed: bytes = b""  # the raw message itself, where it is small


class FileAnswer(msgspec.Struct, frozen=True, array_like=True):
    """What became of a FileJob: an outcome of `store.file_texts`."""

    outcome: str
    text: str = ""


class SoundJob(msgspec.Struct, frozen=True, array_like=True, tag="sound"):
    """One recording to take apart."""

    data: bytes
    target: str = ""  # the file that its samples are written to; '' where only its shape counts


class SoundAnswer(msgspec.Struct, frozen=True, array_like=True):
    """What became of a SoundJob."""

    outcome: str  # "samples", or why there are none; see `sync.sound_reading`
    rate: int = 0
    count: int = 0  # samples, of one channel and 16 bits
    bars: bytes = b""  # how loud it is along its way, from 0 to 255


def frame(message: msgspec.Struct | list[msgspec.Raw]) -> bytes:
    """Return one message as it travels."""
    body = msgspec.msgpack.encode(message)
    return HEADER.pack(len(body)) + body
