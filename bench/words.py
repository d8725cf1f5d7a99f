"""What the generated mail talks about, in six languages. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The material of one language. `{o}` is an order number, `{p}` a product, `{n}` a count."""

    code: str
    charset: str  # the legacy one that older mail programs use for it
    reply_prefix: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    greetings: tuple[str, ...]
    sentences: tuple[str, ...]
    closings: tuple[str, ...]
    subjects: tuple[str, ...]
    wrote: str  # how a mail program introduces a quote; `{d}` a date, `{w}` a person


ENGLISH = Language(
    code="en",
    charset="windows-1252",
    reply_prefix="Re",
    first_names=("Alice", "Tom", "Grace", "Oliver", "Maya", "Henry", "Ruth", "Daniel"),
    last_names=("Miller", "Okafor", "Wright", "O’Neill", "Fraser", "Singh", "Clarke"),
    greetings=("Hello,", "Hi there,", "Dear team,", "Good morning,"),
    sentences=(
        "I ordered {n} of your {p} last week, order {o}.",
        "The parcel arrived today, but one {p} has a crack near the rim.",
        "Could you tell me when order {o} will leave your workshop?",
        "We would love to have the {p} in the darker glaze as well.",
        "Please send the invoice for {o} to our accounts department.",
        "My mother was delighted, thank you so much for the quick answer.",
        "Is it safe to put the {p} into the dishwasher?",
        "The tracking number does not work yet, is that normal?",
        "I have attached a photograph so that you can see what I mean.",
        "Would a discount be possible for {n} pieces?",
        "We are opening a small café in spring and are looking for plates and cups.",
        "It is not urgent, but an answer before Friday would help us plan.",
    ),
    closings=("Kind regards", "Best wishes", "Thanks a lot", "Yours sincerely"),
    subjects=("Question about {p}", "Order {o}", "Broken {p}", "Invoice for {o}", "A larger order"),
    wrote="On {d}, {w} wrote:",
)
GERMAN = Language(
    code="de",
    charset="iso-8859-1",
    reply_prefix="AW",
    first_names=("Anna", "Jürgen", "Käthe", "Lukas", "Sabine", "Götz", "Marlene"),
    last_names=("Müller", "Schäfer", "Weiß", "Köhler", "Brandt", "Großmann"),
    greetings=("Guten Tag,", "Hallo zusammen,", "Sehr geehrte Damen und Herren,", "Moin,"),
    sentences=(
        "ich habe letzte Woche {n} Stück {p} bestellt, Bestellnummer {o}.",
        "Das Paket ist heute angekommen, leider ist ein {p} gesprungen.",
        "Wann wird die Bestellung {o} ungefähr verschickt?",
        "Wäre auch eine größere Ausführung möglich?",
        "Bitte schicken Sie die Rechnung für {o} an unsere Buchhaltung.",
        "Vielen Dank für die schnelle Rückmeldung, das hat uns sehr gefreut.",
        "Kann man {p} in die Spülmaschine stellen?",
        "Die Sendungsnummer funktioniert noch nicht, ist das üblich?",
        "Im Anhang finden Sie ein Foto vom Schaden.",
        "Ab {n} Stück hätten wir gern ein Angebot.",
        "Wir eröffnen im Frühjahr ein kleines Café und suchen Teller und Tassen.",
    ),
    closings=("Mit freundlichen Grüßen", "Viele Grüße", "Herzliche Grüße", "Beste Grüße"),
    subjects=("Frage zu {p}", "Bestellung {o}", "Schaden an {p}", "Rechnung {o}", "Größere Menge"),
    wrote="Am {d} schrieb {w}:",
)
TURKISH = Language(
    code="tr",
    charset="iso-8859-9",
    reply_prefix="YNT",
    first_names=("Ayşe", "Mehmet", "İpek", "Çağrı", "Özge", "Ümit", "Işıl", "Gökçe"),
    last_names=("Yılmaz", "Şahin", "Öztürk", "Çelik", "Kılıç", "Aydın", "Güneş"),
    greetings=("Merhaba,", "İyi günler,", "Sayın yetkili,", "Selamlar,"),
    sentences=(
        "Geçen hafta {n} adet {p} sipariş ettim, sipariş numarası {o}.",
        "Paket bugün ulaştı ama {p} ne yazık ki kırık çıktı.",
        "{o} numaralı siparişim ne zaman kargoya verilecek?",
        "Aynı ürünün koyu sırlı olanı da var mı acaba?",
        "Faturayı muhasebe birimimize gönderebilir misiniz?",
        "Hızlı yanıtınız için çok teşekkür ederim, annem çok beğendi.",
        "{p} bulaşık makinesinde yıkanabilir mi?",
        "Kargo takip numarası henüz çalışmıyor, normal mi?",
        "Ekte fotoğrafını görebilirsiniz.",
        "{n} adet için indirim mümkün olur mu?",
        "İlkbaharda küçük bir kafe açıyoruz, tabak ve fincan arıyoruz.",
    ),
    closings=("Saygılarımla", "İyi çalışmalar", "Teşekkürler", "Sevgiler"),
    subjects=("{p} hakkında", "Sipariş {o}", "Kırık ürün: {p}", "Fatura {o}", "Toplu sipariş"),
    wrote="{w}, {d} tarihinde şunu yazdı:",
)
FRENCH = Language(
    code="fr",
    charset="iso-8859-15",
    reply_prefix="RE",
    first_names=("Élodie", "François", "Maëlle", "Théo", "Chloé", "Noël"),
    last_names=("Lefèvre", "Garçon", "Dubois", "Bénard", "Moreau"),
    greetings=("Bonjour,", "Madame, Monsieur,", "Bonsoir,"),
    sentences=(
        "J’ai commandé {n} {p} la semaine dernière, commande {o}.",
        "Le colis est arrivé ce matin, mais un {p} était cassé.",
        "Quand pensez-vous expédier la commande {o} ?",
        "Serait-il possible d’avoir la même pièce en émail bleu foncé ?",
        "Pourriez-vous envoyer la facture à notre comptabilité ?",
        "Merci beaucoup pour votre réponse rapide, c’était très apprécié.",
        "Le {p} passe-t-il au lave-vaisselle ?",
        "Vous trouverez une photo en pièce jointe.",
        "À partir de {n} pièces, quel serait votre prix ?",
        "Nous ouvrons un petit café au printemps et cherchons de la vaisselle.",
    ),
    closings=("Bien cordialement", "Cordialement", "Merci d’avance", "À bientôt"),
    subjects=("Question sur {p}", "Commande {o}", "Pièce cassée : {p}", "Facture {o}"),
    wrote="Le {d}, {w} a écrit :",
)
RUSSIAN = Language(
    code="ru",
    charset="koi8-r",
    reply_prefix="Re",
    first_names=("Анна", "Сергей", "Ольга", "Дмитрий", "Наталья", "Фёдор"),
    last_names=("Иванова", "Кузнецов", "Смирнова", "Попов", "Волкова"),
    greetings=("Здравствуйте,", "Добрый день,", "Уважаемые коллеги,"),
    sentences=(
        "На прошлой неделе я заказала {n} шт. {p}, номер заказа {o}.",
        "Посылка пришла сегодня, но {p} с трещиной.",
        "Когда будет отправлен заказ {o}?",
        "Можно ли получить такую же вещь с тёмной глазурью?",
        "Пожалуйста, пришлите счёт в нашу бухгалтерию.",
        "Большое спасибо за быстрый ответ, подарок очень понравился.",
        "Можно ли мыть {p} в посудомоечной машине?",
        "Фотографию прилагаю к письму.",
        "Возможна ли скидка при заказе {n} штук?",
        "Весной мы открываем небольшое кафе и ищем посуду.",
    ),
    closings=("С уважением", "Спасибо", "Всего доброго"),
    subjects=("Вопрос: {p}", "Заказ {o}", "Повреждён {p}", "Счёт {o}"),
    wrote="{d}, {w} пишет:",
)
JAPANESE = Language(
    code="ja",
    charset="iso-2022-jp",
    reply_prefix="Re",
    first_names=("花子", "太郎", "美咲", "健一", "由美"),
    last_names=("佐藤", "鈴木", "高橋", "田中", "渡辺"),
    greetings=("お世話になっております。", "こんにちは。", "はじめまして。"),
    sentences=(
        "先週、{p}を{n}個注文しました。注文番号は{o}です。",
        "本日荷物が届きましたが、{p}にひびが入っていました。",
        "注文{o}の発送予定日を教えていただけますか。",
        "同じ形で濃い色の釉薬のものはありますか。",
        "請求書を経理部宛にお送りください。",
        "早速のご返信ありがとうございます。母がとても喜んでいました。",
        "{p}は食器洗い機で洗えますか。",
        "写真を添付いたしましたのでご確認ください。",
        "{n}個以上の場合、割引は可能でしょうか。",
        "春に小さな喫茶店を開く予定で、お皿とカップを探しています。",
    ),
    closings=("よろしくお願いいたします。", "敬具", "ありがとうございます。"),
    subjects=("{p}について", "注文{o}", "破損のご連絡（{p}）", "請求書{o}"),
    wrote="{d} {w}:",
)
LANGUAGES = (ENGLISH, GERMAN, TURKISH, FRENCH, RUSSIAN, JAPANESE)
WEIGHTS = (40, 20, 18, 9, 8, 5)  # how often each is written, per cent

PRODUCTS = {
    "en": ("bowl", "mug", "tea pot", "dinner plate", "vase", "sugar jar", "flower pot", "jug"),
    "de": ("Schüssel", "Becher", "Teekanne", "Essteller", "Vase", "Zuckerdose", "Krug"),
    "tr": ("kâse", "kupa", "çaydanlık", "yemek tabağı", "vazo", "şekerlik", "sürahi"),
    "fr": ("bol", "tasse", "théière", "assiette", "vase", "sucrier", "cruche"),
    "ru": ("миска", "кружка", "чайник", "тарелка", "ваза", "сахарница", "кувшин"),
    "ja": ("茶碗", "マグカップ", "急須", "大皿", "花瓶", "砂糖入れ", "水差し"),
}
SYLLABLES = tuple(consonant + vowel for consonant in "bdklmnrstvz" for vowel in "aeiou")
