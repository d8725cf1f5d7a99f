"""Which folders of a mailbox are read, and what each is for (rule O7). Pure.

The server says so by SPECIAL-USE (RFC 6154); where it does not, well-known names decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desktop_inbox.connectors.contract import FolderRole
from desktop_inbox.connectors.email.answers import ListedFolder
from desktop_inbox.domain.folding import fold

_ORDER = (FolderRole.INBOX, FolderRole.SENT, FolderRole.ARCHIVE, FolderRole.OTHER)
_UNUSABLE = frozenset({"noselect", "nonexistent"})
# Never read: what is not sent yet, thrown away or unwanted, and views of other folders.
_NEVER = frozenset({"drafts", "trash", "junk"})
_VIEWS = frozenset({"all", "flagged", "important"})

_NAMES: dict[str, tuple[str, ...]] = {
    "sent": (
        "Sent", "Sent Items", "Sent Mail", "Sent Messages", "Sent-Mail",
        "Gönderilmiş Öğeler", "Gönderilenler", "Gönderilmiş", "Gönderilmiş Postalar",
        "Gesendet", "Gesendete Objekte", "Gesendete Elemente", "Gesendete Nachrichten",
        "Envoyés", "Éléments envoyés", "Messages envoyés", "Courrier envoyé",
        "Enviados", "Elementos enviados", "Itens enviados", "Mensajes enviados",
        "Inviata", "Posta inviata", "Elementi inviati",
        "Verzonden", "Verzonden items", "Verzonden berichten",
        "Wysłane", "Elementy wysłane", "Skickat", "Skickade objekt", "Sendt", "Sendte elementer",
        "Lähetetyt", "Отправленные", "Надіслані", "Απεσταλμένα", "已发送", "已发送邮件",
        "寄件備份", "已傳送郵件", "送信済み", "送信済みアイテム", "送信済みメール",
        "보낸 편지함", "보낸편지함",
    ),
    "drafts": (
        "Drafts", "Draft", "Taslaklar", "Taslak", "Entwürfe", "Brouillons", "Borradores",
        "Rascunhos", "Bozze", "Concepten", "Kopie robocze", "Szkice", "Utkast", "Luonnokset",
        "Черновики", "Чернетки", "Πρόχειρα", "草稿", "草稿箱", "下書き",
        "임시 보관함", "임시보관함",
    ),
    "trash": (
        "Trash", "Deleted", "Deleted Items", "Deleted Messages", "Bin",
        "Çöp", "Çöp Kutusu", "Silinmiş Öğeler", "Silinmiş", "Silinenler",
        "Papierkorb", "Gelöschte Objekte", "Gelöschte Elemente", "Gelöscht",
        "Corbeille", "Éléments supprimés", "Papelera", "Elementos eliminados", "Eliminados",
        "Lixeira", "Itens excluídos", "Cestino", "Posta eliminata", "Prullenbak",
        "Verwijderde items", "Kosz", "Elementy usunięte", "Papperskorgen", "Papirkurv",
        "Roskakori", "Корзина", "Удаленные", "Кошик", "Κάδος απορριμμάτων", "已删除",
        "已删除邮件", "垃圾桶", "ゴミ箱", "削除済みアイテム", "휴지통",
    ),
    "junk": (
        "Junk", "Junk E-mail", "Junk Email", "Spam", "Bulk Mail", "Bulk",
        "Gereksiz", "Gereksiz E-posta", "Önemsiz", "Önemsiz E-posta", "İstenmeyen",
        "İstenmeyen Posta", "Spamverdacht", "Unerwünscht", "Junk-E-Mail",
        "Indésirables", "Courrier indésirable", "Pourriel", "Correo no deseado", "No deseado",
        "Lixo eletrônico", "Posta indesiderata", "Ongewenste e-mail", "Wiadomości-śmieci",
        "Skräppost", "Søppelpost", "Roskaposti", "Спам", "Ανεπιθύμητα", "垃圾邮件", "垃圾郵件",
        "迷惑メール", "스팸", "스팸메일함",
    ),
    "archive": (
        "Archive", "Archives", "Arşiv", "Archiv", "Archivé", "Archivo", "Arquivo", "Archivio",
        "Archief", "Archiwum", "Arkiv", "Arkisto", "Архив", "Архів", "Αρχείο", "归档", "封存",
        "アーカイブ", "보관함",
    ),
}  # fmt: skip
_USE_BY_NAME = {fold(name): use for use, names in _NAMES.items() for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFolder:
    """A folder that is read."""

    name: str
    wire_name: bytes
    role: FolderRole
    everything: bool = False  # Gmail's All Mail: read without what other folders hold


def choose_folders(
    listed: Sequence[ListedFolder],
    *,
    gmail: bool = False,
    foreign_prefixes: Iterable[bytes] = (),
) -> list[MailFolder]:
    """Return the folders to read, the inbox first, then Sent, Archive and the rest by name.

    With `gmail`, labels are not read one by one: All Mail holds each message once. Folders under
    `foreign_prefixes` belong to other people and are left alone.
    """
    prefixes = tuple(foreign_prefixes)
    own = [
        folder
        for folder in listed
        if not (folder.attributes & _UNUSABLE)
        and not (prefixes and folder.wire_name.startswith(prefixes))
    ]
    uses = {folder.wire_name: _use(folder, own) for folder in own}
    hidden = [folder for folder in own if uses[folder.wire_name] in _NEVER]
    chosen: dict[str, MailFolder] = {}
    for folder in own:
        use = uses[folder.wire_name]
        if use in _NEVER or _is_below(folder, hidden):
            continue
        if use in _VIEWS and not (gmail and use == "all"):
            continue
        if gmail and use not in ("inbox", "sent", "all"):
            continue
        role = _role(use)
        chosen.setdefault(
            folder.name,
            MailFolder(
                name=folder.name, wire_name=folder.wire_name, role=role, everything=use == "all"
            ),
        )
    return sorted(chosen.values(), key=lambda one: (_ORDER.index(one.role), one.name))


def find_use(listed: Sequence[ListedFolder], use: str) -> ListedFolder | None:
    """Return the folder for "sent", "drafts" and so on, by SPECIAL-USE, else by name."""
    usable = [folder for folder in listed if not (folder.attributes & _UNUSABLE)]
    for folder in usable:
        if _use(folder, usable) == use:
            return folder
    return None


def place_for(name: str, listed: Sequence[ListedFolder]) -> str:
    """Return where a new folder goes: below the inbox on servers that keep all folders there."""
    others = [one for one in listed if one.name.upper() != "INBOX"]
    separator = next((one.separator for one in listed if one.separator), "")
    below = f"INBOX{separator}"
    if separator and others and all(one.name.upper().startswith(below) for one in others):
        return below + name
    return name


def role_by_name(name: str) -> FolderRole:
    """Return what a folder of this name is for in most mailboxes."""
    return _role(_USE_BY_NAME.get(fold(name), ""))


def _use(folder: ListedFolder, all_folders: Sequence[ListedFolder]) -> str:
    if folder.name.upper() == "INBOX":
        return "inbox"
    for use in (*_NAMES, *_VIEWS):
        if use in folder.attributes:
            return use
    use = _USE_BY_NAME.get(fold(_last_part(folder)), "")
    if not use or any(use in other.attributes for other in all_folders):
        return ""  # an ordinary folder; the server has named another one for this
    return use


def _last_part(folder: ListedFolder) -> str:
    if not folder.separator:
        return folder.name
    parent, _, last = folder.name.rpartition(folder.separator)
    # Somebody's own folder deep in a tree may be called anything; below the inbox it is usual.
    return last if parent.upper() in ("", "INBOX", "[GMAIL]", "[GOOGLE MAIL]") else ""


def _is_below(folder: ListedFolder, hidden: Sequence[ListedFolder]) -> bool:
    return any(
        other.separator and folder.name.startswith(other.name + other.separator) for other in hidden
    )


def _role(use: str) -> FolderRole:
    if use == "all":
        return FolderRole.ARCHIVE
    try:
        return FolderRole(use)
    except ValueError:
        return FolderRole.OTHER
