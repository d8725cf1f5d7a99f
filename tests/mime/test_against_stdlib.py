"""Python's own parser as a second opinion: where the text differs, a listed reason is behind it."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

from bench.corpus import generate
from desktop_inbox.mime import bodies, structure
from desktop_inbox.mime.charset import is_known
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.mime.structure import TOO_DEEP
from tests.support.corpora import corpus

SAMPLES = 1200


def theirs(raw: bytes) -> str | None:
    """Return the text as the standard library reads it; None where it finds or manages none."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        body = message.get_body(("plain",))
        found = None if body is None else body.get_content()
    except (LookupError, UnicodeError, AttributeError, ValueError, AssertionError):
        return None
    return found.replace("\r\n", "\n").replace("\r", "\n") if isinstance(found, str) else None


def reason(raw: bytes, text: str, other: str) -> str:
    """Return why ours is the better reading, '' where nothing says so."""
    found = parse_message(raw)
    root, _ = structure.read(raw)
    if "\ufffd" in other:
        return "the other lost characters"
    if not other.strip():
        return "the other found nothing to read"
    if "".join(other.split()) == "".join(text.split()):
        return "only blanks and line ends"
    if bodies._tidy(other).rstrip() == text.rstrip():
        return "control characters are left out"
    if len(bodies.bodies(root).text) > 1:
        return "every part of the text is shown, not only the first"
    if TOO_DEEP in found.warnings:
        return "nested deeper than anybody writes: shown raw"
    if found.warnings:
        return "malformed: shown as far as it can be read"
    if not all(is_known(part.parameters.get("charset", "")) for part in root.walk()):
        return "nobody knows the character set"
    return ""


def unexplained(mails: Iterator[tuple[str, bytes]]) -> dict[str, tuple[str, str]]:
    found = {}
    for name, raw in mails:
        text, other = parse_message(raw).text, theirs(raw)
        if other is None or text.rstrip() == other.rstrip():
            continue
        if not reason(raw, text, other):
            found[name] = (text[:200], other[:200])
    return found


def test_ordinary_and_nasty_mail_reads_the_same_or_better() -> None:
    assert unexplained((str(s.index), s.raw) for s in generate(SAMPLES)) == {}


def test_the_shared_mails_read_the_same_or_better() -> None:
    folders = [corpus(name) for name in ("stalwart", "hostile", "mime4j")]
    paths = (path for folder in folders for path in sorted(folder.rglob("*")))
    mails = ((p.name, p.read_bytes()) for p in paths if p.suffix in {".eml", ".msg"})
    # What stands behind the last part is not the text of an empty one.
    assert set(unexplained(mails)) == {"multipartemptypart.msg"}


def test_nothing_is_lost_of_ordinary_mail() -> None:
    """Letters that are not among the nasty ones agree to the last character."""
    for sample in generate(400):
        if not sample.kind.startswith("nasty"):
            text, other = parse_message(sample.raw).text, theirs(sample.raw)
            assert other is None or text.rstrip() == other.rstrip(), Path(sample.kind)
