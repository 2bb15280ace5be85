"""A worried teacher writes, a resource person claims, they talk, and it stands in the log."""

from bot.catalogue import words
from storage.models import Outcome, State
from tests.scene import Scene


async def test_a_question_is_claimed_answered_and_closed(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")

    await karen.says("Jeg er bekymret for en elev i 9. klasse.")
    await karen.taps("send")
    await karen.sees("K-2026-00001")
    await lone.says("/queue")
    await lone.sees("K-2026-00001")

    await mira.taps("claim")
    await mira.sees("Jeg er bekymret for en elev i 9. klasse.")
    await karen.sees("Mira")
    await mira.says("Hvad har du set?")
    await karen.sees("Hvad har du set?")
    await karen.says("Han taler om det hver dag.")
    await mira.sees("Han taler om det hver dag.")
    await lone.says("/queue")
    await lone.sees("Mira")

    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.taps("done:minutes:30")
    await mira.taps("done:referral:no")
    await mira.sees(words("done.closed", "da").rpartition("}")[2])
    await scene.quiet()

    enquiry = await scene.enquiry()
    assert enquiry.state is State.CLOSED
    assert enquiry.outcome is Outcome.ADVICE_ONLY
    assert enquiry.number == "K-2026-00001"
