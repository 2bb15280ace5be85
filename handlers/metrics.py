"""Figures for the operator: counts and ages, never content."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

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
delivery = Histogram(
    "hotline_delivery_seconds",
    "From queued to sent",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
    registry=registry,
)
