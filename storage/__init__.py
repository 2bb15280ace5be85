"""Remembers: entities, allowed transitions, unit of work, inbox, outbox, keys, audit, migrations."""
