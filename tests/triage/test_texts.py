"""What the server's own words mean, in all the languages that it comes in, and what only looks alike."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.stonefax.models import Fax, Status
from bot.triage import Failure, judge
from bot.triage.notation import patterns_in
from bot.triage.words import plain_words

HERE = Path(__file__).parent


def table(file: str) -> list[dict[str, str]]:
    """Read a table of this folder."""
    lines = [line for line in (HERE / file).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    header = lines[0].split("\t")
    return [dict(zip(header, line.split("\t"), strict=True)) for line in lines[1:]]


def judged(words: str, cause: int | None = None) -> Failure:
    """Judge a failed fax by the server's words."""
    failure = judge(Fax(id="A_1", status=Status.FAILED, failure_reason=words, cause=cause))
    assert failure is not None
    return failure


@dataclass(frozen=True, slots=True)
class Expected:
    """What a text should be taken for."""

    text: str
    family: str
    side: str
    send_again: str

    def __str__(self) -> str:
        """Name the test by its text."""
        return self.text


FAILURES = [Expected(row["text"], row["family"], row["side"], row["send_again"]) for row in table("failure_texts.tsv")]


@pytest.mark.parametrize("expected", FAILURES, ids=str)
def test_a_failure_text_is_understood(expected: Expected) -> None:
    """Real strings of fax engines, and StoneFax's as they may be, get the judgement that an expert gave them."""
    failure = judged(expected.text)
    assert (failure.family, failure.side.value, failure.send_again.value) == (
        expected.family,
        expected.side,
        expected.send_again,
    )


@pytest.mark.parametrize("text", [row["text"] for row in table("meaningless_texts.tsv")])
def test_a_text_that_means_nothing_is_not_guessed_at(text: str) -> None:
    """The card says plainly that the reason is not known, and quotes the server."""
    failure = judged(text)
    assert failure.family == "unknown"
    assert failure.server_words in {(text,), ()}


def test_the_tables_are_as_long_as_promised() -> None:
    """120 texts that mean something, half of them real, and 40 that mean nothing."""
    rows = table("failure_texts.tsv")
    real = [row for row in rows if not row["source"].startswith("made up")]
    assert len(rows) >= 120
    assert len(real) >= len(rows) / 2
    assert len(table("meaningless_texts.tsv")) >= 40


SPELLINGS = {
    "busy": ("USER_BUSY", "UserBusy", "user-busy", "Fax.Failed.Busy", "ERR_LINE_BUSY", "&lt;busy&gt;", "BUSY!!"),
    "no_answer": (
        "NO_ANSWER",
        "NoAnswer",
        "no-answer",
        "No, answer",
        "no\u00a0answer",
        "didn't answer",
        "didn\u2019t answer",
    ),
    "no_fax_tone": ("No answer, T.30 T1", "T30 T1 timeout", "T.30_T1", "ANSWERED_NO_FAX"),
}


@pytest.mark.parametrize(("family", "text"), [(family, text) for family, texts in SPELLINGS.items() for text in texts])
def test_spelling_does_not_matter(family: str, text: str) -> None:
    """Case, CamelCase, underscores, hyphens, entities and punctuation make no difference."""
    assert judged(text).family == family


LANGUAGES = {
    "busy": (
        "Anschluss besetzt|Il numero è occupato|Le numéro est occupé|El número está ocupado|Абонент занят|الرقم مشغول"
    ),
    "no_answer": (
        "Teilnehmer meldet sich nicht|Il destinatario non risponde|Le destinataire ne répond pas"
        "|No contesta|Номер не отвечает|لا يوجد رد"
    ),
    "no_fax_tone": (
        "Keine Faxkennung|Nessun segnale fax|Aucune tonalité de fax|Sin tono de fax|Факс не обнаружен|لا توجد نغمة فاكس"
    ),
    "voice": (
        "Anrufbeantworter|Risponde una persona|Répondeur détecté|Contestador automático|Ответил человек|البريد الصوتي"
    ),
    "bad_number": (
        "Ungültige Faxnummer|Numero errato|Numéro erroné|El número no existe|Неверный формат номера|رقم غير صحيح"
    ),
    "not_permitted": (
        "Rufnummer gesperrt|Numero bloccato|Numéro interdit|Destino no permitido|Нет прав на отправку|غير مصرح"
    ),
    "rejected": ("Anruf abgelehnt|Chiamata respinta|Appel rejeté|Llamada rechazada|Вызов отклонён|تم رفض الاتصال"),
    "cut_off": ("Verbindung getrennt|La linea è caduta|Ligne coupée|Se cortó la llamada|Связь прервана|تم قطع الاتصال"),
    "unconfirmed": (
        "Nicht bestätigt|Nessuna conferma|Sans confirmation|Sin confirmación|Нет подтверждения|لم يتم تأكيد الاستلام"
    ),
    "document": ("Datei beschädigt|File danneggiato|Fichier corrompu|Archivo dañado|Файл повреждён|الملف تالف"),
    "our_capacity": (
        "System derzeit überlastet|Il server è occupato|Le système était occupé|El servidor está ocupado"
        "|Сервер занят|النظام مشغول"
    ),
    "negotiation": (
        "Keine Antwort auf DCS|Risposta errata dopo il training|Réponse invalide après DCS"
        "|Sin respuesta al TCF|Нет ответа на DCS"
    ),
    "transfer_broke": (
        "Gegenstelle nicht bereit für die nächste Seite|Fax remoto non pronto per la pagina successiva"
        "|Le télécopieur n'est pas prêt pour la page suivante|El fax remoto no está listo para la siguiente página"
    ),
    "gave_up": (
        "Zeitlimit überschritten|Fax non inviato entro il tempo previsto|Pas envoyé dans le délai imparti"
        "|No se pudo enviar en el plazo previsto|Факс не отправлен за отведенное время"
    ),
    "server_fault": (
        "Fehler bei der Speicherzuweisung|Errore di allocazione della memoria|Échec d'allocation de mémoire"
        "|Error al asignar memoria|Ошибка выделения памяти|فشل تخصيص الذاكرة"
    ),
    "quota": (
        "Guthaben aufgebraucht|Credito insufficiente|Crédit insuffisant"
        "|Saldo insuficiente|Недостаточно средств|الرصيد غير كاف"
    ),
}


@pytest.mark.parametrize(
    ("family", "text"), [(family, text) for family, texts in LANGUAGES.items() for text in texts.split("|")]
)
def test_the_language_of_the_server_does_not_matter(family: str, text: str) -> None:
    """German, Italian, French, Spanish, Russian and Arabic wordings are understood."""
    assert judged(text).family == family


@pytest.mark.parametrize(
    "text",
    [
        *("not busy", "isn't busy", "The line was not really busy", "no longer busy", "Busy: false", "busy = 0"),
        *("nicht besetzt", "nicht mehr besetzt", "non occupato", "La linea non è occupata", "pas occupé", "no ocupado"),
        *("не занято", "ليس مشغولا", "Not rejected", "without any errors", "Retry on busy", "Retry if busy"),
        *("Busy signal detected: no", "Busy hour routing", "timeout = 30", "Timeout: 30 s"),
    ],
)
def test_what_is_denied_did_not_happen(text: str) -> None:
    """A "not" before a word, in any language, and a setting or counter of its name do not count."""
    assert judged(text).family == "unknown"


@pytest.mark.parametrize(
    ("text", "family"),
    [
        *(("USER_BUSY (retry disabled)", "busy"), ("Busy, time 16:00", "busy"), ("Busy time", "unknown")),
        *(("Retries are disabled", "unknown"), ("Wrong number, resending disabled", "bad_number")),
        *(("International calls are disabled", "not_permitted"), ("ECM on, no errors", "unknown")),
    ],
)
def test_a_setting_beside_the_cause_changes_nothing(text: str, family: str) -> None:
    """What is said of a setting is struck out, and no wording is put together across it."""
    assert judged(text).family == family


@pytest.mark.parametrize(
    ("text", "send_again"),
    [
        *(("Remote hung up before the first page", "now"), ("Disconnected before training was complete", "now")),
        *(("Remote hung up before the fax was complete", "ask_first"), ("SIP BYE received", "ask_first")),
        *(("DCN received after the last page", "ask_first"), ("Keine Antwort nach dem Senden der Seite", "ask_first")),
        *(("Nessuna risposta dopo l'invio della pagina", "ask_first"), ("Нет ответа после страницы", "ask_first")),
    ],
)
def test_only_before_the_first_page_a_fax_cut_off_is_sent_again_at_once(text: str, send_again: str) -> None:
    """As soon as a page was sent it may have arrived, whatever ended the call."""
    assert judged(text).send_again.value == send_again


@pytest.mark.parametrize(
    ("text", "family"),
    [
        *(("The server is busy", "our_capacity"), ("Remote fax server is busy", "busy")),
        *(("All modems busy", "our_capacity"), ("The recipient's fax machine is busy", "busy")),
    ],
)
def test_a_busy_machine_is_ours_unless_it_is_called_theirs(text: str, family: str) -> None:
    """“System busy” is said of the fax server itself."""
    assert judged(text).family == family


@pytest.mark.parametrize("text", ["could not fax", "Did not fax", "Unable to fax", "Fax konnte nicht gesendet werden"])
def test_that_it_was_not_faxed_is_no_reason(text: str) -> None:
    """“Not fax” in such a text does not mean that there was no fax machine."""
    assert judged(text).family == "unknown"


@pytest.mark.parametrize(
    "text", ["No answer", "not in service", "Kein Anschluss", "нет ответа", "sin respuesta", "No fax"]
)
def test_a_failure_that_is_itself_a_denial_counts(text: str) -> None:
    """“No answer” is not the denial of an answer that does not matter."""
    assert judged(text).family != "unknown"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "timeout.pdf",
            "sent a file called timeout.pdf",
            "no_answer.tif",
            "“line busy report.pdf”",
            "busy@example.com",
        ),
        *(r"C:\faxes\busy\cancelled", "/var/spool/busy/7", "https://example.com/timeout/busy", "busy.example.com"),
    ],
)
def test_a_name_of_a_file_or_place_says_nothing(text: str) -> None:
    """Names of files, folders, hosts and people's addresses are one word each and mean nothing."""
    assert judged(text).family == "unknown"


@pytest.mark.parametrize(
    ("text", "family"),
    [
        *(("SIP 486", "busy"), ("SIP/2.0 404 Not Found", "bad_number"), ("404 Not Found", "bad_number")),
        *(("SIP;cause=486", "busy"), ("Q.850;cause=17", "busy"), ("Q931Code: 1", "bad_number"), ("Ursache 17", "busy")),
        *(("a counter that is 404", "unknown"), ("486", "unknown"), ("17 pages", "unknown"), ("unknown", "unknown")),
        *(("HTTP/1.1 404 Not Found", "unknown"), ("root cause: 3 attempts", "unknown"), ("cause 999", "unknown")),
    ],
)
def test_a_number_is_a_code_only_where_the_text_says_so(text: str, family: str) -> None:
    """“SIP 486” and “cause 17” are codes; a bare number is none."""
    assert judged(text).family == family


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Too many attempts to dial: busy", "busy"),
        ("Giving up after 3 tries; no carrier detected", "no_fax_tone"),
        ("Maximale Anzahl der Versuche erreicht (besetzt)", "busy"),
        ("Too many attempts to dial", "gave_up"),
    ],
)
def test_the_cause_counts_before_the_number_of_tries(text: str, family: str) -> None:
    """“Too many attempts” is the answer only where nothing says why they failed."""
    assert judged(text).family == family


@pytest.mark.parametrize("text", ["failed " * 900, "a." * 900, "no " * 900, '"x' * 900, "лы не" * 400, "((((" * 400])
def test_no_text_takes_long(text: str) -> None:
    """A text made to be hard to read costs less than a tenth of a second."""
    judged(text)  # patterns are compiled when a word first needs them
    began = time.perf_counter()
    judged(text)
    assert time.perf_counter() - began < 0.1


def test_words_are_plain() -> None:
    """What patterns are held against: folded words, one sign for each break, names as `file` and `place`."""
    assert plain_words("Übertragung_fehlgeschlagen: “No answer.pdf”; see http://x.example/y") == (
        "ubertragung fehlgeschlagen,file.see place"
    )
    assert plain_words("Q.850 cause: 17 (T.30)") == "cause17,t30"


def test_a_pattern_begins_with_a_word() -> None:
    """A leading bracket is spelled out, also one inside another."""
    assert patterns_in("[a | (b | c)] d*") == [["a", "d*"], ["b", "d*"], ["c", "d*"], ["d*"]]
