"""Papers about people who do not exist, for the tests, the pictures and the measurements."""

from __future__ import annotations

from datetime import date

from bot.paper import Fact, Paper, Section

NUMBER = "H-2026-0007"
CLASSIFICATION = "Fortroligt · følsomme personoplysninger"
FOOTER = (
    "Må kun bruges til det formål, der står i papiret. Opbevares og slettes efter modtagerens egne regler; "
    "spørgsmål til sekretariatet."
)
MADE_ON = date(2026, 11, 21)

_OBSERVED = (
    ("12. oktober", "Klasselærer", "Nord trækker sig fra fodboldholdet og spiser for sig selv."),
    ("19. oktober", "Klasselærer", "Han siger i en time, at »det alligevel snart er forbi med jer andre«."),
    (
        "28. oktober",
        "Pædagog i klubben",
        "Han viser to yngre drenge en video med vold og beder dem dele den.",
    ),
    (
        "4. november",
        "Klasselærer",
        "Samtale med Nord. Han er ked af, at hans bror er flyttet, og sover dårligt.",
    ),
    (
        "9. november",
        "Skolens sundhedsplejerske",
        "Han kommer selv og taler om søvn. Han vil gerne komme igen.",
    ),
)


def register_sheet() -> Paper:
    """A short paper: who it is about, why, and by when."""
    return Paper(
        language="da",
        title="Henvisning: registerark",
        number=NUMBER,
        classification=CLASSIFICATION,
        recipient="Socialforvaltningen, Borgercenter Børn og Unge",
        facts=(
            Fact("Navn", "Nord Opdigtesen"),
            Fact("CPR-nummer", "120352-6004"),
            Fact("Adresse", "Ærøskøbing Allé 0, st. tv., 2450 København SV"),
            Fact("Formål", "At vurdere, om der er brug for støtte til en ung, der er bekymring for."),
            Fact(
                "Hjemmel", "Retsplejelovens § 115; databeskyttelsesforordningens artikel 6, stk. 1, litra e"
            ),
            Fact("Svar senest", "fredag 4. december 2026 kl. 12.00"),
        ),
        sections=(
            Section(
                "Det bedes I gøre",
                (
                    "Slå op i egne registre, og svar kun, om I bringer noget med til mødet.",
                    "Ingen har pligt til at dele oplysninger. »Vi ønsker ikke at dele« er også et svar.",
                ),
            ),
        ),
        footer=FOOTER,
        made_on=MADE_ON,
    )


def meeting_annex() -> Paper:
    """A long paper in which a table goes on over the end of a page."""
    observed = tuple(
        (day, who, f"{what} {'Det er set af flere.' * (turn % 2)}")
        for turn in range(5)
        for day, who, what in _OBSERVED
    )
    return Paper(
        language="da",
        title="Bilag til mødet i Koordineringsenheden",
        number=NUMBER,
        classification=CLASSIFICATION,
        recipient="SSP København",
        facts=(
            Fact("Møde", "tirsdag 8. december 2026 kl. 9.00"),
            Fact("Aldersgruppe", "15-17 år"),
            Fact("Henvist af", "lærer"),
        ),
        sections=(
            Section(
                "Bekymringen",
                (
                    "En lærer er bekymret for en elev i 9. klasse, der på få uger har ændret sig meget.",
                    "Han taler nedsættende om bestemte grupper og har vist yngre elever videoer med vold.",
                    "Læreren har ikke hørt ham true nogen. Skolen har talt med hans mor, der selv er urolig.",
                ),
            ),
            Section(
                "Det, der taler for ham",
                (
                    "Han kommer i skole hver dag, taler godt med sundhedsplejersken og savner sit hold.",
                    "Hans farfar henter ham om onsdagen, og de to går op i modeltog.",
                ),
            ),
            Section("Hvad der er set, og af hvem", (), observed, ("Dag", "Set af", "Hvad der er set")),
            Section(
                "Spørgsmål til mødet",
                (
                    "Hvem har den bedste kontakt til familien?",
                    "Kan klubben tilbyde en kontaktperson før jul?",
                ),
            ),
        ),
        footer=FOOTER,
        made_on=MADE_ON,
    )


def danish_letters() -> Paper:
    """A paper of long words, letters and signs."""
    return Paper(
        language="da",
        title="Æblegrød på Ærø: om øre, å og ældgamle ressourcepersonkoordinatorer",
        number=NUMBER,
        classification="Internt",
        recipient="Beskæftigelses- og Integrationsforvaltningen, Jobcenteret for unge under tredive år",
        facts=(
            Fact("Æ Ø Å", "æ ø å · Ǿ ǿ · é è ü ß ð þ ş ğ İ ı"),
            Fact("Andre skrifter", "مرحبا بكم · Привет · Καλημέρα"),
            Fact("Tegn", "§ 115 · 1.234,50 kr. · »citat« – tankestreg … #panic() *ikke fed* {{ title }} 🙂"),
            Fact("Meget langt", "https://eksempel.invalid/en/adresse/der/bliver/ved/og/ved/" + "x" * 90),
        ),
        sections=(
            Section(
                "Sammensatte ord",
                (
                    "Speciallægepraksisplanlægningsstabiliseringsperiode og koordineringsenhedsmøde.",
                    "Ved siden af står beskæftigelsesindsatskoordineringsudvalgsmedlemskab og løber ikke ud.",
                ),
                (
                    ("Børne- og ungerådgivningskoordinator", "1", "sagsnummer2010-1717-21-00-88-99-00-11-22"),
                    ("Å", "200", "kort"),
                ),
                ("Titel", "Antal", "Bemærkning"),
            ),
        ),
        footer="Side med prøver",
        made_on=MADE_ON,
    )
