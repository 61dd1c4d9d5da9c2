"""What a service can write to its log, and what becomes of it while the log is rotated."""

import os
import re
import shutil
import subprocess
import tempfile

from .daemon import Daemon
from .table import median

LINE = 100
ROTATED = {"max_bytes": 33_554_432, "keep": 3}


def measure(report, floors, programs, scratch, rounds, lines):
    """Lines of 100 bytes, a system call each."""
    report.section(f"Logs: {lines:,} lines of {LINE} bytes, unbuffered, at full speed")
    times = {"file": [], "xpmd": [], "rotated": [], "pump": [], "svlogd": []}
    faults = []
    for _ in range(rounds):
        times["file"].append(direct(floors, scratch, lines))
        times["xpmd"].append(supervised(floors, programs, scratch, lines, {"max_bytes": 0})[0])
        took, found = supervised(floors, programs, scratch, lines, ROTATED)
        times["rotated"].append(took)
        faults.append(found)
        times["pump"].append(piped(floors, scratch, lines, lambda folder: [floors.path("pump"), os.path.join(folder, "log")]))
        if shutil.which("svlogd"):
            times["svlogd"].append(piped(floors, scratch, lines, lambda folder: ["svlogd", folder]))

    def rate(name):
        return lines * LINE / median(times[name]) * 1e9

    ours = rate("xpmd")
    report.row("C, straight to a file, a second", rate("file"), "MB")
    report.row("a service of xpmd, a second", ours, "MB", ours / rate("file"), "file")
    report.row("C, pump through a pipe, a second", rate("pump"), "MB", ours / rate("pump"), "slower than xpmd")
    if times["svlogd"]:
        report.row("svlogd, a second", rate("svlogd"), "MB", ours / rate("svlogd"), "slower than xpmd")
    else:
        report.skipped("svlogd", "it is not installed")
    report.row(
        f"xpmd, rotating at {ROTATED['max_bytes'] // 2**20} MiB, a second", rate("rotated"), "MB", rate("rotated") / ours, "not rotating"
    )
    pieces, wrong = min(found[0] for found in faults), sum(found[1] for found in faults)
    if pieces < 2:
        return report.skipped("lines lost or doubled by rotation", "nothing was rotated")
    report.row("files that they were found in", pieces, "x")
    report.row("lines lost, doubled or torn by rotation", wrong, "x", aim="none", met=wrong == 0)


def direct(floors, scratch, lines):
    """The floor."""
    with tempfile.TemporaryDirectory(prefix="log-", dir=scratch) as folder:
        with open(os.path.join(folder, "log"), "ab") as file:
            return nanoseconds(subprocess.run(
                [floors.path("writer"), str(lines)], stdout=file, stderr=subprocess.PIPE, check=True, timeout=600))


def piped(floors, scratch, lines, reader):
    """Through whoever reads the pipe."""
    with tempfile.TemporaryDirectory(prefix="log-", dir=scratch) as folder:
        with subprocess.Popen(reader(folder), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as reading:
            return nanoseconds(subprocess.run(
                [floors.path("writer"), str(lines)], stdout=reading.stdin, stderr=subprocess.PIPE, check=True, timeout=600))


def nanoseconds(done):
    """What the writer has said."""
    return int(done.stderr)


def supervised(floors, programs, scratch, lines, log):
    """As a service; the time, and how many files hold how many wrong lines."""
    with tempfile.TemporaryDirectory(prefix="writer-") as folder, Daemon(programs, scratch) as daemon:
        fifo = os.path.join(folder, "took")
        os.mkfifo(fifo)
        daemon.add(floors, ["service0"], [floors.path("writer"), str(lines), fifo], log=log)
        daemon.call("service.start", service=daemon.reference("service0"))
        with open(fifo) as said:
            took = int(said.readline())
        # Once it is stopped nothing is rotated any more.
        daemon.each(floors, "stop", ["service0"], "STOPPED")
        path = daemon.call("service.get", service=daemon.reference("service0"))["service"]["stdout"]
        return took, check(path, lines)


def check(path, lines):
    """Reads the log with all that was rotated away from it: how many files there are, and how many lines are wrong in them."""
    folder, name = os.path.split(path)
    pattern = re.compile(re.escape(name) + r"\.(\d+)")
    older = sorted((int(match[1]), file) for file in os.listdir(folder) if (match := pattern.fullmatch(file)))
    files = [os.path.join(folder, file) for _, file in older] + [path]
    wrong, expected = 0, None
    for file in files:
        with open(file, "rb") as log:
            for line in log:
                # What a rotation has to leave of a line that went away is blank.
                if not line.strip(b" \n\0"):
                    continue
                number = int(line[:10]) if len(line) == LINE and line[:10].isdigit() else None
                if number is None or (expected is not None and number != expected):
                    wrong += 1
                expected = number + 1 if number is not None else expected
    # The oldest are gone, the last must be there.
    return len(files), wrong + (expected != lines)
