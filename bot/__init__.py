"""The hotline itself: use cases, masking, words and settings; no Telegram, no HTTP, no SQL."""
