"""Settings of common mail providers, by the domain of an address. Pure.

Our own table, from the providers' public help pages; whatever it says is checked by really
connecting before an account is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Hint(StrEnum):
    """What a person must know before the password works; worded by the interface."""

    NONE = ""
    APP_PASSWORD = "app_password"  # noqa: S105 - the normal password is refused
    OAUTH_ONLY = "oauth_only"  # passwords are no longer accepted at all
    ENABLE_IMAP = "enable_imap"  # must be switched on in the provider's web pages
    BRIDGE = "bridge"  # the provider's own program must run on this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """How one provider is reached."""

    name: str
    imap_host: str
    imap_port: int = 993
    imap_security: str = "tls"
    smtp_host: str
    smtp_port: int = 465
    smtp_security: str = "tls"
    hint: Hint = Hint.NONE
    help_url: str = ""  # where the provider explains the hint
    files_sent_mail: bool = False  # puts a copy into Sent by itself
    oauth: str = ""  # who signs people in through the browser, as connectors.oauth calls them

    @property
    def settings(self) -> dict[str, str]:
        """The account fields this fills in."""
        return {
            "imap_host": self.imap_host,
            "imap_port": str(self.imap_port),
            "imap_security": self.imap_security,
            "smtp_host": self.smtp_host,
            "smtp_port": str(self.smtp_port),
            "smtp_security": self.smtp_security,
        }


def find(address: str) -> ProviderSettings | None:
    """Return the provider of an address, None where the table does not know it."""
    domain = _domain(address)
    provider = _BY_DOMAIN.get(domain)
    if provider is not None:
        return provider
    # Providers with a domain a country: yahoo.com.tr, outlook.de, hotmail.co.uk
    family = domain.partition(".")[0]
    return _FAMILIES.get(family) if _is_family_domain(domain) else None


def by_exchange(host: str) -> ProviderSettings | None:
    """Return the provider whose server takes a domain's mail (its MX), None for an unknown one."""
    name = host.rstrip(".").lower()
    for ending, provider in _EXCHANGES:
        if name == ending or name.endswith("." + ending):
            return provider
    return None


def by_server(imap_host: str) -> ProviderSettings | None:
    """Return the provider that an IMAP server belongs to, None for an unknown one."""
    return _BY_SERVER.get(imap_host.lower())


def guess(address: str) -> ProviderSettings | None:
    """Return what most providers use, for an address nobody knows; None where there is no domain.

    A guess is only ever tried with certificate checks on.
    """
    domain = _domain(address)
    if "." not in domain:
        return None
    return ProviderSettings(name=domain, imap_host=f"imap.{domain}", smtp_host=f"smtp.{domain}")


def files_sent_mail(smtp_host: str) -> bool:
    """Whether mail sent through this server appears in Sent by itself."""
    host = smtp_host.lower().rstrip(".")
    return any(host == known or host.endswith("." + known) for known in _FILING_HOSTS)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".").lower()


def _is_family_domain(domain: str) -> bool:
    family, _, rest = domain.partition(".")
    parts = rest.split(".")
    return family in _FAMILIES and (
        (len(parts) == 1 and (len(parts[0]) == 2 or parts[0] == "com"))
        or (len(parts) == 2 and parts[0] in ("co", "com") and len(parts[1]) == 2)
    )


_GMAIL = ProviderSettings(
    name="Gmail",
    imap_host="imap.gmail.com",
    smtp_host="smtp.gmail.com",
    hint=Hint.APP_PASSWORD,
    help_url="https://support.google.com/accounts/answer/185833",
    files_sent_mail=True,
    oauth="google",
)
_WORKSPACE = replace(_GMAIL, name="Google Workspace")
_OUTLOOK = ProviderSettings(
    name="Outlook.com",
    imap_host="outlook.office365.com",
    smtp_host="smtp-mail.outlook.com",
    smtp_port=587,
    smtp_security="starttls",
    hint=Hint.OAUTH_ONLY,
    files_sent_mail=True,
    oauth="microsoft",
)
_OFFICE = ProviderSettings(
    name="Microsoft 365",
    imap_host="outlook.office365.com",
    smtp_host="smtp.office365.com",
    smtp_port=587,
    smtp_security="starttls",
    hint=Hint.OAUTH_ONLY,
    files_sent_mail=True,
    oauth="microsoft",
)
_YAHOO = ProviderSettings(
    name="Yahoo",
    imap_host="imap.mail.yahoo.com",
    smtp_host="smtp.mail.yahoo.com",
    hint=Hint.APP_PASSWORD,
    help_url="https://help.yahoo.com/kb/SLN15241.html",
    files_sent_mail=True,
)
_AOL = ProviderSettings(
    name="AOL",
    imap_host="imap.aol.com",
    smtp_host="smtp.aol.com",
    hint=Hint.APP_PASSWORD,
    files_sent_mail=True,
)
_ICLOUD = ProviderSettings(
    name="iCloud",
    imap_host="imap.mail.me.com",
    smtp_host="smtp.mail.me.com",
    smtp_port=587,
    smtp_security="starttls",
    hint=Hint.APP_PASSWORD,
    help_url="https://support.apple.com/102654",
)
_YANDEX = ProviderSettings(
    name="Yandex",
    imap_host="imap.yandex.com",
    smtp_host="smtp.yandex.com",
    hint=Hint.APP_PASSWORD,
)
_GMX = ProviderSettings(
    name="GMX",
    imap_host="imap.gmx.net",
    smtp_host="mail.gmx.net",
    hint=Hint.ENABLE_IMAP,
)
_GMX_COM = ProviderSettings(
    name="GMX", imap_host="imap.gmx.com", smtp_host="mail.gmx.com", hint=Hint.ENABLE_IMAP
)
_WEB_DE = ProviderSettings(
    name="WEB.DE",
    imap_host="imap.web.de",
    smtp_host="smtp.web.de",
    smtp_port=587,
    smtp_security="starttls",
    hint=Hint.ENABLE_IMAP,
)
_TELEKOM = ProviderSettings(
    name="Telekom",
    imap_host="secureimap.t-online.de",
    smtp_host="securesmtp.t-online.de",
    hint=Hint.APP_PASSWORD,
)
_ZOHO = ProviderSettings(
    name="Zoho", imap_host="imap.zoho.com", smtp_host="smtp.zoho.com", hint=Hint.ENABLE_IMAP
)
_ZOHO_EU = ProviderSettings(
    name="Zoho", imap_host="imap.zoho.eu", smtp_host="smtp.zoho.eu", hint=Hint.ENABLE_IMAP
)
_FASTMAIL = ProviderSettings(
    name="Fastmail",
    imap_host="imap.fastmail.com",
    smtp_host="smtp.fastmail.com",
    hint=Hint.APP_PASSWORD,
    help_url="https://www.fastmail.help/hc/en-us/articles/360058752854",
)
_MAIL_RU = ProviderSettings(
    name="Mail.ru",
    imap_host="imap.mail.ru",
    smtp_host="smtp.mail.ru",
    hint=Hint.APP_PASSWORD,
)
_IONOS = ProviderSettings(name="IONOS", imap_host="imap.ionos.com", smtp_host="smtp.ionos.com")
_IONOS_DE = ProviderSettings(name="IONOS", imap_host="imap.ionos.de", smtp_host="smtp.ionos.de")
_STRATO = ProviderSettings(name="STRATO", imap_host="imap.strato.de", smtp_host="smtp.strato.de")
_OVH = ProviderSettings(name="OVHcloud", imap_host="ssl0.ovh.net", smtp_host="ssl0.ovh.net")
_ORANGE = ProviderSettings(name="Orange", imap_host="imap.orange.fr", smtp_host="smtp.orange.fr")
_LAPOSTE = ProviderSettings(
    name="La Poste", imap_host="imap.laposte.net", smtp_host="smtp.laposte.net"
)
_FREE_FR = ProviderSettings(name="Free", imap_host="imap.free.fr", smtp_host="smtp.free.fr")
_SFR = ProviderSettings(name="SFR", imap_host="imap.sfr.fr", smtp_host="smtp.sfr.fr")
_LIBERO = ProviderSettings(
    name="Libero", imap_host="imapmail.libero.it", smtp_host="smtp.libero.it"
)
_VIRGILIO = ProviderSettings(
    name="Virgilio", imap_host="in.virgilio.it", smtp_host="out.virgilio.it"
)
_POSTEO = ProviderSettings(name="Posteo", imap_host="posteo.de", smtp_host="posteo.de")
_MAILBOX_ORG = ProviderSettings(
    name="mailbox.org", imap_host="imap.mailbox.org", smtp_host="smtp.mailbox.org"
)
_FREENET = ProviderSettings(name="freenet", imap_host="mx.freenet.de", smtp_host="mx.freenet.de")
_SEZNAM = ProviderSettings(name="Seznam", imap_host="imap.seznam.cz", smtp_host="smtp.seznam.cz")
_WP = ProviderSettings(name="WP", imap_host="imap.wp.pl", smtp_host="smtp.wp.pl")
_ONET = ProviderSettings(
    name="Onet", imap_host="imap.poczta.onet.pl", smtp_host="smtp.poczta.onet.pl"
)
_BLUEWIN = ProviderSettings(
    name="Bluewin", imap_host="imaps.bluewin.ch", smtp_host="smtpauths.bluewin.ch"
)
_QQ = ProviderSettings(
    name="QQ", imap_host="imap.qq.com", smtp_host="smtp.qq.com", hint=Hint.APP_PASSWORD
)
_NETEASE = ProviderSettings(
    name="NetEase", imap_host="imap.163.com", smtp_host="smtp.163.com", hint=Hint.APP_PASSWORD
)
_NAVER = ProviderSettings(
    name="Naver", imap_host="imap.naver.com", smtp_host="smtp.naver.com", hint=Hint.ENABLE_IMAP
)
_MYNET = ProviderSettings(name="Mynet", imap_host="imap.mynet.com", smtp_host="smtp.mynet.com")
_NATRO = ProviderSettings(
    name="Natro", imap_host="mail.kurumsaleposta.com", smtp_host="mail.kurumsaleposta.com"
)
_TURKTICARET = ProviderSettings(
    name="Turkticaret.net", imap_host="imap.turkticaret.net", smtp_host="smtp.turkticaret.net"
)
_TTMAIL = ProviderSettings(
    name="Türk Telekom", imap_host="imap.ttmail.com", smtp_host="smtp.ttmail.com"
)
_PROTON = ProviderSettings(
    name="Proton Mail",
    imap_host="127.0.0.1",
    imap_port=1143,
    imap_security="starttls",
    smtp_host="127.0.0.1",
    smtp_port=1025,
    smtp_security="starttls",
    hint=Hint.BRIDGE,
    help_url="https://proton.me/mail/bridge",
)

_DOMAINS: tuple[tuple[ProviderSettings, str], ...] = (
    (_GMAIL, "gmail.com googlemail.com"),
    (_OUTLOOK, "outlook.com hotmail.com live.com msn.com passport.com windowslive.com"),
    (_OFFICE, "office365.com onmicrosoft.com microsoft.com"),
    (_YAHOO, "yahoo.com ymail.com rocketmail.com myyahoo.com"),
    (_AOL, "aol.com aim.com aol.de aol.fr aol.co.uk"),
    (_ICLOUD, "icloud.com me.com mac.com"),
    (_YANDEX, "yandex.com yandex.com.tr yandex.ru yandex.by yandex.kz ya.ru"),
    (_GMX, "gmx.de gmx.net gmx.at gmx.ch"),
    (_GMX_COM, "gmx.com gmx.us gmx.co.uk gmx.fr gmx.es mail.com email.com"),
    (_WEB_DE, "web.de"),
    (_TELEKOM, "t-online.de magenta.de"),
    (_ZOHO, "zoho.com zohomail.com"),
    (_ZOHO_EU, "zoho.eu zohomail.eu"),
    (_FASTMAIL, "fastmail.com fastmail.fm fastmail.org sent.com messagingengine.com"),
    (_MAIL_RU, "mail.ru bk.ru list.ru inbox.ru internet.ru"),
    (_IONOS, "ionos.com 1and1.com"),
    (_IONOS_DE, "ionos.de online.de onlinehome.de 1und1.de"),
    (_STRATO, "strato.de"),
    (_OVH, "ovh.net ovh.com"),
    (_ORANGE, "orange.fr wanadoo.fr"),
    (_LAPOSTE, "laposte.net"),
    (_FREE_FR, "free.fr"),
    (_SFR, "sfr.fr neuf.fr"),
    (_LIBERO, "libero.it inwind.it iol.it blu.it giallo.it"),
    (_VIRGILIO, "virgilio.it tin.it alice.it"),
    (_POSTEO, "posteo.de posteo.net posteo.at posteo.ch posteo.eu posteo.org"),
    (_MAILBOX_ORG, "mailbox.org"),
    (_FREENET, "freenet.de"),
    (_SEZNAM, "seznam.cz email.cz post.cz spoluzaci.cz"),
    (_WP, "wp.pl"),
    (_ONET, "onet.pl onet.eu op.pl vp.pl poczta.onet.pl"),
    (_BLUEWIN, "bluewin.ch"),
    (_QQ, "qq.com foxmail.com"),
    (_NETEASE, "163.com 126.com"),
    (_NAVER, "naver.com"),
    (_MYNET, "mynet.com"),
    (_NATRO, "natro.com kurumsaleposta.com"),
    (_TURKTICARET, "turkticaret.net"),
    (_TTMAIL, "ttmail.com ttnet.net.tr"),
    (_PROTON, "proton.me protonmail.com protonmail.ch pm.me"),
)
_BY_DOMAIN: Mapping[str, ProviderSettings] = {
    domain: provider for provider, domains in _DOMAINS for domain in domains.split()
}
_BY_SERVER: Mapping[str, ProviderSettings] = {
    provider.imap_host: provider
    for provider, _domains in reversed(_DOMAINS)
    if provider.hint is not Hint.BRIDGE  # its address is this computer, and no sign of anybody
}
_FAMILIES: Mapping[str, ProviderSettings] = {
    "outlook": _OUTLOOK,
    "hotmail": _OUTLOOK,
    "live": _OUTLOOK,
    "yahoo": _YAHOO,
}
# Where the mail of a shop's own domain goes, by the end of the exchange's name.
_EXCHANGES: tuple[tuple[str, ProviderSettings], ...] = (
    ("google.com", _WORKSPACE),
    ("googlemail.com", _WORKSPACE),
    ("mail.protection.outlook.com", _OFFICE),
    ("mx.microsoft", _OFFICE),
    ("mx.yandex.net", _YANDEX),
    ("mx.yandex.ru", _YANDEX),
    ("zoho.eu", _ZOHO_EU),
    ("zoho.com", _ZOHO),
    ("messagingengine.com", _FASTMAIL),
    ("mail.icloud.com", _ICLOUD),
    ("mail.ru", _MAIL_RU),
    ("ionos.com", _IONOS),
    ("ionos.de", _IONOS_DE),
    ("kundenserver.de", _IONOS_DE),
    ("rzone.de", _STRATO),
    ("ovh.net", _OVH),
    ("mailbox.org", _MAILBOX_ORG),
    ("posteo.de", _POSTEO),
    ("kurumsaleposta.com", _NATRO),
    ("turkticaret.net", _TURKTICARET),
    ("protonmail.ch", _PROTON),
)
_FILING_HOSTS = tuple(
    {
        *(provider.smtp_host for provider, _ in _DOMAINS if provider.files_sent_mail),
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "office365.com",
    }
)
