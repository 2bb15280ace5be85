"""A stand-in for Telegram's Bot API, with a page on which one person plays everybody.

Promise: it imports nothing of the hotline's own code, keeps everything in memory, and behaves like the
real one wherever a bot could lose, repeat or mix up something.
"""

from bot.sandbox.client import Client, Played
from bot.sandbox.clock import SandboxClock
from bot.sandbox.failures import PortTaken
from bot.sandbox.host import Host, SilentHost
from bot.sandbox.persons import STANDING_CAST, Person
from bot.sandbox.stand_in import StandIn

__all__ = [
    "STANDING_CAST",
    "Client",
    "Host",
    "Person",
    "Played",
    "PortTaken",
    "SandboxClock",
    "SilentHost",
    "StandIn",
]
