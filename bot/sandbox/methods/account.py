"""The bot's own account: its name, descriptions, commands and menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import orjson

from bot.sandbox.failures import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.parameters import Json, Parameters
    from bot.sandbox.world import World

MOST_COMMANDS = 100
TEXTS = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: World, given: Parameters) -> Json:
    """Return the bot's account."""
    del given
    return world.profile.as_me()


def _place(kind: str, given: Parameters) -> str:
    scope = given.structure("scope") or {"type": "default"}
    ordered = orjson.dumps(scope, option=orjson.OPT_SORT_KEYS).decode()
    return f"{kind}|{ordered}|{given.text('language_code')}"


def _keep(world: World, place: str, value: object) -> bool:
    world.profile.values[place] = value
    world.journal.note("profile", place, value)
    return True


def set_commands(world: World, given: Parameters) -> bool:
    """Offer these commands to whom the scope names, in the language named."""
    commands = given.structure("commands")
    if not isinstance(commands, list) or len(commands) > MOST_COMMANDS:
        raise bad_request("too many commands specified" if commands else "can't parse commands JSON object")
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/")
        if not name or len(name) > 32 or not name.replace("_", "a").isalnum() or name != name.lower():
            raise bad_request("BOT_COMMAND_INVALID")
        if not command.get("description"):
            raise bad_request("command description can't be empty")
    return _keep(world, _place("commands", given), commands)


def get_commands(world: World, given: Parameters) -> object:
    """Return the commands of exactly this scope and language."""
    return world.profile.values.get(_place("commands", given), [])


def delete_commands(world: World, given: Parameters) -> bool:
    """Offer no commands of this scope and language any more."""
    return _keep(world, _place("commands", given), [])


def set_text(kind: str, world: World, given: Parameters) -> bool:
    """Keep one of the bot's texts, in the language named."""
    value = given.text(kind)
    if len(value) > TEXTS[kind]:
        raise bad_request(f"bot {kind.replace('_', ' ')} is too long")
    return _keep(world, f"{kind}|{given.text('language_code')}", value)


def get_text(kind: str, world: World, given: Parameters) -> Json:
    """Return one of the bot's texts; without one in this language, the general one."""
    values = world.profile.values
    general = values.get(f"{kind}|", world.profile.name if kind == "name" else "")
    return {kind: values.get(f"{kind}|{given.text('language_code')}") or general}


def set_menu(world: World, given: Parameters) -> bool:
    """Keep what the menu button does, in one chat or in all."""
    return _keep(
        world, f"menu|{given.text('chat_id')}", given.structure("menu_button") or {"type": "default"}
    )


def get_menu(world: World, given: Parameters) -> object:
    """Return what the menu button does."""
    return world.profile.values.get(f"menu|{given.text('chat_id')}", {"type": "default"})


def agree(world: World, given: Parameters) -> bool:
    """Say yes; nothing follows."""
    del world, given
    return True


def commands_for(world: World, chat_id: int, language: str) -> object:
    """Return the commands a person sees: those of the chat, of private chats, then everybody's."""
    chat = orjson.dumps({"chat_id": chat_id, "type": "chat"}, option=orjson.OPT_SORT_KEYS).decode()
    for scope in (chat, '{"type":"all_private_chats"}', '{"type":"default"}'):
        for code in (language, ""):
            if found := world.profile.values.get(f"commands|{scope}|{code}"):
                return found
    return []


METHODS: dict[str, Callable[[World, Parameters], object]] = {
    "getme": get_me,
    "setmycommands": set_commands,
    "getmycommands": get_commands,
    "deletemycommands": delete_commands,
    "setchatmenubutton": set_menu,
    "getchatmenubutton": get_menu,
    "logout": agree,
    "close": agree,
    **{f"setmy{kind.replace('_', '')}": partial(set_text, kind) for kind in TEXTS},
    **{f"getmy{kind.replace('_', '')}": partial(get_text, kind) for kind in TEXTS},
}
