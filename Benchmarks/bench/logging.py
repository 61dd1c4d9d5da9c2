"""The logs of services: writing, memory, following, reading."""

from . import crowd, following, reading, writing


def measure(report, floors, programs, scratch, quick):
    """All of it, with fewer rounds and shorter logs where it has to be quick."""
    rounds, scale = (1, 2) if quick else (3, 4)
    writing.measure(report, floors, programs, scratch, 1 if quick else 5, scale)
    crowd.measure(report, floors, programs, scratch, 500_000 * scale)
    following.measure(report, floors, programs, scratch, rounds, 500)
    reading.measure(report, floors, programs, scratch, rounds, 2_000_000 if quick else 10_000_000)
