"""What every hotline would make anew, statements and templates, is made once in a test process.

A test runs a hotline of its own, with engines and pages of its own. Compiling what they have alike was a
third of the suite's time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jinja2
import pytest
from aiohttp import web_app
from jinja2.bccache import Bucket
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

import storage.engine


class _Templates(jinja2.BytecodeCache):
    """Keeps what was compiled; a template that has changed has another key."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key, bucket.checksum] = bucket.code


def share_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all engines of a kind share what they compiled: their dialects are set alike."""
    statements: LRUCache[Any, Any] = LRUCache(5_000)

    def created(*arguments: Any, **options: Any) -> AsyncEngine:
        engine = create_async_engine(*arguments, **options)
        engine.sync_engine._compiled_cache = statements
        return engine

    monkeypatch.setattr(storage.engine, "create_async_engine", created)
    monkeypatch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
    monkeypatch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other), raising=False)


def share_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all pages share what they compiled."""
    templates, begin = _Templates(), jinja2.Environment.__init__

    def begun(environment: jinja2.Environment, *arguments: Any, **options: Any) -> None:
        begin(environment, *arguments, bytecode_cache=templates, **options)

    monkeypatch.setattr(jinja2.Environment, "__init__", begun)


def forget_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the routes of hotlines that ran before forgotten: each would keep its whole hotline in memory."""
    monkeypatch.setattr(web_app, "_cached_build_middleware", lru_cache(64)(web_app._build_middlewares))
