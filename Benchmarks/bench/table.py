"""The report: rows with ratios, for people and for programs."""

import os
import statistics


def median(values):
    """The middle value."""
    return statistics.median(values)


def percentile(values, share):
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Report:
    """What was measured, in order, and whether each aim was met."""

    units = {"s": 1e9, "ms": 1e6, "µs": 1e3, "MB": 1e6, "k/s": 1e3, "x": 1, "": 1}

    def __init__(self):
        self.rows = []

    def section(self, title):
        """Begins a table, with the load at that time."""
        load = os.getloadavg()[0]
        self.rows.append({"section": title, "load": load})
        print(f"\n{title} (load {load:.1f})", flush=True)

    def row(self, what, value, unit, ratio=None, to=None, aim=None, met=None, note=""):
        """One figure, in nanoseconds, bytes or a count, of a second or plain, perhaps with its ratio to another one."""
        self.rows.append(
            {"what": what, "value": value / self.units[unit], "unit": unit, "ratio": ratio, "to": to, "aim": aim, "met": met}
        )
        figure = f"{value / self.units[unit]:,.{2 if unit and value / self.units[unit] < 100 else 0}f}"
        against = f"{ratio:6.2f}x {to}" if ratio is not None else ""
        verdict = "" if aim is None else f"{'met' if met else 'MISSED'}: {aim}"
        print(f"  {what:<44}{figure:>10} {unit:<4}{against:<26}{verdict}{note}".rstrip(), flush=True)

    def skipped(self, what, reason):
        """A figure that could not be had."""
        self.rows.append({"what": what, "skipped": reason})
        print(f"  {what:<44}   SKIPPED: {reason}", flush=True)
