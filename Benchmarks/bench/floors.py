"""The small C programs: what the same thing costs with nothing around it, and clocks that do not disturb what they time."""

import os
import subprocess

SOURCES = os.path.join(os.path.dirname(__file__), "..", "floors")


class Floors:
    """The programs of `floors/`, compiled into `folder`."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        for name in sorted(os.listdir(SOURCES)):
            if name.endswith(".c"):
                source, program = os.path.join(SOURCES, name), self.path(name[:-2])
                subprocess.run(
                    ["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True
                )

    def path(self, name):
        """The executable `name`."""
        return os.path.join(self.folder, name)

    def run(self, name, *arguments, core=None, environment=None, folder=None):
        """Runs a program, in `folder` if there is one, and returns its numbers, a list for each line."""

        def prepare():
            cores = sorted(os.sched_getaffinity(0))
            if core is not None and len(cores) > 1:
                os.sched_setaffinity(0, {cores[core]})

        command = [self.path(name), *map(str, arguments)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=900, preexec_fn=prepare, env=environment, cwd=folder
        )
        return [[int(word) for word in line.split()] for line in done.stdout.splitlines()]
