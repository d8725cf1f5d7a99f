"""What the pages of an account say: what is wrong with an address, who names the servers, which
step of a check failed.
"""

from __future__ import annotations

from desktop_inbox import words
from desktop_inbox.connectors.errors import AuthReason
from desktop_inbox.connectors.setup import Check
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.i18n import N_, _
from desktop_inbox.ui import errors

# Which step of the check failed: its name in Check.step -> what could not be done.
_FAILED_STEPS = {
    "connect": (N_("Receiving: no connection to {where}"), N_("Sending: no connection to {where}")),
    "tls": (
        N_("Receiving: {where} has no valid certificate"),
        N_("Sending: {where} has no valid certificate"),
    ),
    "sign-in": (N_("Receiving: sign-in refused by {where}"), N_("Sending refused by {where}")),
}
_NOTHING_TRIED = N_("Something entered above cannot be right. Correct it, then try again.")
_ANY_STEP = (N_("Receiving did not work at {where}"), N_("Sending did not work at {where}"))

# Hints of the provider table, by their value.
_HINTS = {
    "app_password": N_(
        "{provider} wants an app password instead of your usual one: make one in the security "
        "settings of your account there and paste it here."
    ),
    "oauth_only": N_(
        "{provider} accepts passwords only where an organisation allows them. If signing in is "
        "refused, ask whoever manages this mailbox to allow IMAP and authenticated SMTP."
    ),
    "enable_imap": N_(
        "Switch IMAP on in the settings of your mailbox at {provider} first; it is off until "
        "you do."
    ),
    "bridge": N_(
        "{provider} needs its own bridge program running on this computer; use the user name "
        "and password that it shows."
    ),
}

# Who says what the servers are, by connectors.email.discovery.Source.
_SOURCES = {
    "table": N_("{provider} is known to this program"),
    "published": N_("published at {where}"),
    "srv": N_("named by the DNS of the domain, {where}"),
    "database": N_("from Mozilla's public list, {where}"),
    "exchange": N_("the domain's mail goes to {provider}, {where}"),
    "guess": N_("guessed, and {where} answers"),
}


# What is wrong with an address that somebody typed, by domain.sendable's reason.
_ADDRESS = {
    "empty": N_("Type the e-mail address that is to be read here, such as info@example.com."),
    "no-domain": N_(
        "The part from the @ on is missing. Type the whole address, such as info@example.com."
    ),
    "no-local-part": N_(
        "The part before the @ is missing. Type the whole address, such as info@example.com."
    ),
    "local-part-invalid": N_(
        "Before the @ stands something that no address has, such as a space or a comma. Type one "
        "address and nothing else."
    ),
    "domain-incomplete": N_("“{domain}” is not whole: an ending such as .com is missing."),
}
_OTHER_ADDRESS = N_("“{domain}” is no domain. Look for a typing mistake after the @.")
_SHOWN = 60  # letters of a domain that is wrong
_LONG_ADDRESS = N_("This is too long for an address. Was something else pasted here as well?")


def address_words(address: str) -> str:
    """Return what is wrong with an e-mail address and what to do, '' where nothing is."""
    verdict = sendable(address)
    if verdict.ok:
        return ""
    if verdict.reason.endswith("too-long"):
        return _(_LONG_ADDRESS)
    domain = visible(address.rpartition("@")[2])[:_SHOWN]
    return _(_ADDRESS.get(verdict.reason, _OTHER_ADDRESS)).format(domain=domain)


def check_words(result: Check, *, where: str) -> str:
    """Return a sentence that names the failing step and says why."""
    side, _colon, step = result.step.partition(":")
    if step == "settings":
        return _(_NOTHING_TRIED)
    failed = _(_FAILED_STEPS.get(step, _ANY_STEP)[side == "send"]).format(where=where)
    if result.cause == AuthReason.SIGN_IN:  # the step says already that it was refused
        return _("{failed}. Check user name and password.").format(failed=failed)
    why = errors.cause_words(result.cause)
    return f"{failed}. {why}" if why else f"{failed}."


def channel_check_words(result: Check) -> str:
    """Return how a step went of trying a channel that is no mail account."""
    if result.step.endswith(":settings"):
        return _(_NOTHING_TRIED)
    said = words.step(result.step)
    return said if result.ok else f"{said}. {errors.cause_words(result.cause)}".strip()


def hint_words(hint: str, *, provider: str) -> str:
    """Return what to do before signing in works, '' for nothing."""
    return _(_HINTS[hint]).format(provider=provider) if hint in _HINTS else ""


def source_words(source: str, *, provider: str, where: str) -> str:
    """Return who says so."""
    return _(_SOURCES[source]).format(provider=provider, where=where)
