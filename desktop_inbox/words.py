"""Sentences for codes: every refusal, cause and state in plain words with the next step.

A leaf: whoever shows something, window or command line, asks here. Words only, on any thread.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop_inbox.i18n import N_, _

# UserError and StoreError codes. `{name}` is filled from the error's values; a name that is not
# among them stays visible rather than hiding the sentence.
REFUSALS: dict[str, str] = {
    # the store
    "database-too-new": N_(
        "This workspace was written by a newer version of Desktop Inbox. Install that version, or "
        "open another workspace."
    ),
    "upgrade-blocked": N_(
        "An older Desktop Inbox still works on this workspace ({detail}). Close it, then start "
        "this one again."
    ),
    "upgrade-failed": N_(
        "The workspace could not be brought up to this version ({detail}). Nothing was changed, "
        "and a copy of it is kept. Go on with the version before, and report this."
    ),
    "database-corrupt": N_(
        "The workspace file is damaged. Recover it: what can still be read is saved, and mail is "
        "fetched again. The damaged file is kept."
    ),
    "database-key-wrong": N_(
        "The passphrase does not open this workspace, or its file is damaged. Try the passphrase "
        "again."
    ),
    "database-read-only": N_(
        "The workspace folder cannot be written to. Check its permissions, then try again."
    ),
    "disk-full": N_(
        "The disk is full, so nothing can be saved. Free some space, then try again; everything "
        "stored so far is safe."
    ),
    "database-locked": N_("Another program holds the workspace's file. Close it, then try again."),
    "database-unavailable": N_(
        "The workspace cannot be opened. Check that its folder is there and can be read."
    ),
    "backup-unreadable": N_(
        "{path} is no backup of Desktop Inbox, or it is damaged ({detail}). Nothing was changed; "
        "choose another one."
    ),
    "backup-too-new": N_(
        "{path} was made by a newer version of Desktop Inbox. Install that version, then restore "
        "it. Nothing was changed."
    ),
    "no-backup": N_(
        "There is no sound copy of the workspace in {path}. Recover what can be read instead."
    ),
    "folder-not-empty": N_("{path} is not empty. Choose an empty folder, or name a new one."),
    "import-empty": N_("There is no mail in {path}. Choose an mbox, a Maildir or .eml files."),
    "import-unreadable": N_(
        "Line {line} of {path} is not as Desktop Inbox writes it. Correct it, or export again."
    ),
    "import-too-new": N_(
        "{path} was written by a newer version of Desktop Inbox. Install that version, then "
        "import it."
    ),
    "engine-busy": N_(
        "Another Desktop Inbox (process {pid}) already works on this data folder. Use that one, or "
        "close it first."
    ),
    # new versions
    "update-unknown": N_(
        "This copy does not know where new versions are announced. Look where you got it from."
    ),
    "update-unreadable": N_(
        "What announces new versions came incomplete or damaged, so nothing of it was used. Try "
        "again later."
    ),
    "update-format": N_(
        "New versions are announced in a way this one does not know. Look where you got it from."
    ),
    "update-unsigned": N_(
        "What announces new versions bears no signature, so nothing of it was used. Somebody may "
        "be interfering with your connection."
    ),
    "update-stranger": N_(
        "What announces new versions is signed by somebody else than the makers of Desktop Inbox, "
        "so nothing of it was used."
    ),
    "update-altered": N_(
        "What announces new versions was changed on its way, so nothing of it was used. Somebody "
        "may be interfering with your connection."
    ),
    "update-older": N_(
        "An older announcement came than the one seen before, so nothing of it was used. Try again "
        "later."
    ),
    "update-swapped": N_(
        "Two different announcements bear the same number, so nothing of the new one was used. "
        "Try again later."
    ),
    "update-expired": N_(
        "The announcement of new versions is out of date, so nothing of it was used. Check this "
        "computer's clock, and try again later."
    ),
    "update-future": N_(
        "The announcement of new versions bears a date that has not come. Check this computer's "
        "clock."
    ),
    "update-unreachable": N_(
        "It could not be found out whether there is a new version ({detail}). Check the "
        "connection, then try again."
    ),
    "update-download-failed": N_(
        "The new version could not be downloaded ({detail}). Check the connection, then try again."
    ),
    "update-download-differs": N_(
        "What was downloaded is not what the makers of Desktop Inbox announced, so it was thrown "
        "away. Try again later, or on another network."
    ),
    "update-download-gone": N_("The downloaded file was moved or changed. Download it again."),
    # secrets
    "passphrase-needed": N_(
        "This system has no keyring, so secrets lie in an encrypted file. Set {variable} to its "
        "passphrase, or run this in a terminal to be asked."
    ),
    "wrong-passphrase": N_("That passphrase does not open {path}. Try again with the right one."),
    "vault-unreadable": N_(
        "The secrets file {path} is damaged. Restore a copy of it, or remove it and enter the "
        "passwords again."
    ),
    "vault-unwritable": N_(
        "The secrets file {path} cannot be written ({detail}). Check the folder and the disk."
    ),
    "keyring-silent": N_("The system's keyring does not answer. Unlock it, then try again."),
    "keyring-refused": N_("The system's keyring refused: {detail}. Unlock it, then try again."),
    # accounts
    "kind-unknown": N_("There is no channel {kind}. “account kinds” lists them."),
    "field-unknown": N_("A {kind} account has no field {name}. “account kinds” lists them."),
    "field-empty": N_("“{name}” is needed."),
    "field-invalid": N_("“{name}” cannot be {value}."),
    "field-fixed": N_(
        "“{name}” cannot be changed any more. Add another account, and remove this one."
    ),
    "mode-unknown": N_(
        "Answers leave by themselves never, to new customers, or while you are away; not {mode}."
    ),
    "answer-empty": N_("Write what is to be answered, or switch the automatic answer off."),
    "text-too-long": N_("The text is too long. Shorten it to {most} characters."),
    "secret-on-command-line": N_(
        "A secret on a command line can be read by others. Write --secret {name}=- and give it on "
        "standard input."
    ),
    "identity-needed": N_(
        "An account needs an address to write from. Change this one, or add another before you "
        "remove it."
    ),
    "address-invalid": N_("{address} is no e-mail address ({reason}). Correct it."),
    "attachment-gone": N_("The server does not have {name} any more."),
    "insecure": N_(
        "An unencrypted connection is only allowed to this computer. Choose TLS or STARTTLS."
    ),
    "check-failed": N_("{step} failed: {why} The account was not saved."),
    "browser-sign-in": N_(
        "Signing in with {service} did not work ({detail}). Try again, or use an app password."
    ),
    "account-exists": N_("There already is an account for {address}."),
    # writing
    "no-recipient": N_("Nobody is named to send it to. Add a recipient."),
    "recipient-invalid": N_("Mail cannot be sent to {address} ({reason}). Correct the address."),
    "message-empty": N_("There is nothing to send. Write something, or attach a file."),
    "unresolved": N_(
        "Something is still to be filled in, such as {{{{contact.first_name}}}}. Fill it in, then "
        "send."
    ),
    "attachment-missing": N_("The file {name} is not there any more. Attach it again."),
    "no-account": N_("There is no account to send it through. Add one, or choose one."),
    "send-in-the-past": N_("That time to send has passed. Choose a later one."),
    "draft-elsewhere": N_(
        "This draft was changed in another window. Look at it there, or go on here, then send."
    ),
    "draft-gone": N_(
        "This draft was sent or thrown away in another window. Nothing was sent from here."
    ),
    "cannot-send-there": N_("Nothing can be sent through this channel. Choose another one."),
    "message-too-long": N_(
        "The text has {length} characters, and this channel takes {limit}. Shorten it."
    ),
    "buttons-need-text": N_("Write above the buttons what they are about."),
    "too-many-buttons": N_(
        "This channel takes {limit} buttons with a message. Take the others off."
    ),
    "button-too-long": N_(
        "“{label}” is longer than the {limit} characters a button may have here. Shorten it."
    ),
    "too-many-files": N_(
        "This channel takes {limit} files with a message. Send the others in a second message."
    ),
    "file-too-large": N_(
        "{name} is larger than the {limit} bytes this channel takes. Send a smaller file, or use "
        "another channel."
    ),
    "window-closed": N_(
        "The time in which this customer may be written to here has passed. Use a template or "
        "another channel, or wait until they write."
    ),
    "no-address-there": N_(
        "This customer has no address on that channel. Choose another channel, or add the address."
    ),
    "cannot-write-first": N_(
        "On this channel the customer has to write first. Choose another channel."
    ),
    "one-recipient": N_(
        "On this channel a message goes to one person. Take the others out, and write to each."
    ),
    "unreachable": N_("Nobody can be reached there under {address}. Correct it, then send."),
    "cannot-change": N_("This channel does not let messages be changed once they are sent."),
    "too-late": N_("The message is already being sent and cannot be taken back."),
    "not-waiting": N_("Message {id} does not wait to be sent, so there is nothing to try again."),
    "not-uncertain": N_("What became of message {id} is known, so there is nothing to settle."),
    "outcome-unknown": N_("Say “sent” or “again”, not {outcome}."),
    # things that are not there
    "account-missing": N_("There is no account {id}. “account list” shows them."),
    "conversation-missing": N_("There is no conversation {id}."),
    "message-missing": N_("There is no message {id}."),
    "customer-missing": N_("There is no customer {id}."),
    "caller-missing": N_("Say who it was, or from which number."),
    "number-unreadable": N_("{value} is no phone number."),
    "length-unreadable": N_("{value} is no length. Write minutes such as 4, or 4:30."),
    "merge-same-customer": N_("These two are one customer already."),
    "not-merged": N_("Customer {id} was not merged with anybody."),
    "merge-too-old": N_("A merge can be taken back for {days} days; this one is older."),
    "language-unknown": N_("{value} is no language code. Write one such as tr or en-GB."),
    "time-zone-unknown": N_("There is no time zone {value}. Write one such as Europe/Istanbul."),
    "field-missing": N_("There is no field {name}."),
    "field-exists": N_("There already is a field {name}. Choose another name."),
    "field-name-empty": N_("A field needs a name."),
    "field-needs-choices": N_("Say what can be chosen in {name}."),
    "field-too-long": N_("What is written in {name} is too long. Put it into the notes."),
    "field-not-a-number": N_("{name} takes a number; {value} is none."),
    "field-not-a-date": N_("{name} takes a date, such as 2026-11-30; {value} is none."),
    "field-not-a-choice": N_("{name} is one of: {choices}. Not {value}."),
    "draft-missing": N_("There is no draft {id}."),
    "shortcut-invalid": N_(
        "A shortcode has only the letters a to z, digits, - and _; {shortcut} has others."
    ),
    "shortcut-exists": N_("There already is a canned response {shortcut}. Choose another name."),
    "canned-empty": N_("A canned response needs a text, or something that it does."),
    "macro-step": N_("A canned response cannot do this: {step}."),
    "macro-long": N_("A canned response can do {most} things at most."),
    "canned-status": N_("After sending, a conversation is open or closed, not {status}."),
    "canned-file": N_("{path} holds no canned responses that can be read ({detail})."),
    "language-invalid": N_("{language} is no language code. Write “tr”, “en” or “pt-br”."),
    "canned-missing": N_("There is no canned response {shortcut}. “canned list” shows them."),
    "view-missing": N_("This view is not there any more. Choose another one."),
    "view-name-empty": N_("A view needs a name."),
    "view-name-long": N_("That name is too long. Shorten it to {most} characters."),
    "view-too-large": N_("A view asks at most {most} questions, in few groups. Take some out."),
    "view-value": N_("Say what “{field}” is to be compared with; “{value}” does not fit."),
    "view-unreadable": N_(
        "This view was made by a newer version of Desktop Inbox. Install that version, or make "
        "the view anew."
    ),
    "tag-missing": N_("There is no tag {name}."),
    "agent-missing": N_("Nobody here is called {id}."),
    "no-file": N_("{path} cannot be read: {detail}."),
    # opening hours and service levels
    "policy-missing": N_("There is no service level {id}. “sla policies” shows them."),
    "policy-unnamed": N_("A service level needs a name, of at most {most} characters."),
    "policy-empty": N_("Promise at least one time, such as the first reply."),
    "warning-invalid": N_(
        "Warn at 1 to 99 percent of the time, or some minutes before it is over; at most {most} "
        "times."
    ),
    "reopen-invalid": N_("A conversation can go on within 0 to {most} days."),
    "calendar-unnamed": N_("Opening hours need a name of their own, of at most {most} characters."),
    "calendar-exists": N_("There already are opening hours {name}. Choose another name."),
    "calendar-missing": N_("There are no opening hours {id}. “sla hours” shows them."),
    "calendar-in-use": N_(
        "Service levels are counted in these hours: {names}. Choose other hours there first."
    ),
    "calendar-file": N_(
        "{path} holds no whole days still to come. Choose a calendar file (.ics) of holidays."
    ),
    "country-unknown": N_("The holidays of {country} are not known here. Choose another country."),
    "calendar-last": N_("These are the only opening hours. Add others before you remove them."),
    "calendar-too-many": N_("At most {most} days can be special. Remove some that are over."),
    "target-invalid": N_("{minutes} minutes cannot be promised. Choose between 1 and some years."),
    "calendar-zone": N_("There is no time zone {zone}. Write it like Europe/Istanbul."),
    "calendar-hours": N_("{hours} are no opening hours. Write times from 00:00 to 24:00."),
    "calendar-overlap": N_("Two opening times overlap at {time}. Let one end before the other."),
    "calendar-closed": N_("These hours are never open. Open on at least one day of the week."),
    "calendar-beyond": N_("That is more than 50 years away. Choose a shorter time."),
    "sla-unreadable": N_("{path} holds no schedules and cases: {detail}. Correct the file."),
    "page-key": N_("“{key}” is not a page key. Use the `next` of the page before."),
    "snooze-needs-end": N_("Say until when: a time, or until the customer writes."),
    "snooze-in-the-past": N_("That time has passed. Choose a later one."),
    "tag-empty": N_("A tag needs a name."),
    "tag-exists": N_("There already is a tag {name}."),
    "merge-with-itself": N_("A conversation cannot be merged with itself. Choose another one."),
    "split-at-the-beginning": N_(
        "Everything before the first message is nothing. Split at a later message."
    ),
    "parser-unavailable": N_(
        "The part that reads files does not start ({command}). Install Desktop Inbox again."
    ),
    "nothing-to-undo": N_("There is nothing to take back."),
    "undo-by-itself": N_(
        "Nobody did this; it happened by itself. Change the conversation instead."
    ),
    "undo-too-old": N_("What is done can be taken back for {days} days; this is older."),
    "undo-done": N_("This was taken back already."),
    "undo-changed": N_(
        "All of this was changed again since, so nothing of it is left to take back."
    ),
    "undo-gone": N_("The conversation is not there any more, so this cannot be taken back."),
    "never-snoozed": N_("This was never snoozed before. Choose a time."),
    "follow-up-in-the-past": N_("That time has passed. Choose a later one."),
    "nothing-to-change": N_("Nothing was asked for. Name at least one change."),
}

# What the world did: TransientCause, AuthReason and PermanentReason values, and the runner's own.
CAUSES: dict[str, str] = {
    "network": N_(
        "The server cannot be reached. Check the connection; it is tried again by itself."
    ),
    "dns": N_("The server's name is not known. Check the host name and the connection."),
    "tls": N_("The server's certificate was refused. Check the host name, or ask its provider."),
    "server": N_("The server has a problem. It is tried again by itself."),
    "sign_in": N_("The sign-in was refused. Check user name and password."),
    "revoked": N_("The permission to sign in was withdrawn. Sign in again."),
    "billing": N_("The provider wants to be paid before it lets you in."),
    "conflict": N_("Another program is signed in to this account. Close it, then go on."),
    "permission": N_("The sign-in does not permit this. Grant what is missing, sign in again."),
    "restricted": N_("The service has restricted this account. Its own pages say why."),
    "recipient": N_("The server does not take mail for this recipient. Check the address."),
    "window_closed": N_("The time in which this customer may be written to has passed."),
    "too_large": N_("The message is too large for the server. Remove an attachment."),
    "media": N_("The server does not take this kind of attachment."),
    "invalid": N_("The server refused the message."),
    "other-address": N_("This belongs to another address. Enter the one in brackets."),
    "rate_limited": N_("The server asked for a pause. It is tried again by itself."),
    "disk": N_("The disk is full or cannot be written to. Free some space."),
    "passphrase-needed": N_("The passphrase of the secrets file is needed before it can sign in."),
    "wrong-passphrase": N_("The passphrase is not the one that opens the secrets file."),
    "vault-unreadable": N_("The secrets file is damaged, so the password cannot be read."),
    "keyring-silent": N_("The system's keyring does not answer. Unlock it, then try again."),
    "keyring-refused": N_("The system's keyring refused to answer. Unlock it, then try again."),
    "uncertain": N_(
        "The message may have been delivered. Look at the other side before sending again."
    ),
}

STATES: dict[str, str] = {
    "starting": N_("Starting"),
    "connecting": N_("Connecting"),
    "catching_up": N_("Catching up"),
    "online": N_("Online"),
    "waiting": N_("Waiting"),
    "needs_sign_in": N_("Needs you to sign in"),
    "failed": N_("Stopped by a fault of the program"),
    "paused": N_("Paused"),
}

# The steps of a connection check, as they stand after the colon of `Check.step`.
STEPS: dict[str, str] = {
    "receive": N_("Receiving"),
    "send": N_("Sending"),
    "connect": N_("connecting"),
    "tls": N_("securing the connection"),
    "sign-in": N_("signing in"),
    "recipient": N_("naming the recipient"),
    "address": N_("finding the address"),
    "archive": N_("reading the archive"),
    "permissions": N_("asking what the token permits"),
    "conversations": N_("reading conversations"),
    "webhook": N_("taking messages over from another service"),
}


def refusal(code: str, values: Mapping[str, object]) -> str:
    """Return the sentence for a UserError's or StoreError's code.

    An unknown code is shown as it is: better an ugly line than none.
    """
    text = REFUSALS.get(code)
    if text is None:
        details = ", ".join(f"{name}: {value}" for name, value in values.items())
        return _("That is not possible: {code}").format(code=f"{code} {details}".strip())
    known = _Forgiving(values)
    if "step" in values:
        known["step"] = step(str(values["step"]))
    if "cause" in values:
        known["why"] = cause(str(values["cause"]), str(values.get("detail", "")))
    return _(text).format_map(known)


def cause(code: str, detail: str = "") -> str:
    """Return the sentence for what the world did, with the server's own words behind it."""
    text = CAUSES.get(code)
    sentence = _(text) if text else ""
    if not detail:
        return sentence or code
    return f"{sentence} ({detail})" if sentence else detail


def account(state: str, *, cause_code: str = "", detail: str = "") -> str:
    """Return how an account is, in one line: its state, and why where it is not well."""
    word = _(STATES.get(state, state))
    if detail in CAUSES:  # the engine could not even read the secrets
        return f"{word}: {cause(detail)}"
    if not cause_code and not detail:
        return word
    return f"{word}: {cause(cause_code, detail)}"


def step(name: str) -> str:
    """Return the words for a step such as "receive:sign-in"."""
    side, _colon, part = name.partition(":")
    words = [_(STEPS.get(word, word)) for word in (side, part) if word]
    return ": ".join(words)


def bug(error: BaseException) -> str:
    """Return what to say when the fault is ours."""
    return _("A fault of the program ({name}). Please report it with the lines above.").format(
        name=type(error).__name__
    )


class _Forgiving(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


# What was wrong with the words of a search, by the code of a domain.query.Problem.
SEARCHES: dict[str, str] = {
    "unknown-field": N_("Nothing is known as {name}: – it is looked for as words."),
    "unknown-field-near": N_("Nothing is known as {name}: – did you mean {nearest}:?"),
    "no-value": N_("Write what to look for right after {name}:"),
    "bad-value": N_("{name}: does not understand “{value}”."),
    "bad-value-near": N_("{name}: does not understand “{value}” – did you mean {nearest}?"),
    "bad-value-known": N_("{name}: does not understand “{value}”. It knows {known}."),
    "not-held": N_("{name} cannot be searched for yet: nothing here is known about it."),
    "open-quote": N_("The closing quotation mark is missing."),
    "open-group": N_("A closing parenthesis is missing."),
    "stray-group": N_("There is a closing parenthesis too many."),
    "lone-or": N_("OR needs something on both of its sides."),
    "too-many-terms": N_("Only the first {most} words are searched for."),
}


def search(code: str, values: Mapping[str, str]) -> str:
    """Return the sentence for what is wrong with the words of a search."""
    for name, suffix in (("nearest", "-near"), ("known", "-known")):
        if values.get(name) and code + suffix in SEARCHES:
            code += suffix
            break
    return _(SEARCHES[code]).format(**values)
