"""Measures the hotline beside a bare python-telegram-bot echo bot, in one run on one machine."""
