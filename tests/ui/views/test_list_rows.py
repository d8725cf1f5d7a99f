"""What a row of the list says: words, chips, deadlines, tooltips."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.modeltest import ModelTester

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.messages import Address
from desktop_inbox.services import conversations as services
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models import conversations as rows_model
from desktop_inbox.ui.views.channel_marks import mark
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.row_words import chips_of
from desktop_inbox.ui.views.view_choice import ViewChoice
from tests.support import builders
from tests.support.qt_waits import until
from tests.ui.views.list_desk import pane as pane
from tests.ui.views.list_desk import row


async def test_the_model_keeps_qts_rules_while_conversations_change(
    pane: ConversationList, context: AppContext, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(pane.model, force_py=False)  # type: ignore[no-untyped-call]
    ids = list(pane.model.ids)
    await context.write(lambda tx: services.close(tx, ids[2:5]))
    await until(lambda: pane.model.rowCount() == 17)
    await context.write(lambda tx: services.reopen(tx, ids[3]))
    await until(lambda: pane.model.rowCount() == 18)


async def test_a_row_reads_as_one_useful_sentence(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[1]
    await context.write(lambda tx: services.tag(tx, key, "refund"))
    await until(lambda: row(pane, 1).tags)
    spoken = pane.model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Unread, Customer 4, Kargo nerede? 18, 3 messages, ")
    assert "refund" in spoken


async def test_the_sentence_of_a_row_names_priority_and_state(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[0]
    await context.write(lambda tx: services.set_priority(tx, key, Priority.URGENT))
    await context.write(lambda tx: services.close(tx, key))
    found = (await context.read(lambda conn: rows_model._rows(conn, [key])))[key]
    spoken = rows_model.sentence(found, now=utc_now())
    assert "Urgent, Closed" in spoken


async def test_a_button_under_the_pointer_says_what_it_does_and_by_which_key(
    pane: ConversationList, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    # An offscreen screen has no place for a real tooltip.
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _view: told.append(text))
    rect = pane.table.visualRect(pane.model.index(2, 0))
    for button in pane.table._delegate.buttons(rect):
        at = button.center()
        asking = QHelpEvent(QEvent.Type.ToolTip, at, pane.table.viewport().mapToGlobal(at))
        QApplication.sendEvent(pane.table.viewport(), asking)
    assert ["Close" in told[0], "Snooze" in told[1]] == [True, True]
    assert "(E)" in told[0]


async def test_foreign_words_in_a_tooltip_are_not_html(
    pane: ConversationList, context: AppContext
) -> None:
    tip = pane.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "2026" in tip


async def test_drafts_that_begin_a_conversation_stand_in_the_drafts_view(
    pane: ConversationList, context: AppContext
) -> None:
    from desktop_inbox.services import drafts

    draft_id = await context.write(
        lambda tx: drafts.save(
            tx,
            drafts.DraftContent(
                mode="new", subject="Spring fair", body="Dear all", to=(builders.MINA,)
            ),
        )
    )
    pane.show_view(ViewChoice(view="drafts", title="Drafts"))
    await until(lambda: pane.model.rowCount() == 1)
    assert pane.model.ids[0] == -draft_id
    assert (row(pane, 0).customer_name, row(pane, 0).draft_snippet) == ("Mina Okafor", "Dear all")


async def test_a_draft_that_begins_a_chat_stands_there_with_its_service(
    pane: ConversationList, context: AppContext
) -> None:
    from desktop_inbox.services import drafts

    def save(tx: Tx) -> None:
        account = accounts.create(tx, kind="twilio", title="T", address="+1555", settings={})
        number = Address(address="+905321112233")
        opens = {"opens": f"whatsapp:+1555|whatsapp:{number.address}"}
        content = drafts.DraftContent(mode="new", account_id=account, to=(number,), form=opens)
        drafts.save(tx, content)

    await context.write(save)
    pane.show_view(ViewChoice(view="drafts", title="Drafts"))
    await until(lambda: pane.model.rowCount() == 1)
    shown = row(pane, 0)
    assert (shown.customer_name, shown.subject) == ("+905321112233", "WhatsApp")
    assert mark(shown.channel, shown.chat) == "whatsapp"


async def test_chips_say_what_holds_a_conversation_up(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[0]
    now = utc_now()
    await context.write(lambda tx: services.assign_to_me(tx, key))
    await context.write(
        lambda tx: services.snooze(tx, key, until=now + timedelta(days=2), until_reply=False)
    )
    found = (await context.read(lambda conn: rows_model._rows(conn, [key])))[key]
    assert found.status is Status.SNOOZED
    assert chips_of(found, now=now)[0].text.startswith("Snoozed till ")


@pytest.mark.parametrize(
    ("minutes", "tone", "words"),
    [
        (-5, "bad", "Overdue 5 min"),
        (40, "warn", "Reply in 40 min"),
        (161, "ok", "Reply in 2 h 41 m"),
        (460, "plain", "Reply in 7 h"),
        (60 * 30, "plain", "Reply in 1 d"),
    ],
)
async def test_a_deadline_is_the_louder_the_nearer_it_is(
    pane: ConversationList, minutes: int, tone: str, words: str
) -> None:
    now = utc_now()
    due = now + timedelta(minutes=minutes)
    timed = row(pane, 0)._replace(
        next_due_at=due,
        warn_at=due - timedelta(hours=1),
        due_clock="next_response",
        due_state="running",
    )
    chip = chips_of(timed, now=now)[0]
    assert (chip.tone, chip.text) == (tone, words)
