from __future__ import annotations

import json
import re
from pathlib import Path

import bot.sandbox

PAGE = Path(bot.sandbox.__file__).parent / "page"
DANISH, ENGLISH = (json.loads((PAGE / f"words.{code}.json").read_text()) for code in ("da", "en"))


def test_catalogues_have_equal_keys_and_placeholders() -> None:
    def places(words: dict[str, str]) -> dict[str, set[str]]:
        return {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in words.items()}

    assert list(DANISH) == list(ENGLISH)
    assert places(DANISH) == places(ENGLISH)


def test_words_keep_calm() -> None:
    loud = [
        text
        for words in (DANISH, ENGLISH)
        for text in words.values()
        if re.search(r"!|[\U0001F000-\U0001FAFF]", text)
    ]

    assert loud == []


def test_every_word_the_page_asks_for_exists() -> None:
    sources = "\n".join(path.read_text() for path in PAGE.glob("*.js"))
    asked = set(re.findall(r"word\(\"(\w+)\"", sources))

    assert asked - set(DANISH) == set()


def test_page_loads_nothing_from_elsewhere() -> None:
    sources = "\n".join(
        path.read_text() for path in PAGE.iterdir() if path.suffix in {".html", ".css", ".js"}
    )
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", sources))

    assert addresses == {"http://www.w3.org/2000/svg"} or addresses <= {
        "http://www.w3.org/2000/svg",
        "https://${text}",
    }
