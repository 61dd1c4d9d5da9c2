"""What the import hook adds to each start of an interpreter."""

import os

from . import environments
from .table import median

AIM = 3e6


def measure(report, floors, wheel, by, scratch, rounds):
    """An environment without the package and one with it, in turn; env(1) is part of each alike."""
    without = environments.bare(os.path.join(scratch, "without"))
    hooked = environments.bare(os.path.join(scratch, "hooked"))
    environments.pip(hooked, wheel, by=by)
    settings = os.path.join(scratch, "settings")
    os.makedirs(settings)
    with open(os.path.join(settings, "config.toml"), "w") as file:
        file.write("# as a user has it\n[python]\nattach = true\n")
    nowhere = f"XPMD_CONFIG_DIR={scratch}/nowhere"
    commands = {
        "python -c pass, without the package": (without, nowhere),
        "with it, the hook off": (hooked, nowhere),
        "on by XPMD_SOCKET": (hooked, f"XPMD_SOCKET={scratch}/xpmd.sock"),
        "on by config.toml": (hooked, f"XPMD_CONFIG_DIR={settings}"),
    }
    words = []
    for python, variable in commands.values():
        words += ["--"] * bool(words) + ["/usr/bin/env", "-i", variable, python, "-c", "pass"]
    lines = floors.run("commands", rounds, *words)
    report.section("The import hook: an interpreter from exec to exit")
    bare = median(line[0] for line in lines)
    for place, what in enumerate(commands):
        time = median(line[place] for line in lines)
        if place == 0:
            report.row(what, time, "ms")
            continue
        # Pairs of one round: what disturbs the machine for longer than that is in both.
        more = median(line[place] - line[0] for line in lines)
        report.row(what, time, "ms", time / bare, "without", aim="at most 3 ms more", met=more <= AIM, note=f" ({more / 1e6:+.2f} ms)")
