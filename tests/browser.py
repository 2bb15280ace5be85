"""A real browser: Debian's Chromium, with a passkey device, whose every complaint fails the test."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, PHONE = 1280, 360

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def require() -> Any:
    """Return the browser's driver; without a browser the module is skipped, loudly, but never in CI."""
    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip(
            "NOT TESTED: /usr/bin/chromium is missing, so nobody has looked at the console.",
            allow_module_level=True,
        )
    return pytest.importorskip("playwright.async_api")


def free_port() -> int:
    """Return a port that is free now: passkeys are made for one address, so it is known beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def a_browser() -> AsyncIterator[Any]:
    """Yield a running Chromium."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=args)
        yield browser
        await browser.close()


@asynccontextmanager
async def a_page(
    browser: Any, *, locale: str, width: int, cookies: dict[str, str] | None = None, status: int = 200
) -> Any:
    """Yield a page of a browser that nobody has used before.

    What its console complains of fails the test, but for an answer of the status that is expected.
    """
    context = await browser.new_context(locale=locale, viewport={"width": width, "height": 900})
    if cookies:
        named = [
            {"name": key, "value": value, "domain": "localhost", "path": "/"}
            for key, value in cookies.items()
        ]
        await context.add_cookies(named)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type in {"error", "warning"} else None)
    yield page
    await context.close()
    faults = [fault for fault in faults if f"a status of {status} " not in fault]
    assert faults == [], faults


@asynccontextmanager
async def a_pc(locale: str, width: int) -> AsyncIterator[Any]:
    """Yield a page of a browser that has a passkey device."""
    async with a_browser() as browser, a_page(browser, locale=locale, width=width) as page:
        await add_passkeys(page)
        yield page


async def add_passkeys(page: Any) -> None:
    """Give the page's browser a passkey device."""
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})


async def fits(page: Any) -> bool:
    """Whether nothing is wider than the window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
