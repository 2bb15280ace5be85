"""The door for contact cards: a one-time link, a short form, and nothing else; no account, no script."""
