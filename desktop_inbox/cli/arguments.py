"""Every command and option, in one readable place. Imports nothing that takes time."""

from __future__ import annotations

from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    BooleanOptionalAction,
    Namespace,
    _SubParsersAction,
)
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desktop_inbox import __version__

Commands = _SubParsersAction  # its own module keeps the name private, yet hands it out

VIEWS = (
    "inbox",
    "mine",
    "unassigned",
    "due",
    "snoozed",
    "drafts",
    "closed",
    "spam",
    "trash",
    "all",
)
_LINK = "mailto:"
STATUSES = ("open", "closed", "spam", "trash")
PRIORITIES = ("low", "normal", "high", "urgent")


def parse(arguments: Sequence[str]) -> Namespace:
    """Return the parsed command line. Wrong usage prints why and exits with status 2.

    A mailto: link alone is what a desktop starts its mail program with.
    """
    given = _with_command(arguments)
    # Most starts open the window, which is not to wait until every command is described.
    opens_the_window = not given or (given[0] == "--data-dir" and len(given) == 2)
    return parser(with_commands=not opens_the_window).parse_args(given)


def _with_command(arguments: Sequence[str]) -> list[str]:
    """Put the command "mailto" in front of a link that stands where a command may."""
    given = list(arguments)
    place = 0
    while place < len(given) and given[place].startswith("-"):
        place += 2 if given[place] == "--data-dir" else 1
    if place < len(given) and given[place][: len(_LINK)].lower() == _LINK:
        given.insert(place, "mailto")
    return given


def parser(*, with_commands: bool = True) -> ArgumentParser:
    """Return the parser of the whole command line, or of what stands before a command."""
    root = ArgumentParser(
        prog="desktop-inbox",
        description="Every customer, on whatever channel they write, answered from one laptop. "
        "Without a command it opens the window.",
    )
    root.add_argument("--version", action="version", version=f"desktop-inbox {__version__}")
    root.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where everything is kept (default: the platform's place)",
    )
    root.add_argument("--json", action="store_true", help="answer in JSON")
    root.add_argument("--self-test", action="store_true", help="check this installation and exit")
    root.add_argument(
        "--quit", action="store_true", help="close the window that is open, and wait until it is"
    )
    root.set_defaults(module=None, function=None, command=None)
    if not with_commands:
        return root
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    for add in (
        _account, _running, _keeping, _conversations, _writing, _lists, _service_levels, _inspect,
        _demo, _mailto,
    ):  # fmt: skip
        add(commands)
    return root


def moment(text: str) -> datetime:
    """Return an aware UTC time for ISO 8601, or for a time from now such as "2h" or "3d".

    *Raises:* ArgumentTypeError in the words of a usage message.
    """
    unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}.get(text[-1:])
    if unit and text[:-1].isdigit():
        try:
            return datetime.now(UTC) + timedelta(**{unit: int(text[:-1])})
        except OverflowError as error:
            raise ArgumentTypeError(f"{text!r} is too far away") from error
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(
            f"{text!r} is not a time; write 2026-12-24T09:00Z, or 2h or 3d from now"
        ) from error
    return (found if found.tzinfo else found.astimezone()).astimezone(UTC)


def snooze_time(text: str) -> datetime | str:
    """Return a time, or "until-reply"."""
    return text if text == "until-reply" else moment(text)


def pair(text: str) -> tuple[str, str]:
    """Return NAME and VALUE of NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def count(text: str) -> int:
    """Return a number of at least one."""
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return min(int(text), 100_000)


def _command(
    commands: Commands[ArgumentParser], name: str, target: str, text: str
) -> ArgumentParser:
    module, _dot, function = target.partition(".")
    found = commands.add_parser(name, help=text, description=text)
    found.set_defaults(module=module, function=function)
    return found


def _customer_arguments(customers: Commands[ArgumentParser], edit: ArgumentParser) -> None:
    edit.add_argument("--language", metavar="CODE")
    edit.add_argument("--time-zone", metavar="ZONE")
    for flag in ("vip", "blocked"):
        edit.add_argument(f"--{flag}", action=BooleanOptionalAction, default=None)
    edit.add_argument("--field", action="append", type=_named, metavar="NAME=VALUE")
    edit.add_argument("--tag", action="append", metavar="NAME")
    edit.add_argument("--untag", action="append", metavar="NAME")
    field = _command(customers, "add-field", "customers.add_field", "make a field of your own")
    field.add_argument("name", metavar="NAME")
    field.add_argument("--kind", choices=("text", "number", "date", "choice"), default="text")
    field.add_argument("--choice", action="append", metavar="WORD")
    merge = _command(customers, "merge", "customers.merge", "make one customer of two")
    merge.add_argument("id", type=int, metavar="ID")
    merge.add_argument("into", type=int, metavar="INTO")
    merge.add_argument("--dry-run", action="store_true", help="only say what it would do")
    merge.add_argument(
        "--keep", action="append", type=_kept, metavar="FIELD=SIDE", help="source, target or both"
    )
    unmerge = _command(customers, "unmerge", "customers.unmerge", "take a merge back")
    unmerge.add_argument("id", type=int, metavar="ID")
    suggestions = _command(
        customers, "suggestions", "customers.suggestions", "who may be one person"
    )
    suggestions.add_argument("--limit", type=count, default=50, metavar="N")
    suggestions.add_argument("--dismiss", type=int, nargs=2, metavar=("ONE", "OTHER"))
    bring = _command(customers, "import", "customer_import.bring_in", "bring in CSV or vCard")
    bring.add_argument("path", type=Path, metavar="FILE")
    bring.add_argument("--dry-run", action="store_true", help="only say what it would do")
    bring.add_argument("--region", default="", metavar="CC", help="country of national numbers")
    bring.add_argument("--errors", type=Path, metavar="CSV", help="write refused rows there")


def _named(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, value


def _kept(text: str) -> tuple[str, str]:
    name, side = _named(text)
    if side not in ("source", "target", "both"):
        raise ArgumentTypeError(f"{side} is not source, target or both")
    return name, side


def _group(commands: Commands[ArgumentParser], name: str, text: str) -> Commands[ArgumentParser]:
    return commands.add_parser(name, help=text, description=text).add_subparsers(
        dest="action", metavar="ACTION", required=True
    )


def _account(commands: Commands[ArgumentParser]) -> None:
    group = _group(commands, "account", "set accounts up and look at them")
    _command(group, "kinds", "accounts.kinds", "the channels this build knows")
    add = _command(group, "add", "accounts.add", "set an account up; connects before it saves")
    add.add_argument("kind", metavar="KIND")
    change = _command(group, "set", "accounts.change", "change an account that was added")
    change.add_argument("id", type=int, metavar="ID")
    for found in (add, change):
        found.add_argument("--set", type=pair, action="append", default=[], metavar="NAME=VALUE")
        found.add_argument(
            "--secret", type=pair, action="append", default=[], metavar="NAME=-",
            help="- reads a line from standard input",
        )  # fmt: skip
        found.add_argument("--no-check", action="store_true", help="save without connecting")
    _command(group, "list", "accounts.list_all", "every account and how it is")
    for name, text in (
        ("check", "connect now and say which step fails"),
        ("pause", "stop receiving and sending"),
        ("resume", "go on"),
    ):
        _command(group, name, f"accounts.{name}", text).add_argument("id", type=int, metavar="ID")
    remove = _command(group, "remove", "accounts.remove", "take an account away")
    remove.add_argument("id", type=int, metavar="ID")
    remove.add_argument("--keep-messages", action="store_true")


def _running(commands: Commands[ArgumentParser]) -> None:
    sync = _command(commands, "sync", "running.sync", "catch up with every account, then stop")
    sync.add_argument("--account", type=int, metavar="ID")
    sync.add_argument("--once", action="store_true", help="do not wait for servers that fail")
    sync.add_argument("--timeout", type=float, metavar="SECONDS", help="stop after this long")
    _command(commands, "engine", "running.engine", "receive and send until told to stop")
    _command(commands, "index", "searching.index", "read the words of attachments, for search")
    _command(commands, "doctor", "doctor.examine", "what support asks for: versions, paths, checks")


def _keeping(commands: Commands[ArgumentParser]) -> None:
    backup = _command(commands, "backup", "backup.make", "the whole workspace in one file")
    restore = _command(commands, "restore", "backup.restore", "put a backup in its place")
    for command in (backup, restore):
        command.add_argument("file", type=Path, metavar="FILE")
    export = _command(commands, "export", "transfer.export", "write everything as open files")
    export.add_argument("dir", type=Path, metavar="DIR")
    bring = _command(commands, "import", "transfer.bring_in", "bring in mail, customers, an export")
    bring.add_argument("path", type=Path, metavar="PATH")
    bring.add_argument("--account", type=int, metavar="ID", help="mail goes into this account")
    recover = _command(commands, "recover", "backup.recover", "mend a damaged workspace")
    recover.add_argument(
        "--copy", action="store_true", help="open the last sound copy instead of what can be read"
    )


def _conversations(commands: Commands[ArgumentParser]) -> None:
    listing = _command(commands, "conversations", "conversations.list_all", "list conversations")
    listing.add_argument("--view", choices=VIEWS, default="inbox")
    listing.add_argument("--query", default="", metavar="Q")
    listing.add_argument("--limit", type=count, default=50, metavar="N")
    listing.add_argument("--after", metavar="KEY", help="`next` of the page before")
    show = _command(commands, "show", "conversations.show", "one conversation with its messages")
    show.add_argument("id", type=int, metavar="ID")
    search = _command(commands, "search", "searching.search", "find words anywhere")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--limit", type=count, default=50, metavar="N")
    change = _command(commands, "set", "changes.change", "change what a conversation is")
    change.add_argument("id", type=int, metavar="ID")
    change.add_argument("--status", choices=STATUSES)
    change.add_argument("--assignee", metavar="A", help="me, nobody, or a name")
    change.add_argument("--priority", choices=PRIORITIES)
    change.add_argument("--tag", action="append", default=[], metavar="T")
    change.add_argument("--untag", action="append", default=[], metavar="T")
    change.add_argument("--snooze", type=snooze_time, metavar="TIME|until-reply")
    merge = _command(commands, "merge", "changes.merge", "make two conversations one")
    merge.add_argument("id", type=int, metavar="ID")
    merge.add_argument("into", type=int, metavar="INTO")
    split = _command(commands, "split", "changes.split", "make one conversation two")
    split.add_argument("id", type=int, metavar="ID")
    split.add_argument("--from", dest="message", type=int, required=True, metavar="MESSAGE")
    _command(commands, "undo", "changes.undo", "take the last change back")


def _text_options(command: ArgumentParser, *, required: bool = True) -> None:
    text = command.add_mutually_exclusive_group(required=required)
    text.add_argument("--text", metavar="T")
    text.add_argument("--text-file", type=Path, metavar="F", help="- reads standard input")


def _writing(commands: Commands[ArgumentParser]) -> None:
    reply = _command(commands, "reply", "writing.reply", "answer a conversation")
    reply.add_argument("id", type=int, metavar="ID")
    _text_options(reply)
    reply.add_argument("--html-file", type=Path, metavar="F")
    reply.add_argument("--attach", type=Path, action="append", default=[], metavar="F")
    reply.add_argument("--all", action="store_true", help="to everybody on the message")
    reply.add_argument("--at", type=moment, metavar="TIME", help="send later")
    afterwards = reply.add_mutually_exclusive_group()
    afterwards.add_argument("--close", action="store_true")
    afterwards.add_argument("--snooze", type=snooze_time, metavar="TIME|until-reply")
    reply.add_argument("--channel", type=int, metavar="ACCOUNT")
    note = _command(commands, "note", "writing.note", "write an internal note")
    note.add_argument("id", type=int, metavar="ID")
    _text_options(note)
    compose = _command(commands, "compose", "writing.compose", "write to somebody new")
    compose.add_argument("--account", type=int, required=True, metavar="A")
    compose.add_argument("--to", action="append", required=True, metavar="ADDR")
    compose.add_argument("--cc", action="append", default=[], metavar="ADDR")
    compose.add_argument("--bcc", action="append", default=[], metavar="ADDR")
    compose.add_argument("--subject", required=True, metavar="S")
    _text_options(compose)
    compose.add_argument("--attach", type=Path, action="append", default=[], metavar="F")
    compose.add_argument("--at", type=moment, metavar="TIME", help="send later")
    drafts = _group(commands, "draft", "what is being written")
    save = _command(drafts, "save", "writing.save_draft", "keep a draft in a conversation")
    save.add_argument("id", type=int, metavar="ID")
    _text_options(save)
    _command(drafts, "list", "writing.list_drafts", "every draft")
    discard = _command(drafts, "discard", "writing.discard_draft", "throw a draft away")
    discard.add_argument("id", type=int, metavar="ID")
    outbox = _group(commands, "outbox", "what is on its way")
    _command(outbox, "list", "outbox.list_all", "everything that has not left yet")
    for name, text in (
        ("retry", "try again now"),
        ("cancel", "take it back as a draft"),
        ("check", "look on the server for an unknown one"),
        ("let-go", "try those no more who did not get what others have"),
    ):
        doing = f"outbox.{name.replace('-', '_')}"
        _command(outbox, name, doing, text).add_argument("id", type=int, metavar="ID")
    resolve = _command(outbox, "resolve", "outbox.resolve", "say what became of an unknown one")
    resolve.add_argument("id", type=int, metavar="ID")
    resolve.add_argument("outcome", choices=("sent", "again"))


def _lists(commands: Commands[ArgumentParser]) -> None:
    customers = _group(commands, "customer", "the people who write")
    listing = _command(customers, "list", "customers.list_all", "every customer")
    listing.add_argument("--limit", type=count, default=50, metavar="N")
    listing.add_argument("--after", type=int, default=0, metavar="KEY")
    _command(customers, "show", "customers.show", "one customer").add_argument("id", type=int)
    edit = _command(customers, "edit", "customers.edit", "change what we know of one")
    edit.add_argument("id", type=int, metavar="ID")
    for name in ("name", "company", "notes"):
        edit.add_argument(f"--{name}", metavar=name[0].upper())
    _customer_arguments(customers, edit)
    canned = _group(commands, "canned", "canned responses")
    _command(canned, "list", "canned.list_all", "every canned response")
    add = _command(canned, "add", "canned.add", "keep a new one")
    add.add_argument("shortcode", metavar="SHORTCODE")
    add.add_argument("--title", required=True, metavar="T")
    _canned_options(add, required=True)
    change = _command(canned, "edit", "canned.edit", "change one")
    change.add_argument("shortcode", metavar="SHORTCODE")
    change.add_argument("--title", metavar="T")
    change.add_argument("--rename", metavar="SHORTCODE")
    _canned_options(change, required=False)
    remove = _command(canned, "remove", "canned.remove", "throw one away")
    remove.add_argument("shortcode", metavar="SHORTCODE")
    render = _command(canned, "render", "canned.render", "fill one in for a conversation")
    render.add_argument("shortcode", metavar="SHORTCODE")
    render.add_argument("--conversation", type=int, required=True, metavar="ID")
    render.add_argument(
        "--set", type=_value, action="append", default=[], metavar="NAME=VALUE", help="a value"
    )
    bring_in = _command(canned, "import", "canned.bring_in", "bring in a CSV or JSON file")
    bring_in.add_argument("file", type=Path, metavar="F")
    bring_in.add_argument("--dry-run", action="store_true", help="only say what would happen")
    export = _command(canned, "export", "canned.export", "write all to a .csv or .json file")
    export.add_argument("file", type=Path, metavar="F")


def _canned_options(command: ArgumentParser, *, required: bool) -> None:
    _text_options(command, required=required)
    command.add_argument("--language", metavar="L", help="the text is for who reads it, as “tr”")
    command.add_argument("--folder", metavar="F")
    command.add_argument("--tag", metavar="T", help="given where it is used")
    command.add_argument("--status", metavar="S", help="after sending: open, closed or empty")
    command.add_argument("--channel", action="append", metavar="KIND", help="'' for every one")
    command.add_argument("--attach", type=Path, action="append", metavar="F")


def _value(text: str) -> tuple[str, str]:
    """Return NAME and VALUE. *Raises:* ArgumentTypeError in the words of a usage message."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), value


def _service_levels(commands: Commands[ArgumentParser]) -> None:
    group = _group(commands, "sla", "service levels: what is promised, and what is due")
    _command(group, "policies", "service_levels.policies", "what is promised to whom")
    _command(group, "hours", "service_levels.hours", "when the business is open")
    pin = _command(
        group, "pin", "service_levels.pin", "promise a conversation something by hand, or nothing"
    )
    pin.add_argument("id", type=int, metavar="CONVERSATION")
    pin.add_argument("policy", metavar="POLICY", help="its name or number, “none” or “auto”")
    for name, text in (
        ("clocks", "every clock of a conversation"),
        ("explain", "its clocks, with the time that was counted"),
    ):
        command = _command(group, name, f"service_levels.{name}", text)
        command.add_argument("id", type=int, metavar="CONVERSATION")


def _inspect(commands: Commands[ArgumentParser]) -> None:
    group = _group(commands, "inspect", "look inside mail, without account or store")
    for name, target, text in (
        ("message", "inspect.message", "raw messages, taken apart"),
        ("html", "inspect.html", "HTML as it came, made safe"),
        ("reply", "inspect.reply", "plain text: what is new in it"),
        ("threads", "threads.group", "messages or mboxes: which belong together"),
    ):
        command = _command(group, name, target, text)
        command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    _command(group, "addresses", "inspect.addresses", "one address a line from standard input")
    deadlines = _command(group, "sla", "sla_cases.sla", "opening hours: when each case is due")
    deadlines.add_argument("file", type=Path, metavar="FILE")
    text = "what a vendor posted: the messages and news in it"
    posted = _command(group, "webhook", "webhooks.webhook", text)
    posted.add_argument("kind", metavar="KIND", help="whatsapp, messenger, telegram, …")
    posted.add_argument("files", type=Path, nargs="+", metavar="FILE")
    render = group.add_parser("render", help="HTML or .eml in the message view, off-screen")
    render.add_argument("file", type=Path, metavar="FILE")
    render.add_argument("--screenshot", type=Path, required=True, metavar="PNG")
    render.add_argument("--remote", action="store_true", help="as if remote images were allowed")


def _demo(commands: Commands[ArgumentParser]) -> None:
    demo = commands.add_parser("demo", help="open the window on the sample shop")
    demo.add_argument("--tour", type=Path, metavar="DIR", help="play a tour, a screenshot a step")


def _mailto(commands: Commands[ArgumentParser]) -> None:
    text = "open the composer on a mailto: link, in the window that is open if there is one"
    write = commands.add_parser("mailto", help=text, description=text)
    write.add_argument("mailto", metavar="LINK")
