"""Forms full of nonsense: whatever a page offers to fill in, nothing that is filled in makes a fault."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from tests.house import House, addresses

NONSENSE = (
    "", " ", "\0", "'\"<script>alert(1)</script>", "æ" * 5000, "../../etc/passwd", "-1", "0", "9" * 40,
    "%00", "1e309", "K-2026-1\0", "K-2026-99999", "2026-02-30", "31-12-2026", "0001-01-01", "9999-12-31",
    "25:61", "\ud7ff", "\u202e", "00000000-0000-0000-0000-000000000000", "Nord Opdigtesen", "on",
    "a\r\nb: c", "{{ 7*7 }}", "#panic()",
)  # fmt: skip
# These end the visit, and are tried in a test of their own.
LEAVES = ("/sessions/end",)
MARK = "mærkværdigtordingenandreskriver"


@dataclass
class Form:
    """A form as a page shows it."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """Collects the forms of a page, with what stands in their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif not self.found:
            return
        elif tag in {"input", "textarea", "button"} and given.get("name"):
            self.found[-1].fields.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self._select:
            self.found[-1].fields.append((self._select, given.get("value", "")))


def forms_of(page: str) -> list[Form]:
    parser = Forms()
    parser.feed(page)
    return parser.found


def filled(form: Form, chance: random.Random) -> list[tuple[str, str]]:
    """Fill the form in: each field as it stands, with nonsense, twice, or not at all; the secret stays."""
    made: list[tuple[str, str]] = []
    for name, value in form.fields:
        how = chance.random()
        if name == "csrf" or how < 0.35:
            made.append((name, value))
        elif how < 0.9:
            made.append((name, chance.choice(NONSENSE) + (MARK if how > 0.6 else "")))
        elif how < 0.95:
            made += [(name, value), (name, chance.choice(NONSENSE))]
    return made


async def visit(house: House, seed: int) -> tuple[int, list[tuple[object, ...]]]:
    """Fill in every form of every page once; return how many there were, and what went wrong."""
    chance, wrong, sent = random.Random(seed), [], 0
    for name, visits in addresses(house).items():
        for alias, path in visits:
            cookies = {"language": "da", **({} if alias is None else await house.signs_in(alias))}
            async with aiohttp.ClientSession(cookies=cookies) as browser:
                status, page = await _get(browser, house.console + path)
                if status >= 500:
                    wrong.append((name, "GET", path, status))
                for form in forms_of(page):
                    sent += 1
                    status = await _send(house, browser, form, filled(form, chance), path)
                    if status >= 500:
                        wrong.append((name, form.method, form.action, status))
    return sent, wrong


async def _get(browser: aiohttp.ClientSession, address: str, **more: Any) -> tuple[int, str]:
    async with browser.get(address, allow_redirects=False, **more) as answer:
        return answer.status, await answer.text(errors="replace")


async def _send(
    house: House, browser: aiohttp.ClientSession, form: Form, fields: list[tuple[str, str]], path: str
) -> int:
    if form.action.endswith(LEAVES):
        return 0
    root = house.console.removesuffix("/console")
    address = root + form.action if form.action else house.console + path
    if form.method == "get":
        return (await _get(browser, address, params=fields))[0]
    async with browser.post(address, data=aiohttp.FormData(fields), allow_redirects=False) as answer:
        return answer.status


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_that_is_filled_in_makes_a_fault(house: House, seed: int) -> None:
    with capture_logs() as logs:
        sent, wrong = await visit(house, seed)

    assert wrong == []
    assert sent > 2 * len(addresses(house))
    assert [line for line in logs if MARK in str(line) or line["log_level"] == "error"] == []


@pytest.mark.soak
async def test_nothing_that_is_filled_in_for_long_makes_a_fault(house: House) -> None:
    for seed in range(100, 200):
        assert (await visit(house, seed))[1] == [], seed
