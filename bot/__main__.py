"""Plugs the rooms together: the only file that knows everything."""

from __future__ import annotations

import sys

from handlers.command_line import app

if __name__ == "__main__":
    sys.exit(app())
