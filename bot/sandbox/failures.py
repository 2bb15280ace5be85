"""What the stand-in refuses, in the Bot API's own words."""

from __future__ import annotations


class BotApiFailure(Exception):  # noqa: N818  the name says what happened
    """The Bot API refused a request: a code, a description and, at times, parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class AnswerWithheld(Exception):  # noqa: N818  the name says what happened
    """The connection is cut instead of an answer; whether the request was carried out is not told."""


class Unplayable(Exception):  # noqa: N818  the name says what happened
    """What the person at the page, or a test, asked for cannot be played; the message says why."""


class PortTaken(Exception):  # noqa: N818  the name says what happened
    """Another program already listens on the port the sandbox was to use."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is already in use. Stop the program that uses it, or choose another port."
        )
        self.port = port


def bad_request(description: str) -> BotApiFailure:
    """Return the failure for a request that can never succeed as it stands."""
    return BotApiFailure(400, f"Bad Request: {description}")


def forbidden(description: str) -> BotApiFailure:
    """Return the failure for a chat the bot may not write to."""
    return BotApiFailure(403, f"Forbidden: {description}")


def too_many(seconds: int) -> BotApiFailure:
    """Return the failure that asks the bot to come back in so many seconds."""
    return BotApiFailure(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def unauthorized() -> BotApiFailure:
    """Return the failure for a token nobody holds."""
    return BotApiFailure(401, "Unauthorized")
