"""What is suggested to answer a customer with, and to whom nothing is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import events, suggestions
from desktop_inbox.store.database import Tx
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail

ELIF = Address(name="Elif Arslan", address="elif@posta.com.tr")
JONAS = Address(name="Jonas Meyer", address="jonas@meyer.example")
QUESTION = "Merhaba, kargo geldi ama iki tabak kırık çıktı. Değişim mi iade mi daha hızlı olur?"


def responses(tx: Tx, *rows: tuple[str, str, str]) -> None:
    for shortcut, title, body in rows:
        changes = [
            FieldChange("canned", shortcut, field, None, value)
            for field, value in (("shortcut", shortcut), ("title", title), ("body", body))
        ]
        events.record(tx, "canned.new", changes)


def asks(tx: Tx, text: str, **more: object) -> int:
    key = builders.conversation(tx, subject="", who=ELIF)
    builders.message(tx, key, Mail(text=text, who=ELIF, subject="", **more))  # type: ignore[arg-type]
    return key


def answered(tx: Tx, question: str, answer: str, *, status: Status = Status.OPEN) -> int:
    key = builders.conversation(tx, subject="", who=JONAS, status=status)
    builders.message(tx, key, Mail(text=question, who=JONAS, subject="", at=NOON))
    later = NOON + timedelta(hours=1)
    return builders.message(
        tx,
        key,
        Mail(text=answer, direction=Direction.OUT, who=JONAS, subject="", at=later),
    )


def suggested(store: Store, conversation_id: int) -> list[str]:
    found = store.read(lambda conn: suggestions.suggest(conn, conversation_id))
    return [one.canned.shortcut if one.canned else one.text for one in found]


SHELF = (
    ("kirik-degisim", "Kırık ürün – değişim", "Çok üzgünüz, yenisini gönderiyoruz."),
    ("iade", "İade adımları", "İadeyi şöyle yapabilirsiniz."),
    ("kargo", "Kargo takip", "Siparişiniz yolda."),
    ("saatler", "Açılış saatleri", "Her gün 9-18 arası buradayız."),
    ("wholesale", "Wholesale price list", "Please find our price list attached."),
)


def test_the_responses_that_share_the_customers_words_are_offered_three_at_most(
    store: Store,
) -> None:
    store.write(lambda tx: responses(tx, *SHELF))
    key = store.write(lambda tx: asks(tx, QUESTION))
    found = suggested(store, key)
    assert found[0] == "kirik-degisim"
    assert set(found) == {"kirik-degisim", "iade", "kargo"}


def test_own_answers_to_questions_alike_are_offered_to_the_one_who_asks_now(store: Store) -> None:
    message_id = store.write(
        lambda tx: answered(
            tx,
            "Hello, is the cobalt glaze on your bowls dishwasher safe?",
            "Hi Jonas, yes: the cobalt glaze is fired twice and goes into the dishwasher.",
        )
    )
    store.write(lambda tx: answered(tx, "When do you open on Sunday?", "At ten, all year round."))
    key = store.write(lambda tx: asks(tx, "Hi! Are bowls with cobalt glaze dishwasher safe?"))
    (found,) = store.read(lambda conn: suggestions.suggest(conn, key))
    assert found.message_id == message_id
    assert found.text.startswith("Hi Elif, yes: the cobalt glaze")


def test_a_question_unlike_all_others_is_left_alone(store: Store) -> None:
    store.write(lambda tx: responses(tx, *SHELF))
    store.write(lambda tx: answered(tx, "When do you open on Sunday?", "At ten, all year round."))
    key = store.write(lambda tx: asks(tx, "Könnten Sie eine Rechnung ausstellen?"))
    assert suggested(store, key) == []


@pytest.mark.parametrize("kind", [MessageClass.AUTO_REPLY, MessageClass.BOUNCE_PERMANENT])
def test_nobody_answers_a_machine(store: Store, kind: MessageClass) -> None:
    store.write(lambda tx: responses(tx, *SHELF))
    assert suggested(store, store.write(lambda tx: asks(tx, QUESTION, kind=kind))) == []


@pytest.mark.parametrize("status", [Status.SPAM, Status.TRASH])
def test_spam_is_not_answered_nor_learnt_from(store: Store, status: Status) -> None:
    store.write(lambda tx: responses(tx, *SHELF))
    store.write(lambda tx: answered(tx, QUESTION, "Bu bir dolandırıcılık denemesi.", status=status))
    key = store.write(lambda tx: asks(tx, QUESTION))
    assert "Bu bir dolandırıcılık denemesi." not in suggested(store, key)
    spam = store.write(lambda tx: builders.conversation(tx, who=ELIF, status=status))
    store.write(lambda tx: builders.message(tx, spam, Mail(text=QUESTION, who=ELIF)))
    assert suggested(store, spam) == []


def test_what_was_answered_already_gets_no_suggestions(store: Store) -> None:
    store.write(lambda tx: responses(tx, *SHELF))
    key = store.write(lambda tx: asks(tx, QUESTION))
    reply = Mail(text="Hemen!", direction=Direction.OUT, at=NOON + timedelta(hours=1))
    store.write(lambda tx: builders.message(tx, key, reply))
    assert suggested(store, key) == []


@pytest.mark.parametrize(
    "text",
    ["", "1042", '" OR * NEAR( {subject} : -', "ok", "你好，杯子什么时候到？", "a" * 100_000],
)
def test_whatever_the_customer_writes_there_is_an_answer_or_none(store: Store, text: str) -> None:
    store.write(lambda tx: responses(tx, *SHELF))
    assert suggested(store, store.write(lambda tx: asks(tx, text))) == []
