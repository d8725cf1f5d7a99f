"""What we know of common mail providers, so that an address is all an owner has to type.

Gathered from the providers' own help pages. Pure; nothing is looked up on the network here.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop_inbox.connectors.email.settings import Security
from desktop_inbox.domain.customers import domain_of
from desktop_inbox.i18n import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """How to reach a provider. `known` is false for a guess made from the address."""

    title: str
    imap_host: str
    smtp_host: str
    imap_port: int = 993
    smtp_port: int = 465
    imap_security: Security = Security.TLS
    smtp_security: Security = Security.TLS
    files_sent: bool = False  # puts the copy of a sent message into Sent by itself
    hint: str = ""  # untranslated; what to do before signing in works
    known: bool = True

    @property
    def fields(self) -> dict[str, str]:
        """Return the values of the account's fields."""
        return {
            "imap_host": self.imap_host,
            "imap_port": str(self.imap_port),
            "imap_security": self.imap_security.value,
            "smtp_host": self.smtp_host,
            "smtp_port": str(self.smtp_port),
            "smtp_security": self.smtp_security.value,
        }


_APP_PASSWORD = N_(
    "This provider wants an app password instead of your usual one: make one in the security "
    "settings of your account and paste it here."
)
_SWITCH_ON = N_("Allow IMAP in the settings of your mailbox first; it is off until you do.")
_OFFICE = N_(
    "Microsoft accepts passwords only where your organisation allows them. If signing in is "
    "refused, ask whoever manages it to allow IMAP and authenticated SMTP for this mailbox."
)


def _provider(
    title: str,
    imap_host: str,
    smtp_host: str,
    *,
    starttls: bool = False,
    files_sent: bool = False,
    hint: str = "",
) -> ProviderSettings:
    """Return settings with the usual ports; `starttls` is about sending on port 587."""
    return ProviderSettings(
        title=title,
        imap_host=imap_host,
        smtp_host=smtp_host,
        smtp_port=587 if starttls else 465,
        smtp_security=Security.STARTTLS if starttls else Security.TLS,
        files_sent=files_sent,
        hint=hint,
    )


_GMAIL = _provider("Gmail", "imap.gmail.com", "smtp.gmail.com", files_sent=True, hint=_APP_PASSWORD)
_OUTLOOK = _provider(
    "Outlook",
    "outlook.office365.com",
    "smtp.office365.com",
    starttls=True,
    files_sent=True,
    hint=_OFFICE,
)
_YAHOO = _provider("Yahoo", "imap.mail.yahoo.com", "smtp.mail.yahoo.com", hint=_APP_PASSWORD)
_ICLOUD = _provider(
    "iCloud", "imap.mail.me.com", "smtp.mail.me.com", starttls=True, hint=_APP_PASSWORD
)
_YANDEX = _provider("Yandex", "imap.yandex.com", "smtp.yandex.com", hint=_APP_PASSWORD)
_MAIL_RU = _provider("Mail.ru", "imap.mail.ru", "smtp.mail.ru", hint=_APP_PASSWORD)
_GMX = _provider("GMX", "imap.gmx.net", "mail.gmx.net", hint=_SWITCH_ON)
_GMX_COM = _provider("GMX", "imap.gmx.com", "mail.gmx.com", hint=_SWITCH_ON)
_WEB_DE = _provider("WEB.DE", "imap.web.de", "smtp.web.de", starttls=True, hint=_SWITCH_ON)
_FASTMAIL = _provider("Fastmail", "imap.fastmail.com", "smtp.fastmail.com", hint=_APP_PASSWORD)
_ZOHO = _provider("Zoho", "imap.zoho.com", "smtp.zoho.com", hint=_SWITCH_ON)
_ZOHO_EU = _provider("Zoho", "imap.zoho.eu", "smtp.zoho.eu", hint=_SWITCH_ON)
_AOL = _provider("AOL", "imap.aol.com", "smtp.aol.com", hint=_APP_PASSWORD)
_T_ONLINE = _provider("T-Online", "secureimap.t-online.de", "securesmtp.t-online.de")
_IONOS = _provider("IONOS", "imap.ionos.com", "smtp.ionos.com")
_ORANGE = _provider("Orange", "imap.orange.fr", "smtp.orange.fr")
_FREE = _provider("Free", "imap.free.fr", "smtp.free.fr")
_LAPOSTE = _provider("La Poste", "imap.laposte.net", "smtp.laposte.net")
_LIBERO = _provider("Libero", "imapmail.libero.it", "smtp.libero.it")
_SEZNAM = _provider("Seznam", "imap.seznam.cz", "smtp.seznam.cz")
_WP = _provider("WP", "imap.wp.pl", "smtp.wp.pl", hint=_SWITCH_ON)
_FREENET = _provider("freenet", "mx.freenet.de", "mx.freenet.de")
_MAILBOX_ORG = _provider("mailbox.org", "imap.mailbox.org", "smtp.mailbox.org")
_POSTEO = _provider("Posteo", "posteo.de", "posteo.de")
_MYNET = _provider("Mynet", "imap.mynet.com", "smtp.mynet.com")

_DOMAINS = (
    (_GMAIL, "gmail.com googlemail.com"),
    (_OUTLOOK, "outlook.com outlook.de outlook.com.tr outlook.fr outlook.es office365.com"),
    (_OUTLOOK, "hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.com.tr"),
    (_OUTLOOK, "live.com live.de live.nl msn.com windowslive.com"),
    (_YAHOO, "yahoo.com yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.co.uk yahoo.com.tr yahoo.com.br"),
    (_YAHOO, "ymail.com rocketmail.com"),
    (_ICLOUD, "icloud.com me.com mac.com"),
    (_YANDEX, "yandex.com yandex.ru yandex.com.tr ya.ru"),
    (_MAIL_RU, "mail.ru inbox.ru list.ru bk.ru"),
    (_GMX, "gmx.de gmx.net gmx.at gmx.ch"),
    (_GMX_COM, "gmx.com gmx.co.uk mail.com"),
    (_WEB_DE, "web.de"),
    (_FASTMAIL, "fastmail.com fastmail.fm"),
    (_ZOHO, "zoho.com zohomail.com"),
    (_ZOHO_EU, "zoho.eu zohomail.eu"),
    (_AOL, "aol.com"),
    (_T_ONLINE, "t-online.de magenta.de"),
    (_IONOS, "ionos.com 1und1.de online.de onlinehome.de"),
    (_ORANGE, "orange.fr wanadoo.fr"),
    (_FREE, "free.fr"),
    (_LAPOSTE, "laposte.net"),
    (_LIBERO, "libero.it iol.it inwind.it"),
    (_SEZNAM, "seznam.cz email.cz post.cz"),
    (_WP, "wp.pl"),
    (_FREENET, "freenet.de"),
    (_MAILBOX_ORG, "mailbox.org"),
    (_POSTEO, "posteo.de posteo.net"),
    (_MYNET, "mynet.com"),
)
_BY_DOMAIN = {domain: provider for provider, domains in _DOMAINS for domain in domains.split()}
_FILES_SENT_BY_HOST = frozenset(
    provider.smtp_host for provider in _BY_DOMAIN.values() if provider.files_sent
)


def find(address: str) -> ProviderSettings | None:
    """Return what is known about the provider of `address`, None where it is not in the table."""
    return _BY_DOMAIN.get(domain_of(address))


def guess(address: str) -> ProviderSettings:
    """Return the settings most providers of an own domain use; to be checked before saving."""
    domain = domain_of(address)
    return ProviderSettings(
        title=domain,
        imap_host=f"imap.{domain}",
        smtp_host=f"smtp.{domain}",
        known=False,
    )


def files_sent_itself(smtp_host: str) -> bool:
    """Tell whether mail sent through this server appears in Sent without our doing."""
    return smtp_host.lower().rstrip(".") in _FILES_SENT_BY_HOST
