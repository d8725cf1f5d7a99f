"""How mail programs announce history and sign mail, a row a language: the words, no rules.

Values only. All in lower case, without the dots and marks that a program may put around them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What mail programs set to one language write.

    `wrote` are the words that make an attribution of a line with a date or an address, each a
    single word but where a language puts none between spaces; `wrote_before` are those of them
    after which the name comes. The five tuples of labels stand
    before the colons of a header block. `original` stands between dashes or before a lone colon,
    above a message that is forwarded or answered. `sent_from` are regular expressions that match
    the beginning of a line which a telephone or a mail program adds below the text; the first
    three letters of each are plain ones, by which most lines are passed over. `sent_with` are the
    words such a line ends with.
    """

    wrote: tuple[str, ...]
    sender: tuple[str, ...]
    sent: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: tuple[str, ...]
    original: tuple[str, ...]
    sent_from: tuple[str, ...]
    sent_with: tuple[str, ...] = ()
    wrote_before: tuple[str, ...] = ()


# What mail is written on and with: a line that says "sent from" counts only if it names one, as
# a shop's customers send parcels from places and with carriers too.
DEVICES = (
    "sent from my", "iphone", "ipad", "ipod", "android", "galaxy", "samsung", "huawei", "xiaomi",
    "redmi", "oppo", "vivo", "pixel", "nokia", "motorola", "blackberry", "windows", "outlook",
    "mail", "posta", "почт", "пошт", "gmx", "web.de", "yahoo", "proton", "tuta", "superhuman",
    "thunderbird", "zoho", "hushmail", "spark", "handheld", "wireless", "macbook", "xperia",
    "phon", "fonu", "telefon", "téléphone", "teléfono", "telefoon", "puhelim",
    "handy", "mobil", "móvil", "móbil", "cellular", "cep", "cihaz", "gerät", "appareil",
    "dispositivo", "tablet", "смартфон", "телефон", "мобильн", "мобільн", "устройств", "пристро",
    "κινητό", "τηλέφωνο", "συσκευή", "هاتف", "جهاز", "طائر", "נייד", "טלפון", "手机", "手機",
    "携帯", "スマート", "휴대", "핸드폰", "스마트폰",
)  # fmt: skip


LANGUAGES = {
    "en": Language(
        wrote=("wrote", "writes", "written"),
        sender=("from",),
        sent=("sent", "date", "sent at", "date sent"),
        to=("to",),
        cc=("cc", "bcc", "reply-to"),
        subject=("subject",),
        original=(
            "original message", "forwarded message", "original appointment", "reply message",
            "forwarded by me", "original e-mail", "original email", "begin forwarded message",
            "forwarded mail", "forwarded email", "original message follows",
        ),
        sent_from=(
            r"sent from (?:my|a|an|the|mail|outlook|yahoo|aol|proton|samsung|myself)\b",
            r"sent (?:via|using|with|from) [\w .]{2,60}(?:\Z|<|\()",
            r"get outlook for\b", r"download outlook for\b", r"get boxer\b",
            r"yahoo mail: search, organi[sz]e, conquer",
        ),
    ),
    "tr": Language(
        wrote=("yazdı", "yazmış", "yazdi", "yazıyor"),
        sender=("kimden", "gönderen", "gonderen"),
        sent=("gönderildi", "gönderilme tarihi", "gönderme tarihi", "gönderim tarihi", "tarih",
              "gonderildi", "tarihi", "gönderilen"),
        to=("kime", "alıcı", "alıcılar"),
        cc=("bilgi", "gizli", "bilgi (cc)", "yanıt adresi"),
        subject=("konu",),
        original=(
            "orijinal mesaj", "özgün ileti", "özgün mesaj", "orijinal ileti", "asıl mesaj",
            "yönlendirilmiş mesaj", "yönlendirilen mesaj", "yönlendirilmiş ileti",
            "yönlendirilen ileti", "iletilmiş mesaj", "iletilen mesaj", "iletilen ileti",
            "iletilmiş ileti", "iletilen ileti başlangıcı", "iletilmiş ileti başlangıcı",
            "yönlendirilen ileti başlangıcı", "orijinal e-posta", "özgün e-posta",
        ),
        sent_from=(
            r"ios için outlook\b", r"android için outlook\b", r"windows için outlook\b",
            r"outlook for \w+ (?:edinin|indirin)",
        ),
        sent_with=("dan gönderildi", "den gönderildi", "tan gönderildi", "ten gönderildi",
                   "ile gönderildi", "tarafından gönderildi"),
    ),
    "de": Language(
        wrote=("schrieb", "schrieben", "geschrieben", "schreibt"),
        wrote_before=("schrieb", "schrieben"),
        sender=("von", "absender"),
        sent=("gesendet", "datum", "verschickt", "gesendet am"),
        to=("an", "empfänger"),
        cc=("kopie", "antwort an"),
        subject=("betreff", "betrifft"),
        original=(
            "ursprüngliche nachricht", "originalnachricht", "original-nachricht",
            "weitergeleitete nachricht", "originaltermin", "ursprungsnachricht",
            "original nachricht", "ursprünglicher termin", "anfang der weitergeleiteten nachricht",
            "anfang der weitergeleiteten e-mail", "ursprüngliche e-mail", "originalmail",
        ),
        sent_from=(
            r"von meine[mr] .{2,50} gesendet", r"gesendet (?:von|mit|via|über) ",
            r"diese nachricht wurde von meine[mr] ", r"outlook für (?:ios|android)",
            r"holen sie sich outlook", r"laden sie outlook",
            r"von (?:outlook|yahoo mail|samsung) .{2,40} gesendet",
        ),
    ),
    "fr": Language(
        wrote=("écrit", "écrivait", "ecrit"),
        sender=("de", "expéditeur"),
        sent=("envoyé", "envoyé le", "date", "message du", "envoyé à", "date d'envoi"),
        to=("à", "a", "pour", "destinataire"),
        cc=("copie à", "copie", "répondre à"),
        subject=("objet", "sujet"),
        original=(
            "message d'origine", "message d’origine", "message original", "message initial",
            "message transféré", "mail original", "e-mail d'origine", "message de départ",
            "début du message réexpédié", "début du message transféré", "courriel original",
            "rendez-vous d'origine", "courriel d'origine", "message réexpédié",
        ),
        sent_from=(
            r"envoyé (?:de|depuis|à partir d[eu]|via|par|avec) ",
            r"télécharge[rz]? outlook", r"obten(?:ez|ir) outlook",
        ),
    ),
    "es": Language(
        wrote=("escribió", "escribio", "escrito", "escribe", "dijo"),
        sender=("de", "remitente"),
        sent=("enviado", "enviado el", "fecha", "enviada el"),
        to=("para", "destinatario", "a"),
        cc=("copia", "responder a"),
        subject=("asunto",),
        original=(
            "mensaje original", "mensaje reenviado", "mensaje enviado", "correo original",
            "inicio del mensaje reenviado", "cita original", "correo reenviado",
        ),
        sent_from=(
            r"enviado (?:desde|con|vía|por) ", r"obten(?:er|ga) outlook", r"descargar? outlook",
        ),
    ),
    "it": Language(
        wrote=("scritto", "scrive", "scriveva"),
        sender=("da", "mittente"),
        sent=("inviato", "data", "inviata", "inviato il"),
        to=("a", "per", "destinatario"),
        cc=("cc", "risposta", "rispondi a"),
        subject=("oggetto",),
        original=(
            "messaggio originale", "messaggio inoltrato", "messaggio originario",
            "inizio messaggio inoltrato", "inizio del messaggio inoltrato",
        ),
        sent_from=(
            r"inviato (?:da|dal|dalla|con|tramite) ", r"scarica outlook", r"ottieni outlook",
        ),
    ),
    "pt": Language(
        wrote=("escreveu", "escreve", "escrito"),
        sender=("de", "remetente"),
        sent=("enviado", "enviada", "enviado em", "enviada em", "data", "enviada a"),
        to=("para", "destinatário"),
        cc=("com cópia", "responder para"),
        subject=("assunto",),
        original=(
            "mensagem original", "mensagem encaminhada", "mensagem reencaminhada",
            "início da mensagem reencaminhada", "início da mensagem encaminhada",
            "e-mail original",
        ),
        sent_from=(
            r"enviad[oa] (?:do|da|de|a partir|via|pelo|com) ", r"obter (?:o )?outlook",
            r"baixar? (?:o )?outlook",
        ),
    ),
    "nl": Language(
        wrote=("schreef", "geschreven", "schreven"),
        wrote_before=("schreef", "schreven"),
        sender=("van", "afzender"),
        sent=("verzonden", "datum", "verstuurd", "verzonden op"),
        to=("aan",),
        cc=("kopie", "antwoord aan"),
        subject=("onderwerp",),
        original=(
            "oorspronkelijk bericht", "origineel bericht", "doorgestuurd bericht",
            "oorspronkelijk bericht van", "begin doorgestuurd bericht",
            "oorspronkelijke afspraak",
        ),
        sent_from=(
            r"verstuurd (?:vanaf|van|met|via|vanuit) ", r"verzonden (?:vanaf|van|met|via|vanuit) ",
            r"download outlook", r"outlook voor (?:ios|android)",
        ),
    ),
    "pl": Language(
        wrote=("napisał", "napisała", "pisze", "napisali", "napisano", "napisana"),
        sender=("od", "nadawca"),
        sent=("wysłano", "wysłane", "data", "wysłany"),
        to=("do", "adresat"),
        cc=("dw", "udw", "kopia", "odpowiedź do"),
        subject=("temat",),
        original=(
            "wiadomość oryginalna", "oryginalna wiadomość", "wiadomość przekazana",
            "przekazana wiadomość", "treść przekazanej wiadomości",
            "początek przekazywanej wiadomości", "początek przekazanej wiadomości",
            "wiadomość przesłana dalej",
        ),
        sent_from=(
            r"wysłan[eoya] (?:z|ze|przez|za pomocą|za pośrednictwem) ",
            r"pobierz (?:program |aplikację )?outlook",
            r"uzyskaj (?:program |aplikację )?outlook",
        ),
    ),
    "ru": Language(
        wrote=("написал", "написала", "пишет", "писал", "писала", "написали"),
        sender=("от", "отправитель", "от кого"),
        sent=("отправлено", "дата", "отправлен"),
        to=("кому", "получатель"),
        cc=("копия", "обратный адрес"),
        subject=("тема",),
        original=(
            "исходное сообщение", "оригинальное сообщение", "пересылаемое сообщение",
            "пересланное сообщение", "перенаправленное сообщение", "исходное письмо",
            "начало переадресованного сообщения", "начало пересылаемого сообщения",
            "переадресованное сообщение",
        ),
        sent_from=(
            r"отправлен[оаы]? (?:с|со|из|через|от) ",
            r"получит[еь] outlook", r"скача(?:ть|йте) outlook",
        ),
    ),
    "uk": Language(
        wrote=("пише", "написав", "написала", "писав", "написали"),
        sender=("від", "від кого", "відправник"),
        sent=("надіслано", "дата", "відправлено"),
        to=("кому", "одержувач"),
        cc=("копія",),
        subject=("тема",),
        original=(
            "вихідне повідомлення", "оригінальне повідомлення", "переслане повідомлення",
            "початкове повідомлення", "початок переадресованого повідомлення",
            "початок листа, що пересилається", "переадресоване повідомлення",
        ),
        sent_from=(
            r"надіслано (?:з|із|зі|через|від) ", r"відправлено (?:з|із|зі|через|від) ",
            r"отрима(?:ти|йте) outlook", r"завантаж(?:те|ити) outlook",
        ),
    ),
    "sv": Language(
        wrote=("skrev", "skrivit"),
        wrote_before=("skrev",),
        sender=("från", "avsändare"),
        sent=("skickat", "datum", "skickades"),
        to=("till",),
        cc=("kopia", "svar till"),
        subject=("ämne", "rubrik"),
        original=(
            "ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande",
            "vidarebefordrat brev", "vidarebefordrat mejl", "ursprunglig avtalad tid",
        ),
        sent_from=(r"skickat från ", r"skickades från ", r"hämta outlook", r"skaffa outlook"),
    ),
    "da": Language(
        wrote=("skrev", "skriver", "skrevet"),
        sender=("fra", "afsender"),
        sent=("sendt", "dato"),
        to=("til",),
        cc=("kopi", "svar til"),
        subject=("emne",),
        original=(
            "oprindelig meddelelse", "original meddelelse", "videresendt meddelelse",
            "videresendt besked", "original besked", "start på videresendt besked",
            "oprindelig besked", "oprindelig aftale",
        ),
        sent_from=(r"sendt (?:fra|med) ", r"hent outlook", r"få outlook"),
    ),
    "no": Language(
        wrote=("skrev", "skreiv", "skrevet"),
        wrote_before=("skreiv",),
        sender=("fra", "frå"),
        sent=("sendt", "dato"),
        to=("til",),
        cc=("kopi",),
        subject=("emne",),
        original=(
            "opprinnelig melding", "videresendt melding", "original melding", "oppr. melding",
            "opprinnelig avtale", "videresendt e-post", "begynnelse på videresendt melding",
        ),
        sent_from=(r"sendt (?:fra|frå|med) ", r"hent outlook", r"last ned outlook",
                   r"skaff deg outlook"),
    ),
    "fi": Language(
        wrote=("kirjoitti", "kirjoittanut"),
        wrote_before=("kirjoitti",),
        sender=("lähettäjä",),
        sent=("lähetetty", "päivämäärä", "päiväys", "pvm", "lähetysaika"),
        to=("vastaanottaja", "vastaanottajat"),
        cc=("kopio", "vastausosoite"),
        subject=("aihe",),
        original=(
            "alkuperäinen viesti", "edelleenlähetetty viesti", "välitetty viesti",
            "edelleen lähetetty viesti", "välitetty viesti alkaa", "alkuperäinen tapaaminen",
        ),
        sent_from=(
            r"lähetetty .{2,40}(?:sta|stä|lta|ltä|ni)\b", r"hanki outlook", r"hae outlook",
            r"lataa outlook",
        ),
    ),
    "cs": Language(
        wrote=("napsal", "napsala", "píše", "napísal", "napísala", "napsali"),
        sender=("od", "odesílatel", "odosielateľ"),
        sent=("odesláno", "datum", "odoslané", "dátum"),
        to=("komu", "příjemce"),
        cc=("kopie", "kópia"),
        subject=("předmět", "predmet"),
        original=(
            "původní zpráva", "přeposlaná zpráva", "pôvodná správa", "původní e-mail",
            "preposlaná správa", "předaná zpráva", "začátek přeposílané zprávy",
            "začiatok preposlanej správy", "přeposlaný e-mail",
        ),
        sent_from=(
            r"odesláno (?:z|ze|pomocí|přes) ", r"odoslané (?:z|zo) ",
            r"získ(?:at|ejte) outlook", r"stáhnout outlook",
        ),
    ),
    "hu": Language(
        wrote=("írta", "írt", "írja"),
        sender=("feladó", "küldő"),
        sent=("elküldve", "dátum", "küldve", "küldés ideje"),
        to=("címzett", "címzettek"),
        cc=("másolat", "másolatot kap"),
        subject=("tárgy",),
        original=(
            "eredeti üzenet", "továbbított üzenet", "továbbított levél", "eredeti levél",
            "továbbított levél kezdete", "továbbított üzenet kezdete", "eredeti e-mail",
        ),
        sent_from=(
            r"küldve .{2,40}(?:ról|ről)\b",
            r"az (?:ios |android )?outlook (?:beszerzése|letöltése)",
            r"outlook (?:beszerzése|letöltése)",
        ),
        sent_with=("ról küldve", "ről küldve", "ból küldve", "ből küldve", "val küldve",
                   "vel küldve"),
    ),
    "ro": Language(
        wrote=("scris", "scrie"),
        sender=("de la", "expeditor", "din"),
        sent=("trimis", "data", "dată", "trimis la"),
        to=("către", "catre", "la", "destinatar"),
        cc=("copie",),
        subject=("subiect",),
        original=(
            "mesaj original", "mesajul original", "mesaj redirecționat", "mesaj redirectionat",
            "mesaj redirecţionat", "mesaj inițial", "începutul mesajului redirecționat",
            "mesajul redirecționat",
        ),
        sent_from=(
            r"trimis (?:de pe|din|de|prin|cu) ", r"obțineți outlook", r"obţineţi outlook",
            r"descărcați outlook",
        ),
    ),
    "el": Language(
        wrote=("έγραψε", "εγραψε", "έγραψαν"),
        sender=("από", "απο", "αποστολέας"),
        sent=("στάλθηκε", "εστάλη", "ημερομηνία", "αποστολή"),
        to=("προς",),
        cc=("κοιν", "κοιν.", "κοινοποίηση"),
        subject=("θέμα",),
        original=(
            "αρχικό μήνυμα", "προωθημένο μήνυμα", "αυθεντικό μήνυμα",
            "αρχή προωθημένου μηνύματος", "πρωτότυπο μήνυμα",
        ),
        sent_from=(
            r"στάλθηκε (?:από|με|μέσω) ", r"εστάλη (?:από|με|μέσω) ", r"αποστολή (?:από|με|μέσω) ",
            r"αποκτήστε το outlook", r"λήψη του outlook",
        ),
    ),
    "ar": Language(
        wrote=("كتب", "كتبت", "كتابة", "وكتب"),
        wrote_before=("كتب", "كتبت"),
        sender=("من", "المرسل"),
        sent=("تم الإرسال", "التاريخ", "أرسلت", "تاريخ", "الإرسال", "أُرسلت"),
        to=("إلى", "الى"),
        cc=("نسخة", "نسخه", "نسخة إلى"),
        subject=("الموضوع", "موضوع"),
        original=(
            "الرسالة الأصلية", "رسالة معاد توجيهها", "رسالة أصلية", "رسالة محولة",
            "بداية الرسالة المعاد توجيهها", "الرسالة المعاد توجيهها", "رسالة مُعاد توجيهها",
        ),
        sent_from=(
            r"مرسلة? من ", r"أرسلت? من ", r"أُرسلت? من ", r"تم الإرسال من ", r"مُرسلة? من ",
            r"احصل على outlook", r"الحصول على outlook",
        ),
    ),
    "he": Language(
        wrote=("כתב", "כתבה", "כתבו"),
        sender=("מאת", "מ"),
        sent=("נשלח", "תאריך", "שליחה"),
        to=("אל", "ל"),
        cc=("עותק", "העתק"),
        subject=("נושא", "הנושא"),
        original=(
            "הודעה מקורית", "הודעה שהועברה", "ההודעה המקורית", "תחילת ההודעה שהועברה",
            "הודעה מועברת",
        ),
        sent_from=(r"נשלח מ", r"נשלח באמצעות ", r"השג את outlook", r"קבל את outlook",
                   r"הורד את outlook"),
    ),
    "zh": Language(
        wrote=("写道", "寫道", "写到", "撰寫", "编写", "寫到"),
        sender=("发件人", "寄件者", "寄件人", "发送人", "發件人"),
        sent=("发送时间", "发件时间", "日期", "寄件日期", "傳送時間", "时间", "時間", "已发送",
              "發送時間", "已傳送", "发送日期"),
        to=("收件人", "收件者"),
        cc=("抄送", "副本", "抄送人"),
        subject=("主题", "主題", "主旨"),
        original=(
            "原始邮件", "原始郵件", "原始信件", "转发的邮件", "轉寄的郵件", "转发邮件信息",
            "原邮件", "已转发邮件", "回复的原邮件", "轉寄郵件", "原始訊息", "转发的消息",
            "邮件原件", "下面是被转发的邮件", "开始转发的邮件", "以下是轉寄的郵件", "開始轉寄郵件",
            "轉寄的訊息", "原始消息",
        ),
        sent_from=(
            r"发自我的", r"發自我的", r"来自我的", r"從我的.{1,30}(?:傳送|發送)\Z",
            r"从我的.{1,30}发送\Z", r"发送自", r"發送自", r"传送自", r"傳送自",
            r"获取适用于.{0,20} ?outlook", r"获取 outlook", r"取得 .{0,20} ?outlook",
            r"下载 .{0,20}outlook", r"下載 .{0,20}outlook",
        ),
    ),
    "ja": Language(
        wrote=("書きました", "のメール", "のメッセージ", "書かれました"),
        sender=("差出人", "送信者", "送信元"),
        sent=("送信日時", "日時", "日付", "送信日", "送信"),
        to=("宛先", "受信者"),
        cc=("写し",),
        subject=("件名",),
        original=(
            "元のメッセージ", "転送されたメッセージ", "オリジナルメッセージ", "転送メッセージ",
            "返信元メッセージ", "元のメール", "元メッセージ", "転送メール",
        ),
        sent_from=(
            r"ios ?版 ?outlook を(?:入手|取得|ダウンロード)",
            r"android ?版 ?outlook を(?:入手|取得|ダウンロード)",
            r"outlook for (?:ios|android) ?を(?:入手|取得|ダウンロード)",
        ),
        sent_with=("から送信", "からの送信", "から送信されました"),
    ),
    "ko": Language(
        wrote=("작성", "썼습니다", "작성한 메시지", "쓴 글", "작성했습니다", "작성함"),
        sender=("보낸 사람", "보낸사람", "보낸이", "발신"),
        sent=("보낸 날짜", "날짜", "보낸날짜", "보낸 시간", "발송"),
        to=("받는 사람", "받는사람", "받는이", "수신"),
        cc=("참조",),
        subject=("제목",),
        original=(
            "원본 메시지", "원본 메일", "전달된 메시지", "전달된 메일", "원본 메세지",
            "원문 메시지", "전달된 메시지의 시작",
        ),
        sent_from=(r"ios ?용 outlook\b", r"android ?용 outlook\b"),
        sent_with=("에서 보냄", "에서 전송", "에서 보낸 메일", "에서 전송됨", "에서 보냈습니다"),
    ),
}  # fmt: skip
