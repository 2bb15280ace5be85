"""Knows who and when: values in, values out, no I/O (but for the clockwork, which wakes the hotline)."""
