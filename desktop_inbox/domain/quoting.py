"""What of a plain-text reply is new: quoted history and signature told apart, never deleted.

Pure text rules, linear in the length: a line is looked at a bounded number of times. What mail
programs write above quoted history lies in one table, a row a language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text in three: `visible` is never empty where the text is not."""

    visible: str
    quoted: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    """How mail programs set to one language announce history. All in lower case.

    `wrote` are the verbs of an attribution; the five label tuples stand before the colons of a
    header block; `original` stands between dashes; `mobile` begins or makes up a line that a
    telephone adds (regular expressions).
    """

    wrote: tuple[str, ...]
    sender: tuple[str, ...]
    sent: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    original: tuple[str, ...] = ()
    mobile: tuple[str, ...] = ()


_LANGUAGES = {
    "en": _Language(
        wrote=("wrote", "writes", "has written"),
        sender=("from",),
        sent=("sent", "date", "sent at", "date sent"),
        to=("to",),
        cc=("cc", "bcc", "reply-to"),
        subject=("subject",),
        original=("original message", "forwarded message", "original appointment", "reply message",
                  "forwarded by me", "original e-mail", "original email"),
        mobile=(r"sent from (?:my|a|mail|outlook|yahoo|aol|proton|samsung|the|myself)\b",
                r"get outlook for\b", r"sent (?:via|using|with) (?:the )?[\w .]{2,40}\Z",
                r"sent from [\w .]{2,40}(?:\Z|<|\()"),
    ),
    "tr": _Language(
        wrote=("yazdı", "yazmış", "yazdi"),
        sender=("kimden", "gönderen", "gonderen"),
        sent=("gönderildi", "gönderilme tarihi", "gönderme tarihi", "gönderim tarihi", "tarih",
              "gonderildi", "tarihi"),
        to=("kime", "alıcı", "alıcılar"),
        cc=("bilgi", "gizli", "bilgi (cc)"),
        subject=("konu",),
        original=("orijinal mesaj", "özgün ileti", "özgün mesaj", "orijinal ileti", "asıl mesaj",
                  "yönlendirilmiş mesaj", "yönlendirilen mesaj", "yönlendirilmiş ileti",
                  "yönlendirilen ileti", "iletilmiş mesaj", "iletilen mesaj", "iletilen ileti",
                  "iletilmiş ileti"),
        mobile=(r".{2,60}(?:dan|den|tan|ten)\s+gönderildi\.?\Z", r".{0,40}için outlook\b",
                r"outlook for \w+ (?:edinin|indirin)"),
    ),
    "de": _Language(
        wrote=("schrieb", "schrieben", "hat geschrieben", "schreibt", "geschrieben"),
        sender=("von", "absender"),
        sent=("gesendet", "datum", "verschickt", "gesendet am"),
        to=("an", "empfänger"),
        cc=("kopie", "cc", "antwort an"),
        subject=("betreff", "betrifft"),
        original=("ursprüngliche nachricht", "originalnachricht", "original-nachricht",
                  "weitergeleitete nachricht", "originaltermin", "ursprungsnachricht",
                  "original nachricht"),
        mobile=(r"von meine[mr] .{2,40} gesendet", r"gesendet (?:von|mit|via|über) ",
                r"diese nachricht wurde von meine[mr] ", r"outlook für (?:ios|android)",
                r"holen sie sich outlook", r"laden sie outlook"),
    ),
    "fr": _Language(
        wrote=("a écrit", "écrivait", "a ecrit", "écrit"),
        sender=("de", "expéditeur"),
        sent=("envoyé", "envoyé le", "date", "message du", "envoyé à"),
        to=("à", "a", "pour", "destinataire"),
        cc=("copie à", "copie", "répondre à"),
        subject=("objet", "sujet"),
        original=("message d'origine", "message d’origine", "message original", "message initial",
                  "message transféré", "mail original", "e-mail d'origine", "message de départ"),
        mobile=(r"envoyé (?:de|depuis|à partir d[eu]|via|par|avec) ",
                r"(?:télécharge[rz]?|obten(?:ez|ir)) outlook"),
    ),
    "es": _Language(
        wrote=("escribió", "escribio", "ha escrito", "escribe"),
        sender=("de", "remitente"),
        sent=("enviado", "enviado el", "fecha", "enviada el"),
        to=("para", "destinatario"),
        cc=("copia",),
        subject=("asunto",),
        original=("mensaje original", "mensaje reenviado", "mensaje enviado", "correo original"),
        mobile=(r"enviado (?:desde|con|vía|por) ", r"(?:obtener|obtenga|descargar?) outlook"),
    ),
    "it": _Language(
        wrote=("ha scritto", "scrive", "scriveva"),
        sender=("da", "mittente"),
        sent=("inviato", "data", "inviata", "inviato il"),
        to=("a", "per", "destinatario"),
        cc=("cc", "risposta", "rispondi a"),
        subject=("oggetto",),
        original=("messaggio originale", "messaggio inoltrato", "messaggio originario"),
        mobile=(r"inviato (?:da|dal|con|tramite) ", r"(?:scarica|ottieni) outlook"),
    ),
    "pt": _Language(
        wrote=("escreveu", "escreve"),
        sender=("de", "remetente"),
        sent=("enviado", "enviada", "enviado em", "enviada em", "data", "enviada a"),
        to=("para", "destinatário"),
        cc=("com cópia",),
        subject=("assunto",),
        original=("mensagem original", "mensagem encaminhada", "mensagem reencaminhada"),
        mobile=(r"enviad[oa] (?:do|da|de|a partir|via|pelo|com) ",
                r"(?:obter|baixar?) (?:o )?outlook"),
    ),
    "nl": _Language(
        wrote=("schreef", "heeft geschreven", "geschreven", "schreven"),
        sender=("van", "afzender"),
        sent=("verzonden", "datum", "verstuurd", "verzonden op"),
        to=("aan",),
        cc=("kopie",),
        subject=("onderwerp",),
        original=("oorspronkelijk bericht", "origineel bericht", "doorgestuurd bericht",
                  "oorspronkelijk bericht van"),
        mobile=(r"(?:verstuurd|verzonden) (?:vanaf|van|met|via|vanuit) ",
                r"(?:download|outlook voor) (?:outlook|ios|android)"),
    ),
    "pl": _Language(
        wrote=("napisał(a)", "napisał", "napisała", "pisze", "napisali", "napisano"),
        sender=("od", "nadawca"),
        sent=("wysłano", "wysłane", "data", "wysłany"),
        to=("do", "adresat"),
        cc=("dw", "udw", "kopia"),
        subject=("temat",),
        original=("wiadomość oryginalna", "oryginalna wiadomość", "wiadomość przekazana",
                  "przekazana wiadomość", "treść przekazanej wiadomości"),
        mobile=(r"wysłan[eoya] (?:z|ze|przez|za pomocą|za pośrednictwem) ",
                r"(?:pobierz|uzyskaj) outlook"),
    ),
    "ru": _Language(
        wrote=("написал(а)", "написал", "написала", "пишет", "писал(а)", "писал", "писала"),
        sender=("от", "отправитель", "от кого"),
        sent=("отправлено", "дата", "отправлен"),
        to=("кому", "получатель"),
        cc=("копия",),
        subject=("тема",),
        original=("исходное сообщение", "оригинальное сообщение", "пересылаемое сообщение",
                  "пересланное сообщение", "перенаправленное сообщение", "исходное письмо"),
        mobile=(r"отправлен[оаы]? (?:с|со|из|через|от) ", r"(?:получите|скачать) outlook"),
    ),
    "uk": _Language(
        wrote=("пише", "написав(-ла)", "написав(ла)", "написав", "написала", "писав"),
        sender=("від", "від кого", "відправник"),
        sent=("надіслано", "дата", "відправлено"),
        to=("кому", "одержувач"),
        cc=("копія",),
        subject=("тема",),
        original=("вихідне повідомлення", "оригінальне повідомлення", "переслане повідомлення",
                  "початкове повідомлення"),
        mobile=(r"(?:надіслано|відправлено) (?:з|із|зі|через|від) ",),
    ),
    "sv": _Language(
        wrote=("skrev", "har skrivit"),
        sender=("från", "avsändare"),
        sent=("skickat", "datum", "skickades"),
        to=("till",),
        cc=("kopia",),
        subject=("ämne", "rubrik"),
        original=("ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande",
                  "vidarebefordrat brev"),
        mobile=(r"skickat från ", r"(?:hämta|skaffa) outlook"),
    ),
    "da": _Language(
        wrote=("skrev", "skrev følgende", "skriver"),
        sender=("fra", "afsender"),
        sent=("sendt", "dato"),
        to=("til",),
        cc=("kopi",),
        subject=("emne",),
        original=("oprindelig meddelelse", "original meddelelse", "videresendt meddelelse",
                  "videresendt besked", "original besked"),
        mobile=(r"sendt fra ", r"(?:hent|få) outlook"),
    ),
    "no": _Language(
        wrote=("skrev", "skreiv", "skrev følgende"),
        sender=("fra", "frå"),
        sent=("sendt", "dato"),
        to=("til",),
        cc=("kopi",),
        subject=("emne",),
        original=("opprinnelig melding", "videresendt melding", "original melding",
                  "oppr. melding"),
        mobile=(r"sendt (?:fra|frå|med) ", r"(?:hent|last ned|skaff deg) outlook"),
    ),
    "fi": _Language(
        wrote=("kirjoitti",),
        sender=("lähettäjä",),
        sent=("lähetetty", "päivämäärä", "päiväys", "pvm", "lähetysaika"),
        to=("vastaanottaja", "vastaanottajat"),
        cc=("kopio",),
        subject=("aihe",),
        original=("alkuperäinen viesti", "edelleenlähetetty viesti", "välitetty viesti",
                  "edelleen lähetetty viesti"),
        mobile=(r"lähetetty .{2,40}(?:sta|stä|lta|ltä|ni)\b", r"(?:hanki|hae) outlook"),
    ),
    "cs": _Language(
        wrote=("napsal(a)", "napsal", "napsala", "píše", "napísal(a)", "napísal", "napísala"),
        sender=("od", "odesílatel", "odosielateľ"),
        sent=("odesláno", "datum", "odoslané", "dátum"),
        to=("komu", "příjemce"),
        cc=("kopie", "kópia"),
        subject=("předmět", "predmet"),
        original=("původní zpráva", "přeposlaná zpráva", "pôvodná správa", "původní e-mail",
                  "preposlaná správa", "předaná zpráva"),
        mobile=(r"odesláno (?:z|ze|pomocí|přes) ", r"odoslané (?:z|zo) ", r"získat outlook"),
    ),
    "hu": _Language(
        wrote=("ezt írta", "írta", "a következőt írta", "a következőket írta", "írt"),
        sender=("feladó", "küldő"),
        sent=("elküldve", "dátum", "küldve", "küldés ideje"),
        to=("címzett", "címzettek"),
        cc=("másolat", "másolatot kap"),
        subject=("tárgy",),
        original=("eredeti üzenet", "továbbított üzenet", "továbbított levél", "eredeti levél"),
        mobile=(r".{2,40}(?:ról|ről|ból|ből|val|vel) küldve\.?\Z", r"küldve .{2,40}(?:ról|ről)\b",
                r"(?:az )?outlook beszerzése"),
    ),
    "ro": _Language(
        wrote=("a scris", "scrie"),
        sender=("de la", "expeditor", "din"),
        sent=("trimis", "data", "dată", "trimis la"),
        to=("către", "catre", "la", "destinatar"),
        cc=("copie",),
        subject=("subiect",),
        original=("mesaj original", "mesajul original", "mesaj redirecționat",
                  "mesaj redirectionat"),
        mobile=(r"trimis (?:de pe|din|de|prin|cu) ", r"(?:obțineți|descărcați) outlook"),
    ),
    "el": _Language(
        wrote=("έγραψε", "εγραψε", "έγραψαν"),
        sender=("από", "απο"),
        sent=("στάλθηκε", "εστάλη", "ημερομηνία", "αποστολή"),
        to=("προς",),
        cc=("κοιν", "κοιν.", "κοινοποίηση"),
        subject=("θέμα",),
        original=("αρχικό μήνυμα", "προωθημένο μήνυμα", "αυθεντικό μήνυμα"),
        mobile=(r"(?:στάλθηκε|εστάλη|αποστολή) από ", r"αποκτήστε το outlook"),
    ),
    "ar": _Language(
        wrote=("كتب/ت", "كتب", "كتبت", "كتب/كتبت"),
        sender=("من", "المرسل"),
        sent=("تم الإرسال", "التاريخ", "أرسلت", "تاريخ", "الإرسال", "أُرسلت"),
        to=("إلى", "الى"),
        cc=("نسخة", "نسخه"),
        subject=("الموضوع", "موضوع"),
        original=("الرسالة الأصلية", "رسالة معاد توجيهها", "رسالة أصلية", "رسالة محولة"),
        mobile=(r"(?:مرسل|أرسلت|أُرسلت|تم الإرسال|أرسل|مُرسل|مرسلة) من ",
                r"(?:احصل على|الحصول على) outlook"),
    ),
    "he": _Language(
        wrote=("כתב/ה", "כתב", "כתבה", "כתב\u200f/ה", "\u200fכתב/ה"),
        sender=("מאת", "מ"),
        sent=("נשלח", "תאריך", "שליחה"),
        to=("אל", "ל"),
        cc=("עותק", "העתק"),
        subject=("נושא", "הנושא"),
        original=("הודעה מקורית", "הודעה שהועברה", "ההודעה המקורית"),
        mobile=(r"נשלח מ", r"השג את outlook", r"קבל את outlook"),
    ),
    "zh": _Language(
        wrote=("写道", "寫道", "写到", "撰寫", "编写", "寫到"),
        sender=("发件人", "寄件者", "寄件人", "发送人", "發件人"),
        sent=("发送时间", "发件时间", "日期", "寄件日期", "傳送時間", "时间", "時間", "已发送",
              "發送時間", "已傳送", "发送日期"),
        to=("收件人", "收件者"),
        cc=("抄送", "副本", "抄送人"),
        subject=("主题", "主題", "主旨"),
        original=("原始邮件", "原始郵件", "原始信件", "转发的邮件", "轉寄的郵件", "转发邮件信息",
                  "原邮件", "已转发邮件", "回复的原邮件", "轉寄郵件", "原始訊息"),
        mobile=(r"[发發]自我的", r"[从從]我的.{1,30}(?:发送|傳送|發送)", r"来自我的",
                r"[获取得]+ ?outlook",
                r"發送自", r"传送自", r"從.{1,20}傳送"),
    ),
    "ja": _Language(
        wrote=("は書きました", "書きました", "のメール", "のメッセージ", "さんは書きました",
               "より"),
        sender=("差出人", "送信者", "送信元"),
        sent=("送信日時", "日時", "日付", "送信日", "送信"),
        to=("宛先", "受信者"),
        cc=("写し",),
        subject=("件名",),
        original=("元のメッセージ", "転送されたメッセージ", "オリジナルメッセージ",
                  "転送メッセージ", "返信元メッセージ", "元のメール"),
        mobile=(r".{1,30}から送信", r".{1,20}版? ?outlook を(?:入手|取得)",
                r"outlook for .{2,12}を入手"),
    ),
    "ko": _Language(
        wrote=("작성", "님이 작성", "썼습니다", "님이 작성한 메시지", "쓴 글", "작성했습니다"),
        sender=("보낸 사람", "보낸사람", "보낸이", "발신"),
        sent=("보낸 날짜", "날짜", "보낸날짜", "보낸 시간", "발송"),
        to=("받는 사람", "받는사람", "받는이", "수신"),
        cc=("참조",),
        subject=("제목",),
        original=("원본 메시지", "원본 메일", "전달된 메시지", "전달된 메일", "원본 메세지",
                  "원문 메시지"),
        mobile=(r".{1,30}에서 (?:보냄|전송|보낸)", r".{1,12}용 outlook"),
    ),
}  # fmt: skip


# --- what the table compiles to ---------------------------------------------------------------


# What a line is.
_TEXT, _BLANK, _QUOTE, _ATTRIBUTION, _SIGNATURE, _HISTORY = range(6)
_ABOVE = frozenset({_BLANK, _QUOTE, _ATTRIBUTION, _SIGNATURE, _HISTORY})
_NEVER_SHOWN = frozenset({_ATTRIBUTION, _SIGNATURE, _HISTORY})
_FLOWING = frozenset({_TEXT, _BLANK})


def _alternatives(words: set[str]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


_CJK = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_VERBS = {verb for language in _LANGUAGES.values() for verb in language.wrote}
_SPACED = {verb for verb in _VERBS if not _CJK.search(verb)}
_WROTE = re.compile(
    rf"(?<!\w)(?:{_alternatives(_SPACED)})(?!\w)|(?:{_alternatives(_VERBS - _SPACED)})"
)
_ENDS_WITH_VERB = re.compile(rf"(?<!\w)(?:{_alternatives(_SPACED)})\s*-*\s*\Z")
_LONGEST_VERB = max(map(len, _SPACED)) + 2

_NO_CATEGORY: frozenset[str] = frozenset()
_LABELS: dict[str, frozenset[str]] = {}
for _language in _LANGUAGES.values():
    for _category, _words in (
        ("from", _language.sender),
        ("sent", _language.sent),
        ("to", _language.to),
        ("cc", _language.cc),
        ("subject", _language.subject),
    ):
        for _word in _words:
            _LABELS[_word] = _LABELS.get(_word, _NO_CATEGORY) | {_category}

_ORIGINALS = {phrase for language in _LANGUAGES.values() for phrase in language.original}
_MOBILE = re.compile(
    "|".join(pattern for language in _LANGUAGES.values() for pattern in language.mobile)
)

_QUOTE_MARK = re.compile(r"\s{0,3}>")
_BAR_MARK = re.compile(r"\|(?:\s|\Z)")
_INITIALS_MARK = re.compile(r"[A-Za-z]{1,10}>(?:\s|\Z)")
_LABELLED = re.compile(r"[\s>*_|]{0,20}([^\W\d_][^:：\n]{0,30}?)[\s*_]*[:：]")
_COLONS = (":", "：")
_MAY_SEPARATE = re.compile(r"[\s>*_]{0,20}[-_=]{2}")
_BETWEEN_DASHES = re.compile(
    r"[\s>*_]{0,20}[-_=]{2,60}\s*([^\W\d_][^\n]{2,60}?)\s*[:：]?\s*[-_=]{2,60}[\s*_]{0,20}\Z"
)
_BEGIN_FORWARDED = re.compile(
    r"\s*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)"
    r"|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado"
    r"|inizio messaggio inoltrato|begin doorgestuurd bericht|iletilen ileti başlangıcı"
    r"|iletilmiş ileti başlangıcı|转发的邮件|転送されたメッセージ)\s*[:：]\s*\Z"
)
_DELIMITER = re.compile(r"[\s\-_=*~#+ᐧ—–―]+\Z")
_SIGNATURE_MARK = re.compile(r"\s*(?:--|—|__+)\s*\Z")
_CLOSING = re.compile(
    r"(?:(?:best|kind|kindest|warm|warmest|many|with(?: (?:best|kind))?) )?regards[,.!]?\s*\Z"
)

_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\b\d{1,2}[:.h]\d{2}\b|\d年|\d月|년|월"
)
_ADDRESS = re.compile(r"[^\s<>\"'()]+@[^\s<>\"'()]+\.[^\s<>\"'()]+")
_GMAIL_ZONE = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S")
_STARTS_WITH_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")

_MAX_ATTRIBUTIONS = 1_000  # of a text that are looked for
_MAX_ATTRIBUTION_LINES = 6
_MAX_ATTRIBUTION_CHARS = 500
_HEADER_WINDOW = 12
_MAX_SIGNATURE_LINES = 30
_MAX_CLOSING_LINES = 6
_MAX_CLOSING_LINE = 60


def _lower(text: str) -> str:
    """Return text in lower case, with İ as the table has it."""
    return text.replace("İ", "i").lower()


# --- one line or a few ------------------------------------------------------------------------


def is_attribution(text: str) -> bool:
    """Tell whether `text` is what stands above a quotation: "On …, … wrote:"."""
    line = " ".join(text.split())
    if not line or len(line) > _MAX_ATTRIBUTION_CHARS:
        return False
    if _GMAIL_ZONE.match(line):
        return True
    lowered = _lower(line)
    has_address = bool(_ADDRESS.search(line))
    has_date = bool(_DATE.search(line))
    if line[-1] in ":：":
        if has_address and has_date:
            return True
        return bool(_WROTE.search(lowered)) and (has_address or has_date)
    return has_address and has_date and bool(_ENDS_WITH_VERB.search(lowered))


def starts_header_block(lines: list[str]) -> bool:
    """Tell whether `lines` begin with the header block of an answered or forwarded message."""
    return _is_block(lines, [_categories(line) for line in lines[:_HEADER_WINDOW]], 0)


def _is_block(lines: list[str], categories: list[frozenset[str]], start: int) -> bool:
    """Tell whether a header block starts at a line; `categories` are those of the lines."""
    if start >= len(categories) or not categories[start]:
        return False
    found: set[str] = set()
    has_address = False
    others = 0
    for index in range(start, min(len(categories), start + _HEADER_WINDOW)):
        line, here = lines[index], categories[index]
        if not line or line.isspace():
            continue
        if not here:
            # A long value runs on; more than that is no header block.
            others += 1
            if others > 2:
                break
        has_address = has_address or "@" in line
        fresh = here - found
        found |= {min(fresh)} if len(fresh) > 1 and "from" not in fresh else fresh
    if "from" not in found or len(found) < 3:
        return False
    return "subject" in found or has_address


def _categories(line: str) -> frozenset[str]:
    if ":" not in line and "：" not in line:
        return _NO_CATEGORY
    found = _LABELLED.match(line)
    return _LABELS.get(_lower(found[1]).strip(), _NO_CATEGORY) if found else _NO_CATEGORY


def _is_separator(line: str) -> bool:
    """Tell whether a line says "Original Message" between dashes, in any language."""
    if not _MAY_SEPARATE.match(line):
        return line.rstrip()[-1:] in _COLONS and bool(_BEGIN_FORWARDED.match(_lower(line)))
    found = _BETWEEN_DASHES.match(line)
    return found is not None and _lower(found[1]).strip(" *_") in _ORIGINALS


def _is_mobile(line: str) -> bool:
    text = _lower(line).strip(" \t*_[]")
    return 3 < len(text) < 160 and bool(_MOBILE.match(text))


# --- the whole text ---------------------------------------------------------------------------


def split_reply(text: str) -> Reply:
    """Part a plain-text message into what its author wrote, the history, and the signature.

    Quotations between which the author answered stay visible, as does everything of a text that
    is nothing but history.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    kinds = [_first_look(line) for line in lines]
    _mark_history(lines, kinds)
    _mark_trailing_initials(lines, kinds)
    _mark_signatures(lines, kinds)
    hidden = _hidden(lines, kinds)
    visible = _joined(lines, [not hide for hide in hidden])
    if not visible.strip():
        return Reply(visible=text.strip("\r\n") or text)
    return Reply(
        visible=visible,
        quoted=_joined(
            lines,
            [hide and kind != _SIGNATURE for hide, kind in zip(hidden, kinds, strict=True)],
        ),
        signature=_joined(lines, [kind == _SIGNATURE for kind in kinds]),
    )


def _first_look(line: str) -> int:
    if not line or line.isspace():
        return _BLANK
    return _QUOTE if ">" in line[:4] and _QUOTE_MARK.match(line) else _TEXT


def _joined(lines: list[str], keep: list[bool]) -> str:
    kept = [line for line, wanted in zip(lines, keep, strict=True) if wanted]
    return "\n".join(kept).strip("\n").rstrip()


def _mark_history(lines: list[str], kinds: list[int]) -> None:
    """Mark attributions, and everything from the first unmarked history on."""
    said = False  # something of the author's own stands above
    hopeful = _near_an_end(lines, kinds)
    categories = [_categories(line) for line in lines]
    index = 0
    while index < len(lines):
        if kinds[index] != _TEXT:
            index += 1
            continue
        if said and (_is_separator(lines[index]) or _is_block(lines, categories, index)):
            _mark(kinds, index, len(lines), _HISTORY)
            return
        end = _attribution_end(lines, kinds, index) if hopeful[index] else 0
        if not end:
            said = said or not _DELIMITER.match(lines[index])
            index += 1
            continue
        follows = _next_kind(lines, kinds, end)
        if follows == _TEXT and said:
            _mark(kinds, index, len(lines), _HISTORY)
            return
        _mark(kinds, index, end, _ATTRIBUTION)
        index = end


def _near_an_end(lines: list[str], kinds: list[int]) -> list[bool]:
    """Tell for each line whether an attribution that begins there could end soon enough."""
    hopeful = [False] * len(lines)
    last_address = -_MAX_ATTRIBUTION_LINES
    ends = 0
    for index, line in enumerate(lines):
        if "@" in line:
            last_address = index
        if kinds[index] == _BLANK:
            continue
        if _may_end(
            line.strip(),
            is_first=True,
            near_address=index - last_address < _MAX_ATTRIBUTION_LINES,
        ):
            ends += 1
            if ends > _MAX_ATTRIBUTIONS:
                break
            for above in range(max(0, index - _MAX_ATTRIBUTION_LINES + 1), index + 1):
                hopeful[above] = True
    return hopeful


def _mark(kinds: list[int], start: int, end: int, kind: int) -> None:
    for index in range(start, end):
        kinds[index] = kind


def _attribution_end(lines: list[str], kinds: list[int], index: int) -> int:
    """Return where the attribution that begins at `index` ends; 0 where none begins."""
    pieces: list[str] = []
    blanks = 0
    opened = 0  # angle brackets not closed yet
    for end in range(index, min(len(lines), index + _MAX_ATTRIBUTION_LINES)):
        if kinds[end] == _BLANK:
            blanks += 1
            # An address set off by empty lines is the only gap an attribution has.
            if blanks > 1 or not _opens_address(lines, end + 1):
                return 0
            continue
        line = lines[end].strip()
        if kinds[end] == _QUOTE and opened <= 0:
            return 0
        if len(line) > _MAX_ATTRIBUTION_CHARS:
            return 0
        opened += line.count("<") - line.count(">")
        pieces.append(line)
        if _may_end(line, is_first=end == index) and _is_whole(pieces, lines, kinds, end + 1):
            return end + 1
    return 0


def _opens_address(lines: list[str], index: int) -> bool:
    return index < len(lines) and lines[index].lstrip().startswith("<")


def _may_end(line: str, *, is_first: bool, near_address: bool = True) -> bool:
    if line[-1] in ":：-":
        return True
    if is_first and line[0].isdigit():
        return bool(_STARTS_WITH_DATE.match(line))
    return near_address and bool(_ENDS_WITH_VERB.search(_lower(line[-_LONGEST_VERB:])))


def _is_whole(pieces: list[str], lines: list[str], kinds: list[int], following: int) -> bool:
    joined = " ".join(pieces).strip("- ") if pieces[0].startswith("--") else " ".join(pieces)
    if joined.count("<") < joined.count(">"):
        return False
    if is_attribution(joined):
        return len(pieces) == 1 or _begins_well(pieces)
    if _next_kind(lines, kinds, following) != _QUOTE:
        return False
    # A quotation follows, so that less evidence is enough.
    if joined[-1] in ":：" and len(pieces) == 1:
        return bool(_WROTE.search(_lower(joined)))
    return bool(
        _STARTS_WITH_DATE.match(joined) and joined.endswith(">") and _ADDRESS.search(joined)
    )


def _begins_well(pieces: list[str]) -> bool:
    """Tell whether the first of several lines belongs to the attribution that the last ends.

    A line of the author's own, right above an attribution, is not part of it: it would have to
    leave its sentence open.
    """
    if is_attribution(" ".join(pieces[1:])) and pieces[1][0] not in "<(":
        last = pieces[0].rstrip()
        return last[-1] in "<(," or (not _ends_sentence(last) and bool(_DATE.search(last)))
    return True


def _ends_sentence(line: str) -> bool:
    return line[-1] in ".!?…。！？:)"


def _next_kind(lines: list[str], kinds: list[int], index: int) -> int:
    """Return the kind of the next line that says something; a bar after it counts as a quote."""
    while index < len(lines):
        if kinds[index] != _BLANK:
            if _BAR_MARK.match(lines[index]):
                _mark_bars(lines, kinds, index)
                return _QUOTE
            return kinds[index]
        index += 1
    return _BLANK


def _mark_bars(lines: list[str], kinds: list[int], index: int) -> None:
    while index < len(lines) and (_BAR_MARK.match(lines[index]) or kinds[index] == _BLANK):
        if kinds[index] != _BLANK:
            kinds[index] = _QUOTE
        index += 1


def _mark_trailing_initials(lines: list[str], kinds: list[int]) -> None:
    """Mark quotations with initials before the mark ("JD> …"), two lines of them at least."""
    for index in range(len(lines) - 1):
        if kinds[index] == _TEXT and _INITIALS_MARK.match(lines[index]):
            neighbours = lines[max(0, index - 1) : index + 2]
            if sum(1 for line in neighbours if _INITIALS_MARK.match(line)) > 1:
                kinds[index] = _QUOTE
    if len(lines) > 1 and kinds[-1] == _TEXT and _INITIALS_MARK.match(lines[-1]):
        kinds[-1] = kinds[-2] if kinds[-2] == _QUOTE else _TEXT


# --- signatures -------------------------------------------------------------------------------


def _mark_signatures(lines: list[str], kinds: list[int]) -> None:
    """Mark signatures: at the end of the text and right above history."""
    index = 0
    while index < len(lines):
        if kinds[index] not in _FLOWING:
            index += 1
            continue
        end = index
        while end < len(lines) and kinds[end] in _FLOWING:
            end += 1
        _mark_signature(lines, kinds, index, end)
        index = end


def _mark_signature(lines: list[str], kinds: list[int], start: int, end: int) -> None:
    found = -1
    below = 0
    for index in range(end - 1, start - 1, -1):
        if kinds[index] != _TEXT:
            continue
        if _SIGNATURE_MARK.match(lines[index]):
            found = index
        below += 1
        if below > _MAX_SIGNATURE_LINES:
            break
    if found >= 0:
        _mark(kinds, found, end, _SIGNATURE)
        end = found
    end = _mark_mobile(lines, kinds, start, end)
    _mark_closing(lines, kinds, start, end)


def _mark_mobile(lines: list[str], kinds: list[int], start: int, end: int) -> int:
    """Mark what telephones add at the end; returns where the text ends above it."""
    index = end - 1
    while index >= start:
        if kinds[index] == _TEXT and not _DELIMITER.match(lines[index]):
            if not _is_mobile(lines[index]):
                break
            _mark(kinds, index, end, _SIGNATURE)
            end = index
        index -= 1
    return end


def _mark_closing(lines: list[str], kinds: list[int], start: int, end: int) -> None:
    """Mark "Regards," and the name below it."""
    below = 0
    for index in range(end - 1, start, -1):
        if kinds[index] != _TEXT:
            continue
        line = lines[index].strip()
        if _CLOSING.match(line.lower()):
            _mark(kinds, index, end, _SIGNATURE)
            return
        below += 1
        if below >= _MAX_CLOSING_LINES or len(line) > _MAX_CLOSING_LINE:
            return


# --- what is hidden ---------------------------------------------------------------------------


def _hidden(lines: list[str], kinds: list[int]) -> list[bool]:
    hidden = [kind in _NEVER_SHOWN for kind in kinds]
    end = len(lines)
    while end and (kinds[end - 1] in _ABOVE or _DELIMITER.match(lines[end - 1])):
        end -= 1
        hidden[end] = True
    if _quoted_runs(kinds[:end]) == 1:
        _hide_leading(kinds, hidden, end)
    return hidden


def _quoted_runs(kinds: list[int]) -> int:
    """Return how many quotations there are that the author's own words part."""
    runs = 0
    inside = False
    for kind in kinds:
        if kind == _QUOTE:
            runs += not inside
            inside = True
        elif kind == _TEXT:
            inside = False
    return runs


def _hide_leading(kinds: list[int], hidden: list[bool], end: int) -> None:
    """Hide a quotation above the only answer."""
    for index in range(end):
        if kinds[index] == _TEXT:
            return
        hidden[index] = True
