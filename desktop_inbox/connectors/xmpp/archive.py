"""Asks the server's archive, page by page (XEP-0313, XEP-0059). Engine loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4
from xml.etree import ElementTree as ET

from desktop_inbox.connectors.xmpp import names
from desktop_inbox.connectors.xmpp.link import Link, Refused
from desktop_inbox.connectors.xmpp.names import bare, element
from desktop_inbox.connectors.xmpp.reading import Archived, archived_of

PAGE = 50


class Forgotten(Exception):
    """The archive does not hold the message any more that we want to go on from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of what the archive holds, in its order."""

    found: tuple[Archived, ...]
    last: str  # archive id; '' where there is none
    complete: bool


class Archive:
    """The archive of our own account."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._coming: dict[str, list[ET.Element]] = {}

    def take(self, message: ET.Element) -> bool:
        """Tell whether a message belongs to an answer of the archive, and keep it."""
        result = message.find(f"{{{names.ARCHIVE}}}result")
        if result is None:
            return False
        if bare(message.get("from", "") or self._address) == self._address:  # not by a stranger
            self._coming.get(result.get("queryid", ""), []).append(result)
        return True

    async def page(
        self,
        link: Link,
        *,
        after: str = "",
        since: datetime | None = None,
        with_: str = "",
        before: str | None = None,
        most: int = PAGE,
    ) -> Page:
        """Return a page: what follows `after` or `since`, or what comes before `before` ('': last).

        Raises:
            Forgotten: `after` or `before` is not there any more.
            ConnectorError: the line is lost, or the server does not do it.
        """
        query = element(names.ARCHIVE, "query", queryid=uuid4().hex)
        query.append(_form(since=since, with_=with_))
        limits = element(names.PAGES, "set", "", element(names.PAGES, "max", str(most)))
        if after:
            limits.append(element(names.PAGES, "after", after))
        if before is not None:
            limits.append(element(names.PAGES, "before", before))
        query.append(limits)
        coming = self._coming[query.get("queryid", "")] = []
        try:
            answer = await link.ask(query, kind="set")
        except Refused as refused:
            if refused.refusal.condition == "item-not-found":
                raise Forgotten from refused
            raise refused.refusal.failure("archive") from refused
        finally:
            self._coming.pop(query.get("queryid", ""), None)
        end = answer.find(f"{{{names.ARCHIVE}}}fin")
        found = tuple(one for result in coming if (one := archived_of(result)) is not None)
        return Page(
            found=found,
            last=coming[-1].get("id", "") if coming else "",
            complete=not coming or (end is not None and end.get("complete") in {"true", "1"}),
        )


async def keep_all(link: Link) -> None:
    """Have the archive keep every talk. *Raises:* Refused, ConnectorError."""
    answer = await link.ask(element(names.ARCHIVE, "prefs"))
    kept = answer.find(f"{{{names.ARCHIVE}}}prefs")
    if kept is None or kept.get("default") == "always":
        return
    kept.set("default", "always")
    await link.ask(kept, kind="set")


def _form(*, since: datetime | None, with_: str) -> ET.Element:
    asked = {"FORM_TYPE": names.ARCHIVE}
    if since is not None:
        asked["start"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if with_:
        asked["with"] = with_
    fields = []
    for name, value in asked.items():
        one = element(names.FORM, "field", "", element(names.FORM, "value", value), var=name)
        if name == "FORM_TYPE":
            one.set("type", "hidden")
        fields.append(one)
    return element(names.FORM, "x", "", *fields, type="submit")
