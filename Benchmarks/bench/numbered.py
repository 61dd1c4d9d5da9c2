"""The numbered lines that a writer has left: whether all of them are there, once and whole."""

import os
import re

LINE = 100


def check(path, lines):
    """Reads a log with all that was rotated away from it: how many files there are, and how many lines are wrong in them."""
    files = rotated(path) + [path]
    wrong, expected = 0, None
    for file in files:
        with open(file, "rb") as log:
            for line in log:
                number = int(line[:10]) if len(line) == LINE and line[:10].isdigit() else None
                if number is None or (expected is not None and number != expected):
                    wrong += 1
                expected = number + 1 if number is not None else expected
    # The oldest are gone, the last must be there.
    return len(files), wrong + (expected != lines)


def rotated(path):
    """The rotated files of a log, the oldest first."""
    folder, name = os.path.split(path)
    pattern = re.compile(re.escape(name) + r"\.(\d+)")
    older = sorted((int(match[1]), file) for file in os.listdir(folder) if (match := pattern.fullmatch(file)))
    return [os.path.join(folder, file) for _, file in older]
