"""How fast a service can write to its log, and what that costs, against a bare file and those who read pipes, too."""

import os
import shutil

from .table import median
from .writers import Load, direct, piped, supervised

UNROTATED = {"max_bytes": 0}
ROTATED = {"max_bytes": 33_554_432, "keep": 3}


def measure(report, floors, programs, scratch, rounds, scale):
    """Lines of 100 bytes, a system call each; then the same lines in blocks of 4 KiB, as a program writes that buffers its output."""
    contenders = known(floors, programs, scratch)
    for load, title in (
        (Load(500_000 * scale, 100), "unbuffered, a system call each"),
        (Load(1_250_000 * scale, 4096), "4,096 bytes a system call"),
    ):
        report.section(f"Logs: {load.lines:,} lines of 100 bytes, {title}, at full speed")
        outcomes = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, run in contenders.items():
                outcomes[name].append(run(load))
        speeds(report, load, outcomes)
        costs(report, load, outcomes)
        faults(report, outcomes)


def known(floors, programs, scratch):
    """Who takes lines here, by name, with what runs a load through them."""
    contenders = {
        "file": lambda load: direct(floors, scratch, load),
        "xpmd": lambda load: supervised(floors, programs, scratch, load, UNROTATED),
        "rotating": lambda load: supervised(floors, programs, scratch, load, ROTATED),
        "pump": lambda load: piped(floors, scratch, load, lambda folder: [floors.path("pump"), os.path.join(folder, "log")]),
    }
    if shutil.which("svlogd"):
        contenders["svlogd"] = lambda load: piped(floors, scratch, load, lambda folder: ["svlogd", folder])
        contenders["svlogd, tuned"] = lambda load: piped(floors, scratch, load, tuned)
    if shutil.which("s6-log"):
        contenders["s6-log"] = lambda load: piped(floors, scratch, load, lambda folder: ["s6-log", "n20", "s100000000", folder])
    return contenders


def tuned(folder):
    """svlogd at its quickest: larger reads than it is used to, and no rotation."""
    with open(os.path.join(folder, "config"), "w") as file:
        file.write("s0\n")
    return ["svlogd", "-b", "65536", folder]


def speeds(report, load, outcomes):
    """Bytes a second of the writer."""
    rates = {name: load.bytes / median([one.took for one in some]) * 1e9 for name, some in outcomes.items()}
    ours = rates["xpmd"]
    bare, other = ours / rates["file"], ours / rates["svlogd"] if "svlogd" in rates else None
    report.row("C, straight to a file, a second", rates["file"], "MB")
    report.row("a service of xpmd, a second", ours, "MB", bare, "file", aim="at least 1x the file", met=bare >= 1)
    report.row("C, pump through a pipe, a second", rates["pump"], "MB", ours / rates["pump"], "slower than xpmd")
    if other:
        report.row("svlogd, a second", rates["svlogd"], "MB", other, "slower than xpmd", aim="at least 2x", met=other >= 2)
        report.row(
            "svlogd, 64 KiB a read, unrotated, a second", rates["svlogd, tuned"], "MB", ours / rates["svlogd, tuned"], "slower than xpmd"
        )
    else:
        report.skipped("svlogd", "it is not installed: it is MISSING from this comparison")
    if "s6-log" in rates:
        report.row("s6-log, a second", rates["s6-log"], "MB", ours / rates["s6-log"], "slower than xpmd")
    else:
        report.skipped("s6-log", "it is not installed: it is MISSING from this comparison")
    size = f"{ROTATED['max_bytes'] // 2**20} MiB"
    report.row(f"xpmd, rotating at {size}, a second", rates["rotating"], "MB", rates["rotating"] / ours, "not rotating")


def costs(report, load, outcomes):
    """Processor time of writer and reader together."""
    each = {name: median([one.worked for one in some]) / load.bytes * 1e9 for name, some in outcomes.items()}
    ours = each["xpmd"]
    report.row("processor time a GB: the file", each["file"], "s")
    report.row("writer and xpm-logger", ours, "s", ours / each["file"], "file")
    report.row("writer and pump", each["pump"], "s", each["pump"] / ours, "xpmd")
    for name in ("svlogd", "s6-log"):
        if name in each:
            report.row(f"writer and {name}", each[name], "s", each[name] / ours, "xpmd")


def faults(report, outcomes):
    """What became of the lines."""
    pieces = min(one.files for one in outcomes["rotating"])
    if pieces < 2:
        return report.skipped("lines lost, doubled or torn by rotation", "nothing was rotated")
    report.row("files that they were found in, rotated", pieces, "")
    for what, name in (("lines lost, doubled or torn by rotation", "rotating"), ("the same without rotation", "xpmd")):
        wrong = sum(one.wrong for one in outcomes[name])
        report.row(what, wrong, "", aim="none", met=wrong == 0)
