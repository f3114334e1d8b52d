"""The command line under a clock that somebody sets while it runs.

`python stepping.py FILE WORDS...`: its wall clock is off by the seconds in FILE, read each time;
the monotonic clock goes on undisturbed, as on a real machine. There is no namespace for the wall
clock, and faketime moves the monotonic clock under every sleep.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from preflight.cli import options

_real = options.now


def _now() -> datetime:
    return _real() + timedelta(seconds=float(_FILE.read_text()))


if __name__ == "__main__":
    _FILE = Path(sys.argv.pop(1))
    options.now = _now
    from preflight.cli import main

    main()
