"""Waiting for the runs of a TensorBoard, for scripts that fetch its page."""

import sys
import time

DEADLINE = 60.0


def print_when_there(expected, place, fetch):
    """Prints the runs that `fetch` gives, sorted, once they are `expected`; exits with a message if they never are.

    TensorBoard answers before it has read its event files and tells nobody when it has, so it is asked again for a while.
    """
    expected = sorted(expected)
    limit = time.monotonic() + DEADLINE
    while (runs := sorted(fetch())) != expected:
        if time.monotonic() > limit:
            sys.exit(f"cannot find the runs {expected} at {place}: after {DEADLINE:.0f} s it has {runs}")
        time.sleep(0.1)
    print(*runs, sep="\n")
