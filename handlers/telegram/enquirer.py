"""What an enquirer does: write, tap, ask about her questions, close them, and ask for deletion."""

from __future__ import annotations

from dataclasses import replace

from bot import (
    cards,
    chats,
    closing,
    emergencies,
    enquiries,
    gates,
    intake,
    menu,
    own_data,
    people,
    pictures,
    privacy,
    referral_asking,
    relay,
    resuming,
    shift_end,
)
from bot.edits import withdraw as withdraw_message
from bot.turn import CONVERSATION, Button, on
from handlers.telegram.visit import Handler, Visit
from storage.models import Enquiry, Outcome, Person, State
from storage.queries import enquiries as find


async def start(visit: Visit) -> None:
    """Open an invite, or show the first screen; in an emergency the card."""
    if visit.incoming.data:
        await people.enrol(visit.turn, visit.chat, bytes.fromhex(visit.incoming.data))
    elif visit.person is not None:
        await show_help(visit)
    elif not await emergencies.remind(visit.turn, visit.chat):
        await intake.welcome(visit.turn, visit.chat)


async def show_help(visit: Visit) -> None:
    """Say what can be done here, by role."""
    visit.say(f"help.{'enquirer' if visit.person is None else visit.person.role.value}")


async def choose_language(visit: Visit) -> None:
    """Have the buttons be in the chosen language."""
    language = visit.word(1)
    if visit.person is None:
        await intake.choose_language(visit.turn, visit.chat, language)
    else:
        chats.speak(visit.turn, visit.chat, language)
        visit.say("language.chosen")
        if visit.person is not None:
            menu.publish(visit.turn, visit.chat, visit.person.role)


async def ask_language(visit: Visit) -> None:
    """Offer the languages of the buttons."""
    languages = visit.turn.rules.hotline.languages
    visit.say(
        "language.choose", buttons=[[Button(f"language.{code}", f"language:{code}") for code in languages]]
    )


async def emergency(visit: Visit) -> None:
    """Show the emergency card at once, whatever else is going on; among several cases it picks none."""
    turn, chat = visit.turn, visit.chat
    enquiry = await find.held_of(turn.unit, chat.id) or await find.draft_of(turn.unit, chat.id)
    if enquiry is None:
        asked = await find.open_of(turn.unit, chat.id)
        enquiry = asked[0] if len(asked) == 1 else await enquiries.open_draft(turn, chat)
    await emergencies.raise_emergency(turn, chat, enquiry)


async def urgent(visit: Visit) -> None:
    """Take the answer to the emergency card; an old card that is called urgent shows it again."""
    enquiry = await visit.own_enquiry()
    if enquiry is None:
        return
    if visit.word(1) == "no":
        await resuming.not_urgent(visit.turn, visit.chat, enquiry)
    elif enquiry.state is not State.HELD:
        await emergency(visit)
    else:
        await emergencies.answer(visit.turn, visit.chat, enquiry, visit.word(1))


async def answer(visit: Visit) -> None:
    """Take the answer to a question of the intake."""
    draft = await visit.own_enquiry()
    if draft is not None:
        await intake.answer(visit.turn, visit.chat, draft, visit.word(1), visit.word(2))


async def skip(visit: Visit) -> None:
    """Leave a question open."""
    draft = await visit.own_enquiry()
    if draft is not None:
        await intake.skip(visit.turn, visit.chat, draft, visit.word(1))


async def send(visit: Visit) -> None:
    """Send the draft on."""
    draft = await visit.own_enquiry()
    if draft is not None:
        await intake.send(visit.turn, visit.chat, draft)


async def tonight(visit: Visit) -> None:
    """Show what can be done tonight."""
    if not await emergencies.remind(visit.turn, visit.chat):
        visit.say("tonight")


async def go_on(visit: Visit) -> None:
    """Go on with the same case, or begin a new question with what was just written."""
    turn, chat = visit.turn, visit.chat
    if visit.word(1) == "same":
        enquiry = await visit.own_enquiry()
        if enquiry is not None:
            await closing.go_on_with(turn, chat, enquiry)
        return
    if await emergencies.remind(turn, chat):
        return
    gates.stop_answering_alike(chat)
    waiting = await relay.unpark(turn, chat)
    if not waiting:
        await intake.begin(turn, chat)
    for incoming in waiting:
        await intake.take_text(turn, chat, incoming)


async def helped(visit: Visit) -> None:
    """Note whether it helped."""
    enquiry = await visit.own_enquiry()
    if enquiry is not None:
        await closing.note_helped(visit.turn, visit.chat, enquiry, visit.word(1))


async def kept(visit: Visit) -> None:
    """Ask somebody else rather than wait for an adviser who is off duty."""
    enquiry = await visit.own_enquiry()
    if enquiry is not None:
        await shift_end.ask_somebody_else(visit.turn, visit.chat, enquiry)


async def refer(visit: Visit) -> None:
    """Take the answer to whether a referral may be made."""
    enquiry = await visit.own_enquiry()
    if enquiry is not None:
        await referral_asking.answer(visit.turn, visit.chat, enquiry, visit.word(1))


async def hide(visit: Visit) -> None:
    """Remove from the chat what the bot may, once the question was answered with yes."""
    if visit.word(1) == "yes":
        await privacy.hide(visit.turn, visit.chat)
    else:
        await privacy.ask_to_hide(visit.turn, visit.chat)


async def explain_privacy(visit: Visit) -> None:
    """Say what is kept, and who reads."""
    await privacy.explain(visit.turn, visit.chat)


async def status(visit: Visit) -> None:
    """List the chat's questions."""
    await privacy.status(visit.turn, visit.chat)


async def see_what_is_kept(visit: Visit) -> None:
    """Put the wish to see what is kept on the worklist."""
    await own_data.ask(visit.turn, visit.chat)


async def delete(visit: Visit) -> None:
    """Explain, or note, a wish for deletion."""
    if visit.word(1) == "yes":
        await privacy.request_deletion(visit.turn, visit.chat)
    else:
        await privacy.ask_to_delete(visit.turn, visit.chat)


async def withdraw(visit: Visit) -> None:
    """Withdraw the message replied to."""
    await withdraw_message(visit.turn, visit.chat, visit.incoming.reply_to)


async def close(visit: Visit) -> None:
    """Close a question: the one tapped or replied to, else the only one, else ask which."""
    turn, chat = visit.turn, visit.chat
    if visit.ids:
        enquiry = await visit.own_enquiry()
        if enquiry is not None:
            await _close_one(visit, enquiry)
        return
    asked = [e for e in await find.open_of(turn.unit, chat.id) if e.state is not State.HELD]
    if not asked and await emergencies.remind(turn, chat):
        return
    if not asked:
        visit.say("status.nothing")
    elif len(asked) == 1:
        await _close_one(visit, asked[0])
    else:
        rows = [[Button("button.close_number", on("close", e), {"number": e.number or "–"})] for e in asked]
        visit.say("case.which", buttons=rows)


async def _close_one(visit: Visit, enquiry: Enquiry) -> None:
    if enquiry.state in (State.CLOSED, State.HELD):
        visit.say("tap.stale")
    else:
        await closing.close_by_enquirer(visit.turn, visit.chat, enquiry)


async def switch(visit: Visit) -> None:
    """Choose which case is written to; staff may say that it is none."""
    if visit.person is not None and visit.word(1) == "none":
        await relay.drop(visit.turn, visit.chat)
        return
    enquiry = await visit.enquiry()
    if enquiry is not None:
        await relay.switch(visit.turn, visit.chat, visit.person, enquiry)


async def picture(visit: Visit) -> None:
    """Pass on the pictures that were asked about, or forget them."""
    if visit.word(1) != "yes":
        await pictures.refuse(visit.turn, visit.chat)
        return
    for incoming in await pictures.confirmed(visit.turn, visit.chat):
        await write(replace(visit, incoming=incoming))


async def card(visit: Visit) -> None:
    """Answer whether to give contact details, or take them back."""
    enquiry = await visit.own_enquiry()
    if enquiry is None:
        return
    turn, chat, answered = visit.turn, visit.chat, visit.word(1)
    if answered in ("form", "call"):
        await cards.send_form(turn, chat, enquiry, wants_call=answered == "call")
    elif answered == "no":
        await cards.decline(turn, chat, enquiry)
    elif answered == "withdraw":
        await cards.withdraw(turn, chat, enquiry)
    else:
        visit.say("tap.stale")


async def write(visit: Visit) -> None:
    """Take a text or a file to where it belongs; nothing that was written is left unread."""
    turn, chat, incoming = visit.turn, visit.chat, visit.incoming
    meant = await relay.addressed(turn, chat, visit.person, incoming)
    if not isinstance(meant, relay.Conversation) and await _is_emergency(visit):
        return
    if isinstance(meant, relay.NoLonger):
        visit.say("relay.not_yours", priority=CONVERSATION, number=meant.number)
    elif isinstance(meant, relay.Ambiguous):
        await relay.park(turn, chat, incoming)
        await relay.ask_which(turn, chat, visit.person)
    elif meant is not None and meant.enquiry.state is not State.DRAFT:
        await relay.pass_on(turn, chat, meant, incoming)
    elif meant is not None:
        await intake.take_text(turn, chat, incoming)
    elif visit.person is not None:
        await _from_staff(visit, visit.person)
    elif not gates.answer_alike(turn, chat):
        await _begin_or_go_on(visit)


async def _from_staff(visit: Visit, person: Person) -> None:
    """Hold what came without a case while one is offered: the tap that claims it may have been overtaken."""
    if await find.open_offers_to(visit.turn.unit, person.id):
        await relay.park(visit.turn, visit.chat, visit.incoming)
        visit.say("staff.text_waits", priority=CONVERSATION)
    else:
        visit.say("staff.no_case", priority=CONVERSATION)


async def _is_emergency(visit: Visit) -> bool:
    """Whether a text that belongs nowhere yet is about an emergency, open or new; then it is taken as one.

    A new one gets a draft of its own, which goes to nobody: asking where it belongs can wait.
    """
    turn, chat, incoming = visit.turn, visit.chat, visit.incoming
    if visit.person is not None:
        return False
    held = await find.held_of(turn.unit, chat.id)
    if held is not None:
        await emergencies.take_text(turn, chat, held, incoming)
    elif incoming.shows_emergency:
        await intake.take_text(turn, chat, incoming)
    return held is not None or incoming.shows_emergency


async def _begin_or_go_on(visit: Visit) -> None:
    turn, chat = visit.turn, visit.chat
    if await find.open_of(turn.unit, chat.id):
        await relay.park(turn, chat, visit.incoming)
        await relay.ask_which(turn, chat, visit.person)
        return
    closed = await find.last_closed_of(turn.unit, chat.id, since=closing.recently(turn))
    if closed is None or closed.outcome is Outcome.MISUSE:
        await intake.take_text(turn, chat, visit.incoming)
    else:
        await relay.park(turn, chat, visit.incoming)
        await closing.offer_to_go_on(turn, chat, closed)


COMMANDS: dict[str, Handler] = {
    "start": start,
    "help": show_help,
    "language": ask_language,
    "emergency": emergency,
    "privacy": explain_privacy,
    "status": status,
    "withdraw": withdraw,
    "close": close,
    "delete": delete,
    "new": go_on,
}
TAPS: dict[str, Handler] = {
    "language": choose_language,
    "emergency": emergency,
    "urgent": urgent,
    "answer": answer,
    "skip": skip,
    "send": send,
    "tonight": tonight,
    "continue": go_on,
    "helped": helped,
    "hide": hide,
    "kept": kept,
    "refer": refer,
    "delete": delete,
    "insight": see_what_is_kept,
    "close": close,
    "switch": switch,
    "picture": picture,
    "card": card,
}
