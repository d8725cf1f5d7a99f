"""Whether senders are who they say: forged addresses, borrowed names (rule E6, RFC 8601).

Runs on the store's writer thread before mail is planned. What it finds is a warning on the
message; a mail that forges one of our own addresses also joins nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from desktop_inbox.domain.customers import domain_of, normalise_email
from desktop_inbox.domain.imitation import is_same_name, mixes_scripts
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import agents, senders
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.mail import Mail
from desktop_inbox.sync.mailbox import Mailbox

# Warnings of a message, worded by whoever shows it.
OWN_ADDRESS_FORGED = "own-address-forged"
SENDER_NOT_PROVEN = "sender-not-proven"  # the receiving server says it comes from somebody else
NAME_IS_OURS = "name-is-ours"
NAME_OF_CUSTOMER = "name-of-customer"
NAME_MIXES_SCRIPTS = "name-mixes-scripts"

_ENOUGH = 5  # mails after which we know who signs what an account receives
_MOSTLY = 0.8


def judge(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> None:
    """Warn of senders who are not who they say."""
    incoming = [mail for mail in mails if mail.direction is Direction.IN and mail.message.from_]
    if not incoming:
        return
    trusted = _trusted_server(tx, mailbox, incoming)
    for mail in incoming if trusted else ():
        match _verdict(mail, trusted):
            case "fail":
                _warn_of_forgery(mailbox, mail)
            case "pass":
                alone = len(mail.message.from_) == 1
                mail.proven = alone and normalise_email(mail.sender.address) == _author(mail)
    named = [mail for mail in incoming if _has_a_name_to_lend(mail, mailbox)]
    if named:
        _warn_of_names(tx, mailbox, named)


def _trusted_server(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> str:
    """Return the name under which the account's own server signs, '' while it is not known.

    Learned from what stands topmost in nearly all mail: a sender can write the header into their
    own mail, but not into that of everybody else. A name of the IMAP server's domain is believed
    at once.
    """
    new = Counter(
        mail.message.authentication.server if mail.message.authentication else "" for mail in mails
    )
    seen = senders.count_servers(tx, mailbox.id, new)
    total = sum(seen.values())
    name = max(seen, key=lambda one: (seen[one], one), default="")
    home = _registered(mailbox.receiving_host)
    if home and name and _registered(name) == home:
        return name
    return name if total >= _ENOUGH and seen[name] >= _MOSTLY * total else ""


def _registered(host: str) -> str:
    """Return the last two labels of a host name, which is near enough for one's own provider."""
    labels = host.lower().rstrip(".").split(".")
    return ".".join(labels[-2:]) if len(labels) > 1 and not labels[-1].isdigit() else ""


def _verdict(mail: Mail, trusted: str) -> str:
    """Return what the account's server says of the author's domain (DMARC), '' for nothing."""
    found = mail.message.authentication
    if found is None or found.server != trusted:
        return ""
    return found.dmarc if found.domain in {"", domain_of(_author(mail))} else ""


def _author(mail: Mail) -> str:
    return normalise_email(mail.message.from_[0].address)


def _warn_of_forgery(mailbox: Mailbox, mail: Mail) -> None:
    if _author(mail) in mailbox.own:
        mail.warn(OWN_ADDRESS_FORGED)
        mail.letter = replace(mail.letter, sender="")
    else:
        mail.warn(SENDER_NOT_PROVEN)


def _has_a_name_to_lend(mail: Mail, mailbox: Mailbox) -> bool:
    if mail.message.kind is MessageClass.BULK:
        return False
    return bool(mail.sender.name) and normalise_email(mail.sender.address) not in mailbox.own


def _warn_of_names(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> None:
    ours = [*mailbox.own_names, *(one.name for one in agents.list_all(tx.conn) if one.name)]
    own_domains = {domain_of(address) for address in mailbox.own}
    names = {mail.sender.name.strip() for mail in mails}
    mixed = {name for name in names if mixes_scripts(name)}
    like_ours = {name for name in names if is_same_name(name, ours)}
    known = senders.addresses_by_name(tx.conn, {name for name in names if _is_full(name)})
    for mail in mails:
        name = mail.sender.name.strip()
        if name in mixed:
            mail.warn(NAME_MIXES_SCRIPTS)
        if name in like_ours and domain_of(mail.sender.address) not in own_domains:
            mail.warn(NAME_IS_OURS)
        elif _is_borrowed(mail, known.get(name, ())):
            mail.warn(NAME_OF_CUSTOMER)


def _is_borrowed(mail: Mail, addresses: Sequence[str]) -> bool:
    """Tell whether the name is that of a customer with these addresses, who writes elsewhere."""
    if not addresses:
        return False
    sender = normalise_email(mail.sender.address)
    return sender not in addresses and domain_of(sender) not in map(domain_of, addresses)


def _is_full(name: str) -> bool:
    """Tell whether it is more than a first name, which many share."""
    return len(name.split()) > 1
