"""The composer on a messaging channel, over the sample shop: windows, templates, ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop_inbox.connectors.contract import Capability, Template
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.reply_windows import Window
from desktop_inbox.services import channels
from desktop_inbox.services.channels import Way
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.services.writing_first import openings as openings_of
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.views.composer import Composer
from tests.support.qt_waits import until

_NOWHERE = -1  # an account that is shown, and never written to
_ASKING = Template(
    name="asking",
    title="Asking whether it arrived",
    language="tr",
    text="Merhaba {{1}}, {{2}} numaralı siparişiniz size ulaştı mı?",
)


def _answering(window: MainWindow, *, left: timedelta) -> Composer:
    """A reply in a chat that may be answered for so long yet."""
    composer = window.thread_view.composer
    place, info = composer.surroundings, info_of("twilio")
    assert place is not None
    assert info is not None
    account = replace(place.accounts[0], id=_NOWHERE, kind="twilio", title="WhatsApp of the shop")
    until_when = utc_now() + left
    chat = Way(
        account_id=_NOWHERE,
        kind="twilio",
        title=account.title,
        label="+90 532 410 77 21",
        chat_id=1,
        info=replace(info, capabilities=info.capabilities | {Capability.HUMAN_AGENT}),
        window=Window(limited=True, until=until_when, agent_until=until_when + timedelta(days=6)),
    )
    mail = place.accounts[0]
    others = (
        replace(chat, account_id=mail.id, kind="email", label="elif@posta.example", chat_id=None,
                window=Window()),
        replace(chat, kind="telegram", label="@elif", chat_id=2,
                closed_for=channels.CANNOT_WRITE_FIRST),
        replace(chat, account_id=None, kind="phone", label="+90 532 1", chat_id=None,
                closed_for=channels.NO_ACCOUNT),
    )  # fmt: skip
    accounts = (*place.accounts, account)
    composer.enter(
        replace(place, messages=(), accounts=accounts, account_id=_NOWHERE, ways=(chat, *others)),
        None,
    )
    return composer


async def counting_down(window: MainWindow) -> QWidget:
    """A window that closes soon."""
    _answering(window, left=timedelta(minutes=71))
    return window


async def over(window: MainWindow) -> QWidget:
    """One that has closed, with all that may still be done."""
    _answering(window, left=-timedelta(hours=3))
    return window


async def template(window: MainWindow) -> QWidget:
    """An approved text being filled in."""
    composer = _answering(window, left=-timedelta(hours=3))
    composer.template.open_form()  # without a word to the draft: the account is none
    composer.guide.show_templates([_ASKING], said="")
    composer._refresh()
    return window


async def offering(window: MainWindow) -> QWidget:
    """Buttons below the text, on a channel that has none of its own."""
    composer = _answering(window, left=timedelta(hours=9))
    labels = ("Küçük boy", "Büyük boy", "İkisi de olur", "Biriyle konuşmak istiyorum")
    composer.buttons.set_labels(labels)  # without a word to the draft
    composer._refresh()
    return window


async def _beginning(window: MainWindow, service: str, *to: Address) -> Composer:
    """A new message on a channel, in the middle of being written; without a word to the draft."""
    window.thread_view.new_message()
    composer = window.thread_view.composer
    await until(lambda: composer.mode == "new" and composer.surroundings is not None)
    place = composer.surroundings
    assert place is not None
    accounts = [
        replace(
            place.accounts[0],
            id=_NOWHERE - number,
            kind=kind,
            title=kind.title(),
            address="+905550001111",
            settings={"senders": "whatsapp:+905550001111"},
        )
        for number, kind in enumerate(("twilio", "telegram", "matrix"))
    ]
    through = next(way for way in openings_of(accounts) if service in (way.service, way.kind))
    composer.enter(replace(place, accounts=(*place.accounts, *accounts)), None)
    composer.restore(
        DraftContent(
            mode="new",
            account_id=through.account_id,
            to=to,
            body="Siparişiniz hazır, yarın kargoya veriyoruz.",
            form={"opens": through.opens},
        )
    )
    return composer


async def beginning_with_a_template(window: MainWindow) -> QWidget:
    """One that only an approved text may begin."""
    composer = await _beginning(
        window, "WhatsApp", Address(name="Elif Kaya", address="+905324107721")
    )
    await until(lambda: composer.sheet.channel_strip.text)
    return window


async def waiting_to_be_written_to(window: MainWindow) -> QWidget:
    """A channel on which customers write first, and nobody is named."""
    await _beginning(window, "telegram")
    return window


async def openings(window: MainWindow) -> QWidget:
    """All that a new message may begin through."""
    composer = await _beginning(window, "SMS")
    composer.guide.open_ways()
    return await _menu()


async def ways_to_write(window: MainWindow) -> QWidget:
    """Every way to a customer, from their pane."""
    await until(lambda: window.sidebar.data is not None)
    window.sidebar.editor.person.write.click()
    return await _menu()


async def _menu() -> QMenu:
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


async def ways(window: MainWindow) -> QWidget:
    """Every way to the customer, with why some are closed."""
    composer = _answering(window, left=-timedelta(hours=3))
    composer.guide.open_ways()
    return await _menu()
