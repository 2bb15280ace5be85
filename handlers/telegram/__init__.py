"""The door to Telegram."""
