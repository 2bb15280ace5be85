"""Plugs the rooms together: the only file that knows everything."""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__":
    if sys.argv[1:] == ["dispatch-bench"]:  # asked for thousands of decisions: no Telegram, no databases
        from handlers.commands.dispatch_bench import dispatch_bench

        dispatch_bench()
    else:
        gc.disable()  # what is read in is never garbage: looking through it takes a quarter of the start
        from handlers.command_line import app

        sys.exit(app())
