"""The intake: few taps, each skippable; whoever types first is served as well."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import emergencies, enquiries, sending, writing
from bot.configuration import Configuration
from bot.gates import answer_press, is_answered_alike, leads_elsewhere, redirect
from bot.incoming import Incoming
from bot.residence import Residence
from bot.turn import NOTICE, Button, Turn, on
from storage.models import Author, Chat, Enquiry, Kind, Outcome, State
from storage.queries import enquiries as find

OPTIONS: dict[str, tuple[str, ...]] = {
    "role": ("professional", "relative", "self", "press", "booking", "other"),
    "profession": (
        "teacher",
        "street_worker",
        "social_worker",
        "job_consultant",
        "health",
        "housing",
        "club",
        "other",
    ),
    "relation": ("parent", "sibling", "partner", "friend", "other"),
    "topic": (),  # the panel's competences, and unsure
    "age": ("under15", "15-17", "18-24", "25plus", "unknown"),
    "writer": ("adult", "minor"),
    "alarm": ("violence", "weapon", "travel", "selfharm", "none", "unknown"),
    "residence": ("copenhagen", "elsewhere", "unknown"),
    "spoken": (),  # the languages the panel writes
}
_DOUBLE_TAP = timedelta(seconds=10)
_POSTCODE = re.compile(r"[0-9]{4}")
_WIDE = frozenset({"topic", "alarm", "residence", "role"})


async def welcome(turn: Turn, chat: Chat) -> None:
    """Show the first screen, in both languages, with the emergency card one tap away."""
    chat.welcomed_at = turn.now
    languages = [Button(f"language.{code}", f"language:{code}") for code in turn.rules.hotline.languages]
    emergency = [Button("button.emergency", "emergency")]
    turn.say(chat, "bilingual.welcome", buttons=[languages, emergency])


async def choose_language(turn: Turn, chat: Chat, language: str) -> None:
    """Have the buttons be in the language, and begin the intake where nothing is open."""
    if language not in turn.rules.hotline.languages:
        return
    chat.language = language
    if await emergencies.remind(turn, chat):
        return
    draft = await find.draft_of(turn.unit, chat.id)
    goes_on = is_answered_alike(turn, chat) or await find.open_of(turn.unit, chat.id)
    if draft is None and goes_on:
        turn.say(chat, "language.chosen")
        return
    if draft is None:
        draft = await enquiries.open_draft(turn, chat)
    show_card(turn, chat, draft)


async def begin(turn: Turn, chat: Chat) -> None:
    """Open a new question beside those already open, or show the draft that is; not in an emergency."""
    if await emergencies.remind(turn, chat):
        return
    if chat.welcomed_at is None:
        await welcome(turn, chat)
    draft = await find.draft_of(turn.unit, chat.id) or await enquiries.open_draft(turn, chat)
    show_card(turn, chat, draft)


async def take_text(turn: Turn, chat: Chat, incoming: Incoming) -> None:
    """Take the text into the chat's draft, opened if there is none; ten quiet minutes then send it."""
    draft = await find.draft_of(turn.unit, chat.id) or await enquiries.open_draft(turn, chat)
    if emergencies.wants_card(turn, draft, incoming):  # alone: even the welcome comes later
        await emergencies.raise_emergency(turn, chat, draft, incoming)
        return
    if chat.welcomed_at is None:
        await welcome(turn, chat)
    if next_question(draft) == "residence" and _POSTCODE.fullmatch(incoming.text.strip()):
        await _take_answer(turn, chat, draft, "residence", incoming.text.strip(), edits=False)
        return
    message_id = await writing.write_down(turn, draft, incoming, author=Author.ENQUIRER, chat=chat)
    if incoming.has_masks:
        writing.echo(turn, chat, message_id)
    if incoming.postcodes:
        draft.postcode = draft.postcode_seen = incoming.postcodes[0]
    await turn.cancel_timer("draft_lapse", draft.id)
    await _begin_to_wait(turn, draft)
    show_card(turn, chat, draft)


async def answer(turn: Turn, chat: Chat, draft: Enquiry, question: str, given: str) -> None:
    """Note what was tapped and ask the next question; some answers lead elsewhere at once."""
    if question in OPTIONS and not await _is_over(turn, chat, draft):
        await _take_answer(turn, chat, draft, question, given, edits=True)


async def _take_answer(
    turn: Turn, chat: Chat, draft: Enquiry, question: str, given: str, *, edits: bool
) -> None:
    if question == "residence" and given.isdigit():
        given = _classified(turn, draft, given)
    if given not in options(turn.rules, question):
        return
    await _begin_to_wait(turn, draft)
    setattr(draft, question, given)
    ends = leads_elsewhere(question, given)
    if ends is Outcome.PRESS:
        await answer_press(turn, chat, draft)
    elif ends is Outcome.REDIRECTED:
        await redirect(turn, chat, draft)
    else:
        if question == "role":
            draft.kind = kind_of(given)
        if question == "residence" and given == "unknown" and _is_shared(turn, draft):
            draft.residence = None  # asked once more, naming the postcode
            draft.postcode_seen, seen = None, draft.postcode_seen
            show_card(turn, chat, draft, edits=edits, shared=seen)
            return
        show_card(turn, chat, draft, edits=edits)


async def skip(turn: Turn, chat: Chat, draft: Enquiry, question: str) -> None:
    """Leave the question open and ask the next one; what is skipped is not a *don't know*."""
    if question not in OPTIONS or await _is_over(turn, chat, draft):
        return
    await _begin_to_wait(turn, draft)
    if getattr(draft, question) is None:
        setattr(draft, question, enquiries.SKIPPED)
        show_card(turn, chat, draft, edits=True)


async def send(turn: Turn, chat: Chat, draft: Enquiry) -> None:
    """Send the draft on, or say that a few words are still missing."""
    if await _is_over(turn, chat, draft):
        return
    if draft.message_count == 0:
        turn.say(chat, "intake.nothing_written")
        return
    await sending.send(turn, chat, draft, is_by_quiet=False)


async def _is_over(turn: Turn, chat: Chat, draft: Enquiry) -> bool:
    """Whether the draft is one no more: an old button is answered, a second tap at once is let pass."""
    if draft.state is State.DRAFT:
        return False
    since = draft.closed_at or draft.sent_at
    if not await emergencies.remind(turn, chat) and (since is None or turn.now - since > _DOUBLE_TAP):
        turn.say(chat, "tap.stale")
    return True


async def _begin_to_wait(turn: Turn, draft: Enquiry) -> None:
    """What is written is sent after ten quiet minutes; whoever taps is not quiet."""
    if draft.message_count:
        quiet = turn.after(minutes=turn.rules.limits.quiet_minutes)
        await turn.set_timer("draft_quiet", draft.id, quiet)


def next_question(draft: Enquiry) -> str | None:
    """Return the first question that applies and was not asked yet; None where all were."""
    if draft.kind is Kind.ACTIVITY:
        return None
    return next((q for q in OPTIONS if applies(q, draft.role) and getattr(draft, q) is None), None)


def applies(question: str, role: str | None) -> bool:
    """Whether the question is asked of who has this role."""
    of_some = {"profession": ("professional",), "relation": ("relative",)}
    if question in of_some:
        return role in of_some[question]
    return question != "writer" or role != "professional"


def kind_of(role: str) -> Kind:
    """Return what an enquiry of who has this role is counted as."""
    return Kind.ACTIVITY if role == "booking" else Kind.CONCERN


def show_card(
    turn: Turn, chat: Chat, draft: Enquiry, *, edits: bool = False, shared: str | None = None
) -> None:
    """Show the draft's card with the next question: edited after a tap, else posted anew at the end."""
    question = next_question(draft)
    if question is None:
        key = "intake.write_booking" if draft.kind is Kind.ACTIVITY else "intake.write"
        rows: list[list[Button]] = []
    elif shared is not None:
        key, rows = "intake.ask.shared_postcode", _answers(turn, draft, "residence")
    else:
        key, rows = f"intake.ask.{question}", _answers(turn, draft, question)
    last = [] if question is None else [Button("button.skip", on(f"skip:{question}", draft))]
    if draft.message_count:
        last.append(Button("button.send", on("send", draft)))
    buttons = [row for row in (*rows, last, [Button("button.emergency", "emergency")]) if row]
    asks = {"word": key, "params": {"postcode": shared or ""}}
    turn.say(
        chat,
        _card_key(draft, question, key),
        buttons=buttons,
        purpose="intake",
        subject=draft.id,
        action="edit" if edits else "send",
        priority=NOTICE,
        question=asks,
        postcode=shared or "",
    )
    if not edits:
        turn.say(chat, key, action="delete_earlier", purpose="intake", subject=draft.id)


def _card_key(draft: Enquiry, question: str | None, key: str) -> str:
    """Once something is written, every card says that it is not sent yet."""
    if not draft.message_count:
        return key
    return "intake.ready" if question is None else "intake.not_sent_yet"


def _answers(turn: Turn, draft: Enquiry, question: str) -> list[list[Button]]:
    buttons = [
        Button(label(question, option), on(f"answer:{question}:{option}", draft), named(question, option))
        for option in options(turn.rules, question)
    ]
    if question == "residence" and draft.postcode_seen:
        kind = turn.rules.postcodes.classify(draft.postcode_seen)
        if kind in (Residence.COPENHAGEN, Residence.ELSEWHERE):
            data = on(f"answer:residence:{kind.value}", draft)
            buttons.insert(
                0, Button(f"answer.postcode.{kind.value}", data, {"postcode": draft.postcode_seen})
            )
    wide = 1 if question in _WIDE else 2
    return [buttons[at : at + wide] for at in range(0, len(buttons), wide)]


def options(rules: Configuration, question: str) -> tuple[str, ...]:
    """Return the answers there are to the question."""
    if question == "topic":
        return (*rules.competences, "unsure")
    if question == "spoken":
        return tuple(rules.hotline.spoken)
    return OPTIONS[question]


def label(question: str, option: str) -> str:
    """Return the key of the answer's words."""
    if question == "topic" and option != "unsure":
        return "competence.named"
    return f"language.{option}" if question == "spoken" else f"answer.{question}.{option}"


def named(question: str, option: str) -> dict[str, object] | None:
    """Return the parameters of the answer's words, where they name what the configuration does."""
    if question == "topic" and option != "unsure":
        return {"competence": {"competence": option}}
    return None


def _classified(turn: Turn, draft: Enquiry, postcode: str) -> str:
    kind = turn.rules.postcodes.classify(postcode)
    draft.postcode = postcode
    if kind is Residence.SHARED:
        draft.postcode_seen = postcode
    return kind.value if kind in (Residence.COPENHAGEN, Residence.ELSEWHERE) else "unknown"


def _is_shared(turn: Turn, draft: Enquiry) -> bool:
    seen = draft.postcode_seen
    return seen is not None and turn.rules.postcodes.classify(seen) is Residence.SHARED
