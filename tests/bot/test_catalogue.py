"""The two catalogues: against each other, the rules for words, and the code that asks for them."""

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.board import GROUPS
from bot.card_form import MOST_CHARACTERS
from bot.cards import Reason
from bot.catalogue import catalogue, placeholders
from bot.configuration import read_configuration
from bot.intake import OPTIONS
from bot.log import ACTIONS, FIELDS
from bot.masking import Mask
from bot.menu import OF_STAFF
from bot.own_data import REASONS as REASONS_AGAINST_INSIGHT
from bot.privacy import REASONS
from bot.referral_asking import ANSWERS
from bot.referral_form import BY_NAME, THREE, Part, Sheet
from bot.referral_review import Withdrawn
from bot.referral_values import Origin
from bot.rota_week import Mark as RotaMark
from bot.typed_in import Way
from handlers.console.pages.writing import MASKED_BY_HAND
from handlers.console.rota_forms import READ
from handlers.papers.template_error import TemplateFault
from handlers.telegram.render import Renderer
from scheduling.calendars import CalendarFault
from scheduling.dispatch import PassedOver
from scheduling.instant import Instant
from scheduling.rota_file import FaultReason
from scheduling.shifts import DayKind, Station
from scheduling.urgency import Urgency
from storage.models import Author, Channel, Outcome, ReferralState, Role, State

ROOT = Path(__file__).parents[2]
RULES = read_configuration(ROOT / "hotline.toml")
LANGUAGES = ("da", "en")
SHORT_ANSWERS = ("called", "yes", "no")
GLOBALS = frozenset(
    {
        "hotline",
        "city",
        "numbers",
        "emergency_number",
        "police_number",
        "national_number",
        "press_contact",
        "report_link",
        "notification_link",
        "quiet_minutes",
        "reopen_days",
    }
)

CARD_PAGES = ("thanks", "spent", "expired", "unknown", "often", "large", "bad", "fault")
# What an f-string that makes a key can become; a hole is "{}". A new f-string must be entered here.
EXPANSIONS = {
    "age.{}": ("days", "hours", "minutes"),
    "answer.{}.{}": tuple(f"{question}.{option}" for question in OPTIONS for option in OPTIONS[question]),
    "answer.postcode.{}": ("copenhagen", "elsewhere"),
    "channel.{}": tuple(Channel),
    "hours.{}": ("daily", "always"),
    "button.helped_{}": ("yes", "partly", "no"),
    "card.reason.{}": tuple(Reason),
    "cardform.doubt.{}": ("phone", "email"),
    "cardform.fault.{}": ("nothing", "no_phone", "too_long"),
    "cardform.hint.{}": ("hours", "relation"),
    "cardform.label.{}": tuple(MOST_CHARACTERS),
    "cardform.{}.text": CARD_PAGES,
    "cardform.{}.title": (*CARD_PAGES, "whole", "call"),
    "cardform.{}.why": ("whole", "call"),
    "console.actor.{}": ("hotline", "person", "chat", "operator"),
    "console.author.{}": tuple(Author),
    "console.card.doubt.{}": ("phone", "email"),
    "console.card.fault.{}": ("nothing", "too_long", "not_agreed"),
    "console.card.field.{}": tuple(MOST_CHARACTERS),
    "console.mask.kind.{}": tuple(mask.value for mask in MASKED_BY_HAND),
    "console.requests.reason.{}": (*REASONS, *REASONS_AGAINST_INSIGHT),
    "console.requests.kind.{}": ("erasure", "insight"),
    "console.requests.grant.{}": ("erasure", "insight"),
    "access.refused_{}": REASONS_AGAINST_INSIGHT,
    "delete.kept_{}": REASONS,
    "console.error.{}.text": ("bad", "expired", "forbidden", "missing", "large", "often", "fault"),
    "console.error.{}.title": ("bad", "expired", "forbidden", "missing", "large", "often", "fault"),
    "console.new.ask.{}": tuple(OPTIONS),
    "console.new.ended.{}": ("redirected", "press"),
    "console.new.way.{}": tuple(Way),
    "console.now.{}": GROUPS,
    "console.settings.{}": ("audit", "rota"),
    "console.settings.attachments.{}": ("none", "confirmed"),
    "console.settings.triage.{}": ("flagged", "always", "never"),
    "answer.alarm.{}": OPTIONS["alarm"],
    "console.role.{}": tuple(Role),
    "console.subject.{}": ("enquiry", "person", "chat", "rota", "hotline", "invite"),
    "console.rota.change.{}": tuple(READ),
    "console.rota.fault.{}": ("empty", "day", "time", "choice", "number", "before", "long"),
    "console.rota.few.{}": ("panel", "coordinator"),
    "console.rota.kind.{}": tuple(DayKind),
    "console.rota.mark.{}": tuple(RotaMark),
    "console.rota.none.{}": ("panel", "coordinator"),
    "console.rota.on.{}": tuple(DayKind),
    "console.rota.set.{}": (*DayKind, "suggested"),
    "edit.day_{}": (*DayKind, "suggested"),
    "edit.plan_{}": ("unknown", "station"),
    "emergency.{}": ("called", "yes"),
    "emergency.{}_untold": ("called", "yes"),
    "emergency.answered.{}": ("none", *SHORT_ANSWERS),
    "enrol.welcome.{}": tuple(Role),
    "help.{}": ("enquirer", *Role),
    "insight.{}": ("draft", "assigned", "held", "closed"),
    "intake.ask.{}": tuple(OPTIONS),
    "language.{}": (*RULES.hotline.languages, *RULES.hotline.spoken),
    "log.{}": tuple(ACTIONS),
    "mask.{}": tuple(Mask),
    "menu.{}": (
        *("help", "status", "new", "emergency", "privacy", "language", "withdraw", "close", "delete"),
        *OF_STAFF,
    ),
    "offer.declined.{}": ("later", "field", "conflict"),
    "outcome.{}": tuple(Outcome),
    "paper.template.{}": tuple(TemplateFault),
    "passed_over.{}": tuple(PassedOver),
    "plan.calendar.{}": tuple(CalendarFault),
    "plan.fault.{}": tuple(FaultReason),
    "promise.{}": tuple(Urgency),
    "queue.due.{}": ("promised", "overdue", "answered", "kept", "to_pass_on"),
    "queue.line.{}": tuple(State),
    "button.refer_{}": ANSWERS,
    "referral.about.{}": tuple(Part),
    "referral.answer.{}": ANSWERS,
    "referral.asked.{}": BY_NAME["asked"].choices,
    "referral.because.{}": tuple(Withdrawn),
    "referral.considered.{}": BY_NAME["considered"].choices,
    "referral.decided.{}": ("approved", "sent_back"),
    "referral.did.{}": (
        *("approve", "send_back", "take_back", "correct", "drop", "withdraw"),
        *("review", "submit", "ask", "tell", "card"),
    ),
    "referral.doubt.{}": ("shape", "date", "replacement"),
    "referral.field.{}": tuple(BY_NAME),
    "referral.hint.{}": tuple(BY_NAME),
    "referral.origin.{}": tuple(Origin),
    "referral.kind.{}": ("pdf", "docx"),
    "referral.paper.{}": tuple(Sheet),
    "referral.paper.asked_{}": ("look", "answer", "free"),
    "referral.part.{}": tuple(Part),
    "referral.state.{}": tuple(ReferralState),
    "referral.three.{}": THREE,
    "referral.urgency.{}": BY_NAME["urgency"].choices,
    "person.field.{}": FIELDS,
    "staff.fault.{}": (
        *("alias", "alias_taken", "own_role", "role_not_yours", "last_secretary", "role_has_cases"),
        *("role_has_shifts", "no_language", "cap", "in_future", "leaves_before", "too_long"),
    ),
    "rota.gap_{}": ("panel", "coordinator"),
    "rota.line_{}": tuple(Station),
    "rota.now_{}": tuple(Station),
    "rota.thin_{}": ("panel", "coordinator"),
    "rota.week_{}": tuple(Station),
    "rule.{}": ("conflict", "minor_rule", "own_enquiry", "paused", "certificate", "own_district"),
    "sent.duty_to_notify_{}": ("minor", "any"),
    "state.{}": tuple(State),
    "station.{}": tuple(Station),
    "status.{}": tuple(State),
    "strange.{}": ("voice", "other"),
    "triage.reason.{}": (
        "alarm",
        "minor",
        "self",
        "competence",
        "always",
        "handover",
        "activity",
        "none",
    ),
    "urgency.{}": tuple(Urgency),
    "why.because.{}": ("field", "turn", "digest"),
    "why.said.{}": ("open", "later", "field", "conflict", "claimed", "taken", "withdrawn"),
    "why.verdict.{}": ("rung", "next", *PassedOver),
}
# Kept although no code asks for them yet: their use is agreed, or an operator's configuration may name them.
NOT_ASKED_FOR = frozenset(
    {
        "answer.topic.unsure",  # the topic's options come from the configuration
        "command.usage.open",
        "command.usage.revoke",
        "media.photo",
        "media.document",
        "relay.part",
        *(f"language.{code}" for code in ("bs", "de", "fa", "fr", "so", "tr", "ur")),
    }
)
# Keys that a variable carries to where they are said, and what is passed with them there.
PASSED_INDIRECTLY = {
    "absence.line": {"days"},
    "alarm.card_unopened": {"number"},
    "card.": {"number"},
    "card.ask": {"number", "days"},
    "card.ask_anew": {"number", "days"},
    "card.link": {"number", "link", "until"},
    "card.link_call": {"number", "link", "until"},
    "cardform.fault.": {"most"},
    "console.card.": {"at", "alias"},
    "console.card.fault.": {"most"},
    "contact.asked_lately": {"number", "hours"},
    "contact.not_now": {"number"},
    "contact.there_already": {"number"},
    "log.card_opened": {"reason"},
    "by_desk.": {"alias", "back", "opening"},
    "by_desk.tell": {"number", "what"},
    "console.new.kept": {"number"},
    "console.log.whole": {"links", "at", "waiting"},
    "console.log.broken": {"links", "at", "broken"},
    "console.log.empty": {"waiting"},
    "console.faster": {"number", "alias"},
    "console.moved_on": {"number"},
    "access.yours": {"text"},
    "access.ours": {"text"},
    "access.party_sent": {"party", "at"},
    "access.party_chosen": {"party"},
    "console.requests.kind.": {"at"},
    "console.taken": {"number"},
    "console.rota.few.": {"on_duty", "needed"},
    "console.rota.mark.": {"owner"},
    "console.rota.none.": {"needed"},
    "edit.": {"alias", "day"},
    "console.urgency.changed": {"number"},
    "note.too_long": {"most", "count"},
    "redaction.": {"number", "count", "referral"},
    "log.moved": {"before", "after"},
    "referral.ask_party": {"party"},
    "referral.did.": {"number"},
    "referral.refused": {"field"},
    "referral.doubtful": {"said"},
    "referral.template_refused": {"said"},
    "relay.waits_for_her": {"alias", "number", "back"},
    "rota.": {"span", "alias", "on_duty", "needed", "day", "lines", "hours", "names"},
    "shift.enquirer_kept": {"alias", "number", "back"},
    "age.": {"count"},
    "alarm.": set(),
    "alarm.unanswered": {"number", "alias"},
    "case.from_panel": {"number", "text"},
    "case.head": {"number", "answers", "competence", "urgency", "language"},
    "case.head_reading": {"number", "answers", "competence", "urgency", "language"},
    "case.note": {"number", "text"},
    "competence.named": {"competence"},
    "answer.postcode.": {"postcode"},
    "command.usage.": set(),
    "handover.conflicted": {"alias"},
    "desk.revoked": {"alias"},
    "invites.": {"alias"},
    "log.person_changed": {"field"},
    "log.invited": {"role"},
    "log.invite_withdrawn": {"role"},
    "staff.close.other": {"alias"},
    "staff.fault.": {"most"},
    "staff.fault.districts": {"written"},
    "staff.saved": {"alias"},
    "staff.nothing_changed": {"alias"},
    "hours.line": {"alias", "minutes", "cases", "missing", "status"},
    "hours.status.": {"alias", "change"},
    "insight.": {"alias", "names", "reason", "reasons"},
    "intake.": {"question", "postcode"},
    "out_of_hours.": {"span", "days"},
    "paper.page": {"page", "pages"},
    "paper.template.": {"name"},
    "passed_over.": {"count"},
    "promise.": {"by"},
    "queue.due.": {"by"},
    "queue.line.": {"number", "urgency", "age", "alias", "reason", "due"},
    "relay.enquirer_reachable": {"number"},
    "relay.enquirer_unreachable": {"number"},
    "relay.from_enquirer": {"number", "text"},
    "relay.from_panel": {"number", "alias", "text"},
    "relay.withdrawn": {"number", "alias"},
    "rule.": {"alias"},
    "status.": {"number"},
    "triage.waiting": {"number", "reason", "urgency", "competence", "by"},
    "usual.": {"promise", "count"},
    "offer.digest_line": {"number", "competence", "by"},
    "why.asked": {"alias", "at", "said", "reason"},
    "why.asked_again": {"alias", "count", "at", "said", "reason"},
    "why.verdict.": {"alias"},
}
NO_PLACEHOLDERS = ("mask.", "menu.", "competence.any", "language.")  # looked up without being formatted
MUST_BE_SAID_FIRST = {
    "da": "alarmtjeneste|hele døgnet|Politiet læser ikke med|spørger vi dig først|CPR|anonym|tavshedspligt|"
    "pligt til at føre notater|underretningspligt|end-to-end|Telegram|/privacy|/emergency|vælg sprog",
    "en": "emergency service|round the clock|police do not read along|ask you first|CPR|anonymous|"
    "duty of confidentiality|duty to record|duty to notify|end-to-end|Telegram|/privacy|/emergency|"
    "choose a language",
}
A_MORNING = Instant.of(datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/Copenhagen")))
EMOJI = re.compile("[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")
KEY = re.compile(r"[a-z]+(?:\.[a-z0-9_-]+)+")
SAMPLES = {"number": "K-2026-00001", "postcode": "2300", "minutes": "45", "alias": "Mira"}
SAID_OF = {"say": 1, "tell": 2, "alert": 1, "_answer_alike": 2, "Button": 0, "word": 0, "words": 0}
OUR_OWN = frozenset(
    {
        "buttons",
        "message",
        "purpose",
        "subject",
        "reply_to",
        "priority",
        "action",
        "about",
        "wished_by",
        "urgent",
        "except_for",
    }
)


@cache
def texts(language: str) -> dict[str, str]:
    return catalogue(language)


SAID_IN_TEMPLATE = re.compile(r"\bt\('([a-z0-9_.-]+)'")


def closed_at(text: str, start: int) -> int:
    """Where the bracket that is open at the start is closed."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise AssertionError(text[start : start + 40])


@cache
def said_in_templates() -> tuple[tuple[str, str, set[str]], ...]:
    """What the console's pages say: place, key or pattern, names passed."""
    found = []
    for path in sorted((ROOT / "handlers").glob("*/templates/**/*.html")):
        text = path.read_text(encoding="utf-8")
        for said in SAID_IN_TEMPLATE.finditer(text):
            call = text[said.end() : closed_at(text, said.end())]
            made, _, given = call.partition(",")
            rest = re.search(r"~ '([a-z._]+)'\s*$", made)
            hole = ("{}" + (rest[1] if rest else "")) if "~" in made else ""
            found.append((path.name, said[1] + hole, set(re.findall(r"(\w+)=", given))))
    return tuple(found)


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    rooms = (
        "bot",
        "handlers",
        "handlers/telegram",
        "handlers/console",
        "handlers/console/pages",
        "handlers/papers",
        "handlers/card",
    )
    files = [path for room in rooms for path in (ROOT / room).glob("*.py")]
    return tuple((file, ast.parse(file.read_text(encoding="utf-8"))) for file in sorted(files))


def namespaces() -> frozenset[str]:
    return frozenset(key.partition(".")[0] for key in texts("da") if "." in key)


def pattern_of(made: ast.JoinedStr) -> str:
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in made.values)


def keys_of(expression: ast.AST) -> Iterator[str]:
    """Every key the expression can be, as far as its strings tell."""
    inside_made = {
        id(part) for made in ast.walk(expression) if isinstance(made, ast.JoinedStr) for part in made.values
    }
    for node in ast.walk(expression):
        if isinstance(node, ast.JoinedStr):
            pattern = pattern_of(node)
            for expanded in EXPANSIONS.get(pattern, ()):
                yield pattern[: pattern.index("{}")] + expanded + pattern[pattern.rindex("{}") + 2 :]
        elif isinstance(node, ast.Constant) and id(node) not in inside_made and is_key(node.value):
            yield node.value


def is_key(value: object) -> bool:
    if not isinstance(value, str):
        return False
    in_namespace = KEY.fullmatch(value) is not None and value.partition(".")[0] in namespaces()
    return in_namespace or value in texts("da")


def looks_like_key(pattern: str) -> bool:
    return (
        "." in pattern
        and re.fullmatch(r"[a-z._{}-]+", pattern) is not None
        and pattern.partition(".")[0] in namespaces()
    )


def asked_for() -> set[str]:
    """Every key the code names: by its namespace anywhere, and by its place in a call that says it."""
    named = {key for _, tree in sources() for key in keys_of(tree)}
    named |= {key for _, key, _ in said_in_templates() if "{}" not in key}
    return named | {node.value for node in said_in_place() if isinstance(node, ast.Constant)}


def said_in_place() -> Iterator[ast.Constant | ast.JoinedStr]:
    """The strings that stand where a call takes a key, also those of a namespace still unknown."""
    for _, tree in sources():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            argument = key_argument(call)
            either = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
            for one in either:
                is_text = isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value
                if is_text or isinstance(one, ast.JoinedStr):
                    yield one


def key_argument(call: ast.Call) -> ast.AST | None:
    method = call.func if isinstance(call.func, ast.Attribute) else None
    name = getattr(call.func, "id", "") if method is None else method.attr
    if name not in SAID_OF or (name == "say" and method is None):
        return None
    owner = None if method is None else method.value
    is_visit = name == "say" and isinstance(owner, ast.Name) and owner.id in ("visit", "self")
    at = 0 if is_visit else SAID_OF[name]
    return call.args[at] if len(call.args) > at else None


def assigned(function: ast.AST, name: str) -> Iterator[ast.AST]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=True):
                    if isinstance(one, ast.Name) and one.id == name:
                        yield value


def keys_said(function: ast.AST, argument: ast.AST) -> Iterator[str]:
    if isinstance(argument, ast.Name):
        for value in assigned(function, argument.id):
            yield from keys_of(value)
    elif isinstance(argument, ast.IfExp):
        yield from keys_of(argument.body)
        yield from keys_of(argument.orelse)
    elif not isinstance(argument, ast.Attribute | ast.Subscript):
        yield from keys_of(argument)


def dict_of(function: ast.AST, node: ast.AST) -> set[str] | None:
    """The names in a dict, also one behind a variable; None where that cannot be told."""
    if isinstance(node, ast.Name):
        found = [dict_of(function, value) for value in assigned(function, node.id)]
        return None if not found or None in found else set.union(*(one for one in found if one is not None))
    if isinstance(node, ast.IfExp):
        one, other = dict_of(function, node.body), dict_of(function, node.orelse)
        return None if one is None or other is None else one | other
    if isinstance(node, ast.Dict):
        return {key.value for key in node.keys if isinstance(key, ast.Constant)}
    return None


def passed(function: ast.AST, call: ast.Call) -> set[str] | None:
    if getattr(call.func, "id", "") == "Button":
        return dict_of(function, call.args[2]) if len(call.args) > 2 else set()
    names = {keyword.arg for keyword in call.keywords if keyword.arg is not None} - OUR_OWN
    if any(keyword.arg == "message" for keyword in call.keywords):
        names.add("text")
    for keyword in call.keywords:
        if keyword.arg is None:
            spread = dict_of(function, keyword.value)
            if spread is None:
                return None
            names |= spread
    return names


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Where a key is said with parameters: place, key, names passed."""
    for file, tree in sources():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                argument = key_argument(call)
                if argument is None:
                    continue
                names = passed(function, call)
                for key in keys_said(function, argument):
                    if names is not None:
                        yield f"{file.name}:{call.lineno}", key, names


def indirect(key: str) -> set[str]:
    fits = [
        prefix
        for prefix in PASSED_INDIRECTLY
        if key == prefix or (prefix[-1] == "." and key.startswith(prefix))
    ]
    return PASSED_INDIRECTLY[max(fits, key=len)] if fits else set()


def rendered(key: str, language: str) -> str:
    names = placeholders(texts(language)[key]) - GLOBALS
    params = {name: SAMPLES.get(name, "x") for name in names}
    return Renderer(RULES, bot_name="example_bot").text(key, params, language=language, now=A_MORNING)


def test_both_catalogues_have_the_same_keys():
    assert set(texts("da")) == set(texts("en"))


@pytest.mark.parametrize("key", sorted(texts("da")))
def test_both_catalogues_have_the_same_placeholders(key):
    assert placeholders(texts("da")[key]) == placeholders(texts("en")[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_is_filled_explained_and_in_its_own_catalogue(language):
    from babel.messages.pofile import read_po

    path = ROOT / "bot" / "texts" / f"{language}.po"
    with path.open("rb") as file:
        read = read_po(file, abort_invalid=True)
    assert str(read.locale) == language
    assert read.charset.lower() == "utf-8"
    entries = [message for message in read if message.id]
    assert len(entries) == path.read_text(encoding="utf-8").count("\nmsgid ") - 1, "a key stands there twice"
    assert [m.id for m in entries if not m.string] == []
    assert [m.id for m in entries if not m.auto_comments] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tone_is_calm(language):
    for key, text in texts(language).items():
        assert "!" not in text, key
        assert EMOJI.search(text) is None, key
        assert text == text.strip(), key
        assert "  " not in text, key
        assert re.search(r"[*_`]{2}|<[a-z]+>|</", text) is None, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_short_once_rendered(language):
    labels = {key for _, key, _ in button_labels()}
    labels |= {
        key for key in texts(language) if key.startswith(("button.", "answer.", "outcome.", "language."))
    }
    labels -= {"language.chosen", "language.choose"}
    too_long = {key: rendered(key, language) for key in labels if len(rendered(key, language)) > 28}
    assert too_long == {}


def button_labels() -> Iterator[tuple[str, str, set[str]]]:
    for _, tree in sources():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == "Button":
                for key in keys_of(call.args[0]):
                    yield "", key, set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_link_city_or_name_is_written_into_a_text(language):
    numbers = {number.number for number in RULES.numbers}
    words = {*RULES.hotline.city.values(), *RULES.hotline.name.values(), "VINK", "SSP København"}
    words |= {*RULES.press.contact.values(), *RULES.press.report.values(), *RULES.links.notification.values()}
    for key, text in texts(language).items():
        for fixed in words | numbers:
            assert re.search(rf"(?<!\w){re.escape(fixed)}(?!\w)", text) is None, (key, fixed)


def test_every_key_the_code_asks_for_exists():
    assert sorted(asked_for() - set(texts("da"))) == []


def test_every_made_key_can_be_expanded():
    made = {
        pattern_of(node): file.name
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
    }
    unknown = {
        pattern: file
        for pattern, file in made.items()
        if looks_like_key(pattern) and pattern not in EXPANSIONS
    }
    in_place = {pattern_of(node) for node in said_in_place() if isinstance(node, ast.JoinedStr)}
    in_place |= {key for _, key, _ in said_in_templates() if "{}" in key}
    assert unknown == {}, "enter the pattern in EXPANSIONS"
    assert sorted(in_place - set(EXPANSIONS)) == [], "enter the pattern in EXPANSIONS"


def test_every_key_is_asked_for():
    made = {
        pattern[: pattern.index("{}")] + expanded + pattern[pattern.rindex("{}") + 2 :]
        for pattern, expansions in EXPANSIONS.items()
        for expanded in expansions
    }
    assert sorted(set(texts("da")) - asked_for() - made - NOT_ASKED_FOR) == []


def test_only_what_is_passed_is_used():
    said: dict[str, list[tuple[str, set[str]]]] = {}
    for place, key, names in (*calls(), *said_in_templates()):
        said.setdefault(key, []).append((place, names))
    missing = []
    for key, text in texts("da").items():
        wanted = placeholders(text) - GLOBALS - indirect(key)
        places = said.get(key, [])
        if not places and wanted:
            missing.append((key, "nowhere", sorted(wanted)))
        missing += [(key, place, sorted(wanted - names)) for place, names in places if wanted - names]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_looked_up_unformatted_has_no_placeholders(language):
    for key, text in texts(language).items():
        if key.startswith(NO_PLACEHOLDERS):
            assert placeholders(text) == frozenset(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_renders_and_fits_into_a_message(language):
    for key in texts(language):
        text = rendered(key, language)
        assert 0 < len(text) <= 4096, key
        assert "{" not in text, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_screen_says_all_it_must(language):
    text = texts(language)["bilingual.welcome"]
    name = RULES.in_language(RULES.hotline.name, language)
    assert len(text.format(hotline=name, emergency_number="112")) <= 900
    for said in MUST_BE_SAID_FIRST[language].split("|"):
        assert said in text, said
    assert "{emergency_number}" in text


def test_the_emergency_card_begins_with_the_call():
    assert rendered("emergency.card", "da").startswith("RING 112 NU")
    assert rendered("emergency.card", "en").startswith("CALL 112 NOW")
    for language in LANGUAGES:
        for key in ("emergency.card", "emergency.card_again", "emergency.card_again_untold"):
            assert "{numbers}" in texts(language)[key]
        assert "§ 141" in texts(language)["emergency.card"]


@pytest.mark.parametrize(
    "key", ["emergency.card_again_untold", "emergency.called_untold", "emergency.yes_untold"]
)
def test_nobody_is_said_to_have_been_told_where_nobody_is_on_duty(key):
    assert "har fået besked" not in texts("da")[key]
    assert "has been told" not in texts("en")[key]


@pytest.mark.parametrize("language", LANGUAGES)
def test_offers_carry_nothing_of_the_case(language):
    for key in ("offer.made", "offer.taken", "offer.gone"):
        assert placeholders(texts(language)[key]) <= {"competence", "urgency", "language", "by", "alias"}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_promised_that_cannot_be_kept(language):
    never = {
        "da": r"helt fortrolig|garanter|hemmelig|helt anonym|100 ?%",
        "en": r"\bsecret\b|guarantee|completely anonymous|100 ?%|strictly confidential",
    }
    for key, text in texts(language).items():
        assert re.search(never[language], text, re.IGNORECASE) is None, key


def test_every_act_in_the_log_has_a_word():
    acts = {
        found.value
        for _, tree in sources()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in ("record", "_record")
        for found in ast.walk(call.args[1 if getattr(call.func, "id", "") == "_record" else 0])
        if isinstance(found, ast.Constant) and isinstance(found.value, str)
    }
    acts |= {
        keyword.value.value
        for _, tree in sources()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "changing"
        for keyword in call.keywords
        if keyword.arg == "what" and isinstance(keyword.value, ast.Constant)
    }
    assert acts - ACTIONS - {"_"} == set()
