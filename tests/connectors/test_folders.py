"""Which folders are read, whatever the server calls them."""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.contract import FolderRole
from desktop_inbox.connectors.email.answers import ListedFolder
from desktop_inbox.connectors.email.folders import choose_folders, find_use, place_for
from desktop_inbox.connectors.email.wire import encode_mailbox


def listed(name: str, *attributes: str, separator: str = "/") -> ListedFolder:
    return ListedFolder(
        name=name,
        wire_name=encode_mailbox(name),
        attributes=frozenset(attributes),
        separator=separator,
    )


def test_the_inbox_comes_first_then_sent_then_the_archive() -> None:
    folders = choose_folders(
        [listed("Zulu"), listed("Archive", "archive"), listed("Sent", "sent"), listed("INBOX")]
    )

    assert [(one.name, one.role) for one in folders] == [
        ("INBOX", FolderRole.INBOX),
        ("Sent", FolderRole.SENT),
        ("Archive", FolderRole.ARCHIVE),
        ("Zulu", FolderRole.OTHER),
    ]


def test_drafts_trash_and_junk_are_never_read_nor_what_lies_in_them() -> None:
    folders = choose_folders(
        [
            listed("INBOX"),
            listed("Wastebasket", "trash"),
            listed("Wastebasket/2025"),
            listed("D", "drafts"),
            listed("Spam"),
            listed("Flagged", "flagged"),
            listed("Public", "noselect"),
        ]
    )

    assert [one.name for one in folders] == ["INBOX"]


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("Gönderilmiş Öğeler", "sent"),
        ("GÖNDERİLENLER", "sent"),
        ("Gesendete Objekte", "sent"),
        ("INBOX/Gesendet", "sent"),
        ("Silinmiş Öğeler", "trash"),
        ("Papierkorb", "trash"),
        ("İstenmeyen Posta", "junk"),
        ("Entwürfe", "drafts"),
        ("Arşiv", "archive"),
    ],
)
def test_without_special_use_well_known_names_decide(name: str, use: str) -> None:
    assert find_use([listed("INBOX"), listed(name)], use) == listed(name)


def test_a_name_says_nothing_where_the_server_has_named_another() -> None:
    folders = choose_folders([listed("INBOX"), listed("Sent"), listed("Outgoing", "sent")])

    assert {one.name: one.role for one in folders} == {
        "INBOX": FolderRole.INBOX,
        "Outgoing": FolderRole.SENT,
        "Sent": FolderRole.OTHER,
    }


def test_a_customers_folder_called_spam_is_read() -> None:
    folders = choose_folders([listed("INBOX"), listed("Customers/Spam")])

    assert [one.name for one in folders] == ["INBOX", "Customers/Spam"]


def test_at_gmail_each_message_is_read_once() -> None:
    folders = choose_folders(
        [
            listed("INBOX"),
            listed("Work"),
            listed("[Gmail]", "noselect"),
            listed("[Gmail]/All Mail", "all"),
            listed("[Gmail]/Sent Mail", "sent"),
            listed("[Gmail]/Spam", "junk"),
            listed("[Gmail]/Important", "important"),
        ],
        gmail=True,
    )

    assert [(one.name, one.everything) for one in folders] == [
        ("INBOX", False),
        ("[Gmail]/Sent Mail", False),
        ("[Gmail]/All Mail", True),
    ]


def test_folders_of_other_people_are_left_alone() -> None:
    folders = choose_folders([listed("INBOX"), listed("user/anna")], foreign_prefixes=[b"user/"])

    assert [one.name for one in folders] == ["INBOX"]


def test_a_new_folder_goes_where_the_others_are() -> None:
    assert place_for("Sent", [listed("INBOX"), listed("Work")]) == "Sent"
    assert place_for("Sent", [listed("INBOX")]) == "Sent"
    below = [listed("INBOX", separator="."), listed("INBOX.Work", separator=".")]
    assert place_for("Sent", below) == "INBOX.Sent"
