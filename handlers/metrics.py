"""Figures for the operator: counts and ages, never content."""

from __future__ import annotations

import math
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.service_level import Waiting

registry = CollectorRegistry()

updates = Counter("hotline_updates", "Updates taken in", registry=registry)
unprojected = Counter("hotline_updates_unprojected", "Updates of an unknown shape", registry=registry)
handled = Counter("hotline_handled", "Inbox rows handled", registry=registry)
failed = Counter("hotline_handling_failed", "Attempts at an inbox row that failed", registry=registry)
sent = Counter("hotline_sent", "Outbox rows delivered", registry=registry)
send_failures = Counter("hotline_send_failures", "Sends that failed", ["kind"], registry=registry)
due = Counter("hotline_timers_handled", "Deadlines handled", registry=registry)
last_update = Gauge("hotline_last_update_seconds", "When the last update came in", registry=registry)
inbox_rows = Gauge("hotline_inbox_rows", "Inbox rows not done", ["state"], registry=registry)
outbox_rows = Gauge("hotline_outbox_rows", "Outbox rows not sent", ["state"], registry=registry)
held = Gauge("hotline_delivery_held", "1 while delivery waits for a person", registry=registry)
enquiries = Gauge("hotline_enquiries", "Enquiries by state", ["state"], registry=registry)
waits = Gauge(
    "hotline_wait_seconds",
    "From sent to first claimed or answered, over the last days; +Inf where so many were not",
    ["of", "urgency", "quantile"],
    registry=registry,
)
waits_within = Gauge(
    "hotline_wait_within_share",
    "Share first claimed or answered in time, over the last days; what was not is not in time",
    ["of", "urgency", "limit"],
    registry=registry,
)
waited = Gauge("hotline_wait_cases", "Cases the waits are of", ["urgency"], registry=registry)
delivery = Histogram(
    "hotline_delivery_seconds",
    "From queued to sent",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
    registry=registry,
)


def show_waiting(waiting: Waiting) -> None:
    """Have the figures of waiting be these, and no others."""
    for gauge in (waits, waits_within, waited):
        gauge.clear()
    for urgency, service in waiting.by_urgency.items():
        waited.labels(urgency.value).set(service.claim.cases)
        for of, level in (("claim", service.claim), ("answer", service.answer)):
            for quantile, took in (("0.5", level.median), ("0.95", level.p95)):
                waits.labels(of, urgency.value, quantile).set(_seconds(took))
            waits_within.labels(of, urgency.value, "5m").set(level.share_within_limit)
            waits_within.labels(of, urgency.value, "promise").set(level.share_within_promise)


def _seconds(took: timedelta | None) -> float:
    return math.inf if took is None else took.total_seconds()
