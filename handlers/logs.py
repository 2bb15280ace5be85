"""Structured logs with ids only; libraries that print addresses, which carry the token, are silent."""

from __future__ import annotations

import logging
import sys

import structlog

_SILENT = (
    "aiohttp",
    "httpx",
    "httpcore",
    "telegram",
    "apscheduler",
    "asyncio",
    "sqlalchemy",
    "alembic",
)


def set_up(level: str) -> None:
    """Write one line of JSON for each event to standard error, from this level on."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
