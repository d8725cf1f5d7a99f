"""What mail programs set to 24 languages write around history. Values only.

Lines are in the form in which the programs put them; names, addresses and words are invented.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One language: an answer, what was answered, and what each program puts between them."""

    answer: str
    question: str
    attributions: dict[str, str]  # by program
    block: str  # the header block of Outlook
    other_block: str  # that of a phone, of Apple Mail or of a web mailer
    separators: tuple[str, ...]
    phones: tuple[str, ...]


SAMPLES = {
    "en": Samples(
        answer="Thanks, the blue one please.\nCould it be here before Friday?",
        question="Which colour would you like?",
        attributions={
            "gmail": "On Mon, Jan 5, 2026 at 10:04 AM Ruth Okafor <ruth@clay.test> wrote:",
            "apple": "On 5 Jan 2026, at 10:04, Ruth Okafor <ruth@clay.test> wrote:",
            "apple, narrow space": "On Jan 5, 2026, at 10:04\u202fAM, Ruth <ruth@clay.test> wrote:",
            "thunderbird": "On 05/01/2026 10:04, Ruth Okafor wrote:",
            "yahoo": "On Monday, January 5, 2026 at 10:04:31 AM GMT+3, Ruth Okafor "
            "<ruth@clay.test> wrote:",
            "proton": "On Monday, January 5th, 2026 at 10:04, Ruth Okafor <ruth@clay.test> wrote:",
            "zoho": "---- On Mon, 05 Jan 2026 10:04:31 +0300 Ruth <ruth@clay.test> wrote ---",
            "tuta": "5 Jan 2026, 10:04 by ruth@clay.test:",
            "spark": "On 5 Jan 2026, 10:04 +0300, Ruth Okafor <ruth@clay.test>, wrote:",
            "evolution": "On Mon, 2026-01-05 at 10:04 +0300, Ruth Okafor wrote:",
            "outlook mobile": 'On Mon, Jan 5, 2026 at 10:04 AM +0300, "Ruth Okafor" '
            "<ruth@clay.test<mailto:ruth@clay.test>> wrote:",
            "superhuman": "On Mon, Jan 05, 2026 at 10:04 AM, Ruth Okafor < ruth@clay.test > wrote:",
        },
        block="""From: Ruth Okafor <ruth@clay.test>
Sent: Monday, January 5, 2026 10:04 AM
To: Tom Fraser <tom@home.test>
Cc: Orders
Subject: RE: Your order""",
        other_block="""From: Ruth Okafor
Date: 05/01/2026 10:04 (GMT+02:00)
To: Tom Fraser
Subject: Your order""",
        separators=(
            "-----Original Message-----", "-------- Forwarded Message --------",
            "---------- Forwarded message ---------", "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
            "Begin forwarded message:", "----- Forwarded by Ruth Okafor/Clay on 05/01/2026 -----",
        ),
        phones=(
            "Sent from my iPhone", "Sent from my Galaxy", "Get Outlook for Android<https://a.test/x>",
            "Sent from Yahoo Mail on Android", "Sent from Mail for Windows",
            "Sent with Proton Mail secure email.", "Sent from Outlook for iOS",
        ),
    ),
    "tr": Samples(
        answer="Teşekkürler, mavi olanı istiyorum.\nCumaya yetişir mi?",
        question="Hangi rengi istersiniz?",
        attributions={
            "gmail": "Seçil Kaya <secil@ornek.test>, 5 Oca 2026 Pzt, 10:04 tarihinde şunu yazdı:",
            "apple": "Seçil Kaya <secil@ornek.test> şunları yazdı (5 Oca 2026 10:04):",
            "thunderbird": "05.01.2026 10:04 tarihinde Seçil Kaya yazdı:",
            "yahoo": "5 Ocak 2026 Pazartesi 10:04:31 GMT+3 tarihinde Seçil Kaya "
            "<secil@ornek.test> şunu yazdı:",
            "yandex": '05.01.2026, 10:04, "Seçil Kaya" <secil@ornek.test>:',
        },
        block="""Kimden: Seçil Kaya <secil@ornek.test>
Gönderildi: 5 Ocak 2026 Pazartesi 10:04
Kime: İrem Şahin <irem@ev.test>
Konu: YNT: Siparişiniz""",
        other_block="""Gönderen: Seçil Kaya
Tarih: 5 Ocak 2026 10:04
Alıcı: İrem Şahin
Konu: Siparişiniz""",
        separators=(
            "-----Özgün İleti-----", "-----Orijinal Mesaj-----", "-------- Orijinal mesaj --------",
            "-------- İletilmiş Mesaj --------", "İletilen ileti başlangıcı:",
            "-------- Yönlendirilmiş İleti --------",
        ),
        phones=(
            "iPhone'umdan gönderildi", "Samsung Galaxy akıllı telefonumdan gönderildi.",
            "Android için Outlook uygulamasını edinin", "Windows için Posta ile gönderildi",
            "Android'de Yahoo Postadan gönderildi",
        ),
    ),
    "de": Samples(
        answer="Danke, bitte die blaue.\nKlappt das bis Freitag?",
        question="Welche Farbe hätten Sie gern?",
        attributions={
            "gmail": "Am Mo., 5. Jan. 2026 um 10:04 Uhr schrieb Käthe Groß <kaethe@ton.test>:",
            "apple": "Am 05.01.2026 um 10:04 schrieb Käthe Groß <kaethe@ton.test>:",
            "thunderbird": "Am 05.01.26 um 10:04 schrieb Käthe Groß:",
            "yahoo": "Am Montag, 5. Januar 2026 um 10:04:31 MEZ hat Käthe Groß "
            "<kaethe@ton.test> Folgendes geschrieben:",
            "tuta": "5. Jan. 2026, 10:04 von kaethe@ton.test:",
        },
        block="""Von: Käthe Groß <kaethe@ton.test>
Gesendet: Montag, 5. Januar 2026 10:04
An: Jürgen Weiß <juergen@heim.test>
Betreff: AW: Ihre Bestellung""",
        other_block="""Gesendet: Montag, 05. Januar 2026 um 10:04 Uhr
Von: "Käthe Groß" <kaethe@ton.test>
An: juergen@heim.test
Betreff: Ihre Bestellung""",
        separators=(
            "-----Ursprüngliche Nachricht-----", "-------- Weitergeleitete Nachricht --------",
            "-------- Ursprüngliche Nachricht --------", "-------- Original-Nachricht --------",
            "Anfang der weitergeleiteten Nachricht:",
        ),
        phones=(
            "Von meinem iPhone gesendet", "Gesendet mit der GMX Mail App",
            "Von meinem Samsung Galaxy Smartphone gesendet.", "Holen Sie sich Outlook für Android",
            "Diese Nachricht wurde von meinem Android-Mobiltelefon mit WEB.DE Mail gesendet.",
        ),
    ),
    "fr": Samples(
        answer="Merci, la bleue s’il vous plaît.\nC’est possible avant vendredi ?",
        question="Quelle couleur souhaitez-vous ?",
        attributions={
            "gmail": "Le lun. 5 janv. 2026 à 10:04, Maëlle Lefèvre <maelle@argile.test> a écrit :",
            "apple": "Le 5 janv. 2026 à 10:04, Maëlle Lefèvre <maelle@argile.test> a écrit :",
            "thunderbird": "Le 05/01/2026 à 10:04, Maëlle Lefèvre a écrit\xa0:",
            "yahoo": "Le lundi 5 janvier 2026 à 10:04:31 UTC+1, Maëlle Lefèvre "
            "<maelle@argile.test> a écrit :",
        },
        block="""De : Maëlle Lefèvre <maelle@argile.test>
Envoyé : lundi 5 janvier 2026 10:04
À : Noé Giraud <noe@maison.test>
Objet : RE: Votre commande""",
        other_block="""De: Maëlle Lefèvre
Date: 05/01/2026 10:04 (GMT+01:00)
À: noe@maison.test
Objet: Votre commande""",
        separators=(
            "-----Message d'origine-----", "-------- Message transféré --------",
            "-------- Message d’origine --------", "Début du message réexpédié :",
        ),
        phones=(
            "Envoyé de mon iPhone", "Envoyé depuis mon appareil Galaxy",
            "Télécharger Outlook pour Android", "Envoyé à partir de Yahoo Mail pour iPhone",
        ),
    ),
    "es": Samples(
        answer="Gracias, la azul por favor.\n¿Llegaría antes del viernes?",
        question="¿Qué color prefiere?",
        attributions={
            "gmail": "El lun, 5 ene 2026 a las 10:04, Íñigo Peña (<inigo@barro.test>) escribió:",
            "apple": "El 5 ene 2026, a las 10:04, Íñigo Peña <inigo@barro.test> escribió:",
            "thunderbird": "El 5/1/26 a las 10:04, Íñigo Peña escribió:",
            "yahoo": "El lunes, 5 de enero de 2026, 10:04:31 CET, Íñigo Peña "
            "<inigo@barro.test> escribió:",
        },
        block="""De: Íñigo Peña <inigo@barro.test>
Enviado: lunes, 5 de enero de 2026 10:04
Para: Lucía Núñez <lucia@casa.test>
Asunto: RE: Su pedido""",
        other_block="""De: Íñigo Peña
Fecha: 5/1/26 10:04 (GMT+01:00)
Para: lucia@casa.test
Asunto: Su pedido""",
        separators=(
            "-----Mensaje original-----", "-------- Mensaje reenviado --------",
            "-------- Mensaje original --------", "Inicio del mensaje reenviado:",
        ),
        phones=(
            "Enviado desde mi iPhone", "Enviado desde mi Galaxy", "Obtener Outlook para iOS",
            "Enviado desde Yahoo Mail con Android",
        ),
    ),
    "it": Samples(
        answer="Grazie, quella blu per favore.\nArriva entro venerdì?",
        question="Quale colore preferisce?",
        attributions={
            "gmail": "Il giorno lun 5 gen 2026 alle ore 10:04 Niccolò Bià <nico@creta.test> ha "
            "scritto:",
            "apple": "Il giorno 5 gen 2026, alle ore 10:04, Niccolò Bià <nico@creta.test> ha "
            "scritto:",
            "thunderbird": "Il 05/01/2026 10:04, Niccolò Bià ha scritto:",
            "yahoo": "Il lunedì 5 gennaio 2026 alle ore 10:04:31 CET, Niccolò Bià "
            "<nico@creta.test> ha scritto:",
        },
        block="""Da: Niccolò Bià <nico@creta.test>
Inviato: lunedì 5 gennaio 2026 10:04
A: Carla Sanò <carla@casa.test>
Oggetto: R: Il suo ordine""",
        other_block="""Da: Niccolò Bià
Data: 05/01/26 10:04 (GMT+01:00)
A: carla@casa.test
Oggetto: Il suo ordine""",
        separators=(
            "-----Messaggio originale-----", "-------- Messaggio inoltrato --------",
            "-------- Messaggio originale --------", "Inizio messaggio inoltrato:",
        ),
        phones=("Inviato da iPhone", "Inviato dal mio Galaxy", "Ottieni Outlook per Android"),
    ),
    "pt": Samples(
        answer="Obrigada, a azul por favor.\nChega até sexta-feira?",
        question="Qual cor prefere?",
        attributions={
            "gmail": "Em seg., 5 de jan. de 2026 às 10:04, João Conceição <joao@barro.test> "
            "escreveu:",
            "gmail, portugal": "João Conceição <joao@barro.test> escreveu (segunda, 5/01/2026 à(s) "
            "10:04):",
            "apple": "Em 5 de jan. de 2026, à(s) 10:04, João Conceição <joao@barro.test> escreveu:",
            "thunderbird": "Em 05/01/2026 10:04, João Conceição escreveu:",
            "yahoo": "Em segunda-feira, 5 de janeiro de 2026 às 10:04:31 BRT, João Conceição "
            "<joao@barro.test> escreveu:",
        },
        block="""De: João Conceição <joao@barro.test>
Enviado: segunda-feira, 5 de janeiro de 2026 10:04
Para: Inês Leitão <ines@casa.test>
Assunto: RE: A sua encomenda""",
        other_block="""De: João Conceição
Enviada em: segunda-feira, 5 de janeiro de 2026 10:04
Para: Inês Leitão
Assunto: A sua encomenda""",
        separators=(
            "-----Mensagem original-----", "-------- Mensagem encaminhada --------",
            "-------- Mensagem reencaminhada --------", "Início da mensagem reencaminhada:",
        ),
        phones=("Enviado do meu iPhone", "Enviado do meu Galaxy", "Obter o Outlook para Android"),
    ),
    "nl": Samples(
        answer="Bedankt, graag de blauwe.\nLukt dat voor vrijdag?",
        question="Welke kleur wilt u?",
        attributions={
            "gmail": "Op ma 5 jan 2026 om 10:04 schreef Daniël de Wit <daniel@klei.test>:",
            "apple": "Op 5 jan. 2026, om 10:04 heeft Daniël de Wit <daniel@klei.test> het volgende "
            "geschreven:",
            "thunderbird": "Op 05-01-2026 om 10:04 schreef Daniël de Wit:",
            "yahoo": "Op maandag 5 januari 2026 om 10:04:31 CET schreef Daniël de Wit "
            "<daniel@klei.test>:",
        },
        block="""Van: Daniël de Wit <daniel@klei.test>
Verzonden: maandag 5 januari 2026 10:04
Aan: Zoë Maas <zoe@huis.test>
Onderwerp: RE: Uw bestelling""",
        other_block="""Van: Daniël de Wit
Datum: 05-01-2026 10:04 (GMT+01:00)
Aan: zoe@huis.test
Onderwerp: Uw bestelling""",
        separators=(
            "-----Oorspronkelijk bericht-----", "-------- Doorgestuurd bericht --------",
            "-------- Origineel bericht --------", "Begin doorgestuurd bericht:",
        ),
        phones=(
            "Verstuurd vanaf mijn iPhone", "Verzonden vanaf mijn Galaxy",
            "Outlook voor Android downloaden",
        ),
    ),
    "pl": Samples(
        answer="Dziękuję, poproszę niebieski.\nZdążycie do piątku?",
        question="Jaki kolor Pani wybiera?",
        attributions={
            "gmail": "pon., 5 sty 2026 o 10:04 Łucja Żak <lucja@glina.test> napisał(a):",
            "apple": "Wiadomość napisana przez Łucja Żak <lucja@glina.test> w dniu 5 sty 2026, o "
            "godz. 10:04:",
            "thunderbird": "W dniu 05.01.2026 o 10:04, Łucja Żak pisze:",
            "yahoo": "W dniu poniedziałek, 5 stycznia 2026 10:04:31 CET Łucja Żak "
            "<lucja@glina.test> napisał(a):",
        },
        block="""Od: Łucja Żak <lucja@glina.test>
Wysłano: poniedziałek, 5 stycznia 2026 10:04
Do: Święta Góra <gora@dom.test>
Temat: ODP: Zamówienie""",
        other_block="""Od: Łucja Żak
Data: 05.01.2026 10:04 (GMT+01:00)
Do: gora@dom.test
Temat: Zamówienie""",
        separators=(
            "-----Oryginalna wiadomość-----", "-------- Treść przekazanej wiadomości --------",
            "-------- Wiadomość oryginalna --------", "Początek przekazywanej wiadomości:",
        ),
        phones=("Wysłane z iPhone'a", "Wysłane z mojego Galaxy", "Pobierz Outlook dla Android"),
    ),
    "ru": Samples(
        answer="Спасибо, синюю, пожалуйста.\nУспеете к пятнице?",
        question="Какой цвет вам нравится?",
        attributions={
            "gmail": "пн, 5 янв. 2026 г. в 10:04, Алёна Юрьева <alena@glina.test>:",
            "apple": "5 янв. 2026 г., в 10:04, Алёна Юрьева <alena@glina.test> написал(а):",
            "thunderbird": "05.01.2026 10:04, Алёна Юрьева пишет:",
            "yahoo": "понедельник, 5 января 2026 г. в 10:04:31 GMT+3, Алёна Юрьева "
            "<alena@glina.test> написал(а):",
            "yandex": '05.01.2026, 10:04, "Алёна Юрьева" <alena@glina.test>:',
            "mail.ru": "Понедельник, 5 января 2026, 10:04 +03:00 от Алёна <alena@glina.test>:",
        },
        block="""От: Алёна Юрьева <alena@glina.test>
Отправлено: 5 января 2026 г. 10:04
Кому: Пётр Щукин <petr@dom.test>
Тема: RE: Ваш заказ""",
        other_block="""От: Алёна Юрьева
Дата: 05.01.2026 10:04 (GMT+03:00)
Кому: petr@dom.test
Тема: Ваш заказ""",
        separators=(
            "-----Исходное сообщение-----", "-------- Перенаправленное сообщение --------",
            "-------- Пересылаемое сообщение --------", "Начало переадресованного сообщения:",
        ),
        phones=(
            "Отправлено с iPhone", "Отправлено из мобильной Почты Mail",
            "Скачайте Outlook для Android", "Отправлено с моего Galaxy",
        ),
    ),
    "uk": Samples(
        answer="Дякую, синю, будь ласка.\nВстигнете до п’ятниці?",
        question="Який колір бажаєте?",
        attributions={
            "gmail": "пн, 5 січ. 2026 р. о 10:04 Ївга Їжак <yivha@hlyna.test> пише:",
            "apple": "5 січ. 2026 р. о 10:04 Ївга Їжак <yivha@hlyna.test> написав(-ла):",
            "thunderbird": "05.01.2026 10:04, Ївга Їжак пише:",
            "yahoo": "понеділок, 5 січня 2026 р. о 10:04:31 GMT+2 Ївга Їжак "
            "<yivha@hlyna.test> пише:",
        },
        block="""Від: Ївга Їжак <yivha@hlyna.test>
Надіслано: 5 січня 2026 р. 10:04
Кому: Ґалаґан Єва <yeva@dim.test>
Тема: RE: Ваше замовлення""",
        other_block="""Від: Ївга Їжак
Дата: 05.01.2026 10:04 (GMT+02:00)
Кому: yeva@dim.test
Тема: Ваше замовлення""",
        separators=(
            "-----Вихідне повідомлення-----", "-------- Переслане повідомлення --------",
            "-------- Оригінальне повідомлення --------",
            "Початок листа, що пересилається:",
        ),
        phones=("Надіслано з iPhone", "Надіслано з мого Galaxy", "Отримайте Outlook для Android"),
    ),
    "sv": Samples(
        answer="Tack, gärna den blå.\nHinner den fram till fredag?",
        question="Vilken färg vill du ha?",
        attributions={
            "gmail": "Den mån 5 jan. 2026 kl 10:04 skrev Åsa Öberg <asa@lera.test>:",
            "apple": "5 jan. 2026 kl. 10:04 skrev Åsa Öberg <asa@lera.test>:",
            "thunderbird": "Den 2026-01-05 kl. 10:04, skrev Åsa Öberg:",
            "yahoo": "Den måndag 5 januari 2026 10:04:31 CET skrev Åsa Öberg <asa@lera.test>:",
        },
        block="""Från: Åsa Öberg <asa@lera.test>
Skickat: den 5 januari 2026 10:04
Till: Björn Ström <bjorn@hem.test>
Ämne: SV: Din beställning""",
        other_block="""Från: Åsa Öberg
Datum: 2026-01-05 10:04 (GMT+01:00)
Till: bjorn@hem.test
Rubrik: Din beställning""",
        separators=(
            "-----Ursprungligt meddelande-----", "-------- Vidarebefordrat meddelande --------",
            "-------- Originalmeddelande --------", "Vidarebefordrat brev:",
        ),
        phones=("Skickat från min iPhone", "Skickat från min Galaxy", "Hämta Outlook för Android"),
    ),
    "da": Samples(
        answer="Tak, gerne den blå.\nKan den nå frem til fredag?",
        question="Hvilken farve ønsker du?",
        attributions={
            "gmail": "Den man. 5. jan. 2026 kl. 10.04 skrev Søren Ærø <soren@ler.test>:",
            "apple": "Den 5. jan. 2026 kl. 10.04 skrev Søren Ærø <soren@ler.test>:",
            "thunderbird": "Den 05.01.2026 kl. 10.04 skrev Søren Ærø:",
            "yahoo": "Den mandag 5. januar 2026 10.04.31 CET skrev Søren Ærø <soren@ler.test>:",
            "apple, older": "Den 05/01/2026 kl. 10.04 skrev Søren Ærø <soren@ler.test> følgende:",
        },
        block="""Fra: Søren Ærø <soren@ler.test>
Sendt: 5. januar 2026 10:04
Til: Åse Bøgh <aase@hus.test>
Emne: SV: Din ordre""",
        other_block="""Fra: Søren Ærø
Dato: 05.01.2026 10.04 (GMT+01:00)
Til: aase@hus.test
Emne: Din ordre""",
        separators=(
            "-----Oprindelig meddelelse-----", "-------- Videresendt meddelelse --------",
            "-------- Original besked --------", "Start på videresendt besked:",
        ),
        phones=("Sendt fra min iPhone", "Sendt fra min Galaxy", "Hent Outlook til Android"),
    ),
    "no": Samples(
        answer="Takk, gjerne den blå.\nRekker den frem til fredag?",
        question="Hvilken farge vil du ha?",
        attributions={
            "gmail": "man. 5. jan. 2026 kl. 10:04 skrev Øyvind Lysø <oyvind@leire.test>:",
            "apple": "5. jan. 2026 kl. 10:04 skrev Øyvind Lysø <oyvind@leire.test>:",
            "thunderbird": "Den 05.01.2026 10:04, skrev Øyvind Lysø:",
            "yahoo": "mandag 5. januar 2026 kl. 10:04:31 CET skrev Øyvind Lysø "
            "<oyvind@leire.test>:",
        },
        block="""Fra: Øyvind Lysø <oyvind@leire.test>
Sendt: mandag 5. januar 2026 10:04
Til: Kåre Næss <kaare@hjem.test>
Emne: SV: Din bestilling""",
        other_block="""Fra: Øyvind Lysø
Dato: 05.01.2026 10:04 (GMT+01:00)
Til: kaare@hjem.test
Emne: Din bestilling""",
        separators=(
            "-----Opprinnelig melding-----", "-------- Videresendt melding --------",
            "-------- Original melding --------", "Videresendt melding:",
        ),
        phones=("Sendt fra min iPhone", "Sendt fra min Galaxy", "Skaff deg Outlook for Android"),
    ),
    "fi": Samples(
        answer="Kiitos, sininen kiitos.\nEhtiikö se perjantaiksi?",
        question="Minkä värin haluatte?",
        attributions={
            "gmail": "ma 5. tammik. 2026 klo 10.04 Päivi Mäkelä (paivi@savi.test) kirjoitti:",
            "apple": "Päivi Mäkelä <paivi@savi.test> kirjoitti 5.1.2026 kello 10.04:",
            "thunderbird": "Päivi Mäkelä kirjoitti 5.1.2026 klo 10.04:",
            "yahoo": "maanantai 5. tammikuuta 2026 klo 10.04.31 UTC+2 Päivi Mäkelä "
            "<paivi@savi.test> kirjoitti:",
        },
        block="""Lähettäjä: Päivi Mäkelä <paivi@savi.test>
Lähetetty: maanantai 5. tammikuuta 2026 10.04
Vastaanottaja: Väinö Kärki <vaino@koti.test>
Aihe: VS: Tilauksenne""",
        other_block="""Lähettäjä: Päivi Mäkelä
Päivämäärä: 5.1.2026 10.04 (GMT+02:00)
Saaja: Väinö Kärki
Vastaanottaja: vaino@koti.test
Aihe: Tilauksenne""",
        separators=(
            "-----Alkuperäinen viesti-----", "-------- Välitetty viesti --------",
            "-------- Edelleenlähetetty viesti --------", "Välitetty viesti alkaa:",
        ),
        phones=(
            "Lähetetty iPhonesta", "Lähetetty Galaxy-puhelimestani",
            "Hanki Outlook for Android",
        ),
    ),
    "cs": Samples(
        answer="Děkuji, prosím modrou.\nStihne se to do pátku?",
        question="Jakou barvu si přejete?",
        attributions={
            "gmail": "po 5. 1. 2026 v 10:04 odesílatel Řehoř Šťastný <rehor@jil.test> napsal:",
            "apple": "5. 1. 2026 v 10:04, Řehoř Šťastný <rehor@jil.test>:",
            "thunderbird": "Dne 05. 01. 26 v 10:04 Řehoř Šťastný napsal(a):",
            "yahoo": "Dne pondělí 5. ledna 2026 10:04:31 SEČ, Řehoř Šťastný "
            "<rehor@jil.test> napsal(a):",
        },
        block="""Od: Řehoř Šťastný <rehor@jil.test>
Odesláno: pondělí 5. ledna 2026 10:04
Komu: Žofie Dvořáková <zofie@dum.test>
Předmět: RE: Vaše objednávka""",
        other_block="""Od: Řehoř Šťastný
Datum: 05.01.2026 10:04 (GMT+01:00)
Komu: zofie@dum.test
Předmět: Vaše objednávka""",
        separators=(
            "-----Původní zpráva-----", "-------- Přeposlaná zpráva --------",
            "---------- Původní e-mail ----------", "Začátek přeposílané zprávy:",
        ),
        phones=("Odesláno z iPhonu", "Odesláno z mého Galaxy", "Získat Outlook pro Android"),
    ),
    "hu": Samples(
        answer="Köszönöm, a kéket kérem.\nMegjön péntekig?",
        question="Melyik színt szeretné?",
        attributions={
            "gmail": "Őry Tünde <tunde@agyag.test> ezt írta (időpont: 2026. jan. 5., H, 10:04):",
            "apple": "2026. jan. 5. dátummal, 10:04 időpontban Őry Tünde <tunde@agyag.test> írta:",
            "thunderbird": "2026. 01. 05. 10:04 keltezéssel, Őry Tünde írta:",
            "yahoo": "2026. január 5., hétfő 10:04:31 CET időpontban Őry Tünde "
            "<tunde@agyag.test> ezt írta:",
        },
        block="""Feladó: Őry Tünde <tunde@agyag.test>
Elküldve: 2026. január 5., hétfő 10:04
Címzett: Győző Ágnes <agnes@haz.test>
Tárgy: RE: Rendelése""",
        other_block="""Feladó: Őry Tünde
Dátum: 2026. 01. 05. 10:04 (GMT+01:00)
Címzett: agnes@haz.test
Tárgy: Rendelése""",
        separators=(
            "-----Eredeti üzenet-----", "-------- Továbbított üzenet --------",
            "-------- Eredeti üzenet --------", "Továbbított levél kezdete:",
        ),
        phones=("iPhone-ról küldve", "Galaxy telefonomról küldve", "Az Android Outlook beszerzése"),
    ),
    "ro": Samples(
        answer="Mulțumesc, cea albastră vă rog.\nAjunge până vineri?",
        question="Ce culoare doriți?",
        attributions={
            "gmail": "În lun., 5 ian. 2026 la 10:04, Ștefan Țuțea <stefan@lut.test> a scris:",
            "apple": "Pe 5 ian. 2026, la 10:04, Ștefan Țuțea <stefan@lut.test> a scris:",
            "thunderbird": "La 05.01.2026 10:04, Ștefan Țuțea a scris:",
            "yahoo": "luni, 5 ianuarie 2026 la 10:04:31 EET, Ștefan Țuțea <stefan@lut.test> a "
            "scris:",
        },
        block="""De la: Ștefan Țuțea <stefan@lut.test>
Trimis: luni, 5 ianuarie 2026 10:04
Către: Ilinca Brânză <ilinca@casa.test>
Subiect: RE: Comanda dumneavoastră""",
        other_block="""De la: Ștefan Țuțea
Data: 05.01.2026 10:04 (GMT+02:00)
Către: ilinca@casa.test
Subiect: Comanda""",
        separators=(
            "-----Mesaj original-----", "-------- Mesaj redirecționat --------",
            "-------- Mesajul original --------", "Începutul mesajului redirecționat:",
        ),
        phones=("Trimis de pe iPhone-ul meu", "Trimis din Outlook pentru Android",
                "Obțineți Outlook pentru iOS"),
    ),
    "el": Samples(
        answer="Ευχαριστώ, την μπλε παρακαλώ.\nΠρολαβαίνει ως την Παρασκευή;",
        question="Ποιο χρώμα θέλετε;",
        attributions={
            "gmail": "Στις Δευ 5 Ιαν 2026 στις 10:04 π.μ., ο/η Ελένη Ψαρρά <eleni@pilos.test> "
            "έγραψε:",
            "apple": "Στις 5 Ιαν 2026, στις 10:04, ο/η Ελένη Ψαρρά <eleni@pilos.test> έγραψε:",
            "thunderbird": "Στις 5/1/26 10:04, ο/η Ελένη Ψαρρά έγραψε:",
            "yahoo": "Στις Δευτέρα 5 Ιανουαρίου 2026 στις 10:04:31 π.μ. EET, ο χρήστης Ελένη Ψαρρά "
            "<eleni@pilos.test> έγραψε:",
        },
        block="""Από: Ελένη Ψαρρά <eleni@pilos.test>
Στάλθηκε: Δευτέρα, 5 Ιανουαρίου 2026 10:04
Προς: Χρήστος Ξένος <xristos@spiti.test>
Θέμα: ΑΠ: Η παραγγελία σας""",
        other_block="""Από: Ελένη Ψαρρά
Ημερομηνία: 05/01/2026 10:04 (GMT+02:00)
Προς: xristos@spiti.test
Θέμα: Παραγγελία""",
        separators=(
            "-----Αρχικό μήνυμα-----", "-------- Προωθημένο μήνυμα --------",
            "-------- Πρωτότυπο μήνυμα --------", "Αρχή προωθημένου μηνύματος:",
        ),
        phones=("Στάλθηκε από το iPhone μου", "Στάλθηκε από το Galaxy μου",
                "Αποκτήστε το Outlook για Android"),
    ),
    "ar": Samples(
        answer="شكرا، الأزرق من فضلك.\nهل يصل قبل يوم الجمعة؟",
        question="أي لون تفضل؟",
        attributions={
            "gmail": "في الاثنين، 5 يناير 2026 في 10:04 ص تمت كتابة ما يلي بواسطة "
            "\u202aليلى\u202c\u200f <\u202alayla@tin.test\u202c\u200f>:",
            "apple": "في ٥ يناير ٢٠٢٦، الساعة ١٠:٠٤ ص، كتب ليلى حداد <layla@tin.test>:",
            "thunderbird": "في 5\u200f/1\u200f/2026 10:04، كتب ليلى حداد:",
            "yahoo": "في الاثنين، 5 يناير 2026 في 10:04:31 ص غرينتش+3، كتب ليلى حداد "
            "<layla@tin.test>:",
        },
        block="""من: ليلى حداد <layla@tin.test>
تم الإرسال: الاثنين، 5 يناير 2026 10:04
إلى: سامي نجار <sami@bayt.test>
الموضوع: رد: طلبك""",
        other_block="""من: ليلى حداد
التاريخ: 5/1/2026 10:04
إلى: sami@bayt.test
الموضوع: طلبك""",
        separators=(
            "-----الرسالة الأصلية-----", "-------- رسالة معاد توجيهها --------",
            "-------- رسالة أصلية --------", "بداية الرسالة المعاد توجيهها:",
        ),
        phones=("أُرسلت من الـ iPhone", "مرسل من هاتف Galaxy", "الحصول على Outlook لـ Android"),
    ),
    "he": Samples(
        answer="תודה, את הכחול בבקשה.\nזה יגיע עד יום שישי?",
        question="איזה צבע תרצו?",
        attributions={
            "gmail": "\u202bבתאריך יום ב׳, 5 בינו׳ 2026 ב-10:04 מאת \u202aנועה לוי\u202c\u200f "
            "<\u202anoa@homer.test\u202c\u200f>:\u202c",
            "apple": "ב-5 בינו׳ 2026, בשעה 10:04,\u200f נועה לוי <noa@homer.test> כתב/ה:",
            "thunderbird": "בתאריך 05/01/2026 10:04, נועה לוי כתב:",
            "yahoo": "ביום שני, 5 בינואר 2026 בשעה 10:04:31 GMT+2, נועה לוי "
            "<noa@homer.test> כתב/ה:",
        },
        block="""\u200f\u200fמאת: נועה לוי <noa@homer.test>
\u200f\u200fנשלח: יום שני 05 ינואר 2026 10:04
\u200f\u200fאל: דוד כץ <david@bayit.test>
\u200f\u200fנושא: RE: ההזמנה שלך""",
        other_block="""מאת: נועה לוי
תאריך: 05/01/2026 10:04
אל: david@bayit.test
נושא: ההזמנה""",
        separators=(
            "-----הודעה מקורית-----", "-------- הודעה שהועברה --------",
            "-------- ההודעה המקורית --------", "תחילת ההודעה שהועברה:",
        ),
        phones=("נשלח מה-iPhone שלי", "נשלח ממכשיר ה-Galaxy שלי", "קבל את Outlook עבור Android"),
    ),
    "zh": Samples(
        answer="谢谢，请给我蓝色的。\n星期五之前能到吗？",
        question="您想要什么颜色？",
        attributions={
            "gmail": "陶小雨 <xiaoyu@tao.test> 于2026年1月5日周一 10:04写道：",
            "gmail, taiwan": "陶小雨 <xiaoyu@tao.test> 於 2026年1月5日 週一 上午10:04寫道：",
            "apple": "2026年1月5日 10:04，陶小雨 <xiaoyu@tao.test> 写道：",
            "thunderbird": "在 2026/1/5 10:04, 陶小雨 写道:",
            "yahoo": "在 2026年1月5日 星期一 10:04:31 [GMT+8]， 陶小雨<xiaoyu@tao.test> 写道：",
            "163": '在 2026-01-05 10:04:31，"陶小雨" <xiaoyu@tao.test> 写道：',
        },
        block="""发件人: 陶小雨 <xiaoyu@tao.test>
发送时间: 2026年1月5日 10:04
收件人: 李明 <liming@jia.test>
主题: 答复: 您的订单""",
        other_block="""寄件者： 陶小雨
寄件日期： 2026年1月5日 上午 10:04
收件者： 李明
主旨： 您的訂單""",
        separators=(
            "-----邮件原件-----", "-------- 转发的消息 --------", "-----原始郵件-----",
            "------------------ 原始邮件 ------------------", "---- 回复的原邮件 ----",
        ),
        phones=(
            "发自我的 iPhone", "從我的 iPhone 傳送", "发自我的华为手机",
            "获取 Outlook for Android",
        ),
    ),
    "ja": Samples(
        answer="ありがとうございます。青をお願いします。\n金曜日までに届きますか。",
        question="どの色がよろしいですか。",
        attributions={
            "gmail": "2026年1月5日(月) 10:04 陶山葵 <aoi@nendo.test>:",
            "apple": "2026/01/05 10:04、陶山葵 <aoi@nendo.test>のメール:",
            "thunderbird": "2026/01/05 10:04、陶山葵 さんは書きました:",
            "yahoo": "2026年1月5日月曜日 10:04:31 JST、陶山葵 <aoi@nendo.test> さんは書きました:",
        },
        block="""差出人: 陶山葵 <aoi@nendo.test>
送信日時: 2026年1月5日 10:04
宛先: 田中花 <hana@ie.test>
件名: RE: ご注文について""",
        other_block="""差出人： 陶山葵
日時： 2026年1月5日 10:04
宛先： hana@ie.test
件名： ご注文""",
        separators=(
            "-----元のメッセージ-----", "-------- 転送されたメッセージ --------",
            "----- 元のメール -----", "転送されたメッセージ：",
        ),
        phones=("iPhoneから送信", "Galaxyから送信", "Android 版 Outlook を入手",
                "Outlook for Androidを入手"),
    ),
    "ko": Samples(
        answer="감사합니다, 파란색으로 부탁드려요.\n금요일 전에 도착할까요?",
        question="어떤 색을 원하시나요?",
        attributions={
            "gmail": "2026년 1월 5일 (월) 오전 10:04, 도자기 <dojagi@heuk.test>님이 작성:",
            "apple": "2026. 1. 5. 오전 10:04, 도자기 <dojagi@heuk.test> 작성:",
            "thunderbird": "2026-01-05 오전 10:04에 도자기 이(가) 쓴 글:",
            "yahoo": "2026년 1월 5일 월요일 오전 10:04:31 GMT+9, 도자기 <dojagi@heuk.test>님이 "
            "작성한 메시지:",
        },
        block="""보낸 사람: 도자기 <dojagi@heuk.test>
보낸 날짜: 2026년 1월 5일 월요일 오전 10:04
받는 사람: 김하늘 <haneul@jip.test>
제목: RE: 주문하신 상품""",
        other_block="""보낸사람: 도자기
날짜: 2026. 1. 5. 오전 10:04
받는사람: haneul@jip.test
제목: 주문""",
        separators=(
            "-----원본 메시지-----", "-------- 전달된 메시지 --------", "----- 원본 메일 -----",
            "전달된 메시지의 시작:",
        ),
        phones=("나의 iPhone에서 보냄", "Galaxy에서 보냄", "Android용 Outlook 다운로드"),
    ),
}  # fmt: skip
