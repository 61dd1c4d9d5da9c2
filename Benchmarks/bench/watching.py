"""A workspace of 10,000 runs: listed, listed again, and watched, against plain reading in C and experimaestro's own list."""

import json
import os
import resource
import subprocess
import time

from . import environments, workspace
from .daemon import HELLO, Daemon, frame
from .machine import memory
from .memory import QUIET
from .table import median


def measure(report, floors, programs, scratch, rounds, runs=10_000):
    """From the request to the last run's being listed; then what it costs to keep it watched."""
    folder = workspace.make(os.path.join(scratch, "workspace"), runs)
    report.section(f"A workspace of {runs:,} runs with a service each, its files in the kernel's cache")
    floors.run("scan", folder, 1)
    bare = median(line[0] for line in floors.run("scan", folder, rounds))
    report.row("every status.json opened and read, in C", bare, "ms")
    parsed = median(python(folder) for _ in range(rounds))
    report.row("the same, and parsed by Python's json", parsed, "ms", parsed / bare, "C")
    listed, settled = [], []
    for _ in range(rounds):
        with Daemon(programs, scratch) as daemon:
            begin = time.monotonic_ns()
            daemon.call("workspace.watch", workspace=folder)
            listed.append(until(daemon, begin, lambda record: record["state"] == "watching"))
            check(daemon, folder, runs)
            settled.append(resolved(daemon, begin, folder, runs))
    time_ = median(listed)
    report.row("workspace.watch until all are listed", time_, "ms", time_ / bare, "C", aim="under 1 s", met=time_ < 1e9)
    report.row("until the interpreter of each is known, too", median(settled), "ms")
    with Daemon(programs, scratch) as daemon:
        daemon.call("workspace.watch", workspace=folder)
        until(daemon, time.monotonic_ns(), lambda record: record["state"] == "watching")
        resolved(daemon, time.monotonic_ns(), folder, runs)
        lists(report, floors, daemon, rounds)
        command(report, programs, daemon, rounds)
        appearing(report, daemon, folder, rounds)
        watched(report, daemon)
    peer(report, scratch, folder)


def python(folder):
    """The nanoseconds that Python takes to read every status.json."""
    begin = time.monotonic_ns()
    base = os.path.join(folder, "experiments")
    for experiment in os.scandir(base):
        for run in os.scandir(experiment.path):
            if run.is_dir(follow_symlinks=False):
                with open(os.path.join(run.path, "status.json")) as file:
                    json.load(file)
    return time.monotonic_ns() - begin


def until(daemon, begin, wish):
    """Asks for the workspace until it is as wished; returns the nanoseconds since `begin`."""
    while True:
        record = daemon.call("workspace.list")["workspaces"][0]
        if wish(record):
            return time.monotonic_ns() - begin
        time.sleep(0.002)


def check(daemon, folder, runs):
    """What was listed is all."""
    record = daemon.call("workspace.list")["workspaces"][0]
    if record["runs"] != runs or record["services"] != runs:
        raise SystemExit(f"cannot go on: {record} has not {runs} runs")


def resolved(daemon, begin, folder, runs):
    """Waits until the last run's interpreter is known; returns the nanoseconds since `begin`."""
    services = daemon.call("service.list", workspace=folder)["services"]
    keys = [{key: service[key] for key in ("workspace", "experiment", "run", "id")} for service in services]
    # Runs are looked at in order, but several at a time: asking for all of each time would cost more than it measures.
    for reference in keys[-1:] + keys[:: max(1, runs // 50)]:
        while "python" not in daemon.call("service.get", service=reference)["definition"]["run"]:
            time.sleep(0.005)
    return time.monotonic_ns() - begin


def lists(report, floors, daemon, rounds):
    """All services in one reply."""
    hello, path = daemon.file("hello", HELLO), daemon.file("list", frame("service.list"))
    times = [line[0] for line in floors.run("roundtrip", daemon.socket, hello, path, 4 * rounds, 1)]
    report.row("service.list of all", median(times), "ms")


def command(report, programs, daemon, rounds):
    """What a person waits for."""
    for arguments in (["list"], ["list", "--all"]):
        times = []
        for _ in range(rounds):
            begin = time.monotonic_ns()
            subprocess.run(
                [os.path.join(programs, "xpmctl"), *arguments], env=daemon.environment, check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            times.append(time.monotonic_ns() - begin)
        report.row(f"xpmctl {' '.join(arguments)}", median(times), "ms")


def appearing(report, daemon, folder, rounds):
    """From a new run's last byte to its being listed."""
    times = []
    for number in range(5 * rounds):
        experiment, run = "experiment0", f"20300101_{number:06}"
        path = os.path.join(folder, "experiments", experiment, run)
        os.mkdir(path)
        content = workspace.state(folder, experiment, run, path, workspace.BEGIN, 1, 5)
        with open(path + "/.new", "w") as file:
            json.dump(content, file)
        begin = time.monotonic_ns()
        os.rename(path + "/.new", path + "/status.json")
        while not daemon.call("service.list", workspace=folder, experiment=experiment, run=run)["services"]:
            time.sleep(0.001)
        times.append(time.monotonic_ns() - begin)
        time.sleep(0.15)
    report.row("a new run's status.json to its being listed", median(times), "ms")


def watched(report, daemon):
    """Memory, and the processor time of ten quiet seconds."""
    time.sleep(QUIET)
    sizes = memory(daemon.process.pid)
    note = f"proportional {sizes['pss'] / 1e6:.1f}, anonymous {sizes['anonymous'] / 1e6:.1f}"
    report.row("xpmd, resident", sizes["rss"], "MB", note=note)
    before = ticks(daemon.process.pid)
    time.sleep(10)
    used = (ticks(daemon.process.pid) - before) / os.sysconf("SC_CLK_TCK") * 1e9
    report.row("processor time in 10 quiet seconds", used, "ms", aim="none", met=used == 0)


def ticks(pid):
    """The processor time that a process has used, in clock ticks."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def peer(report, scratch, folder):
    """experimaestro's own list of the same workspace; it writes into it, hence the last."""
    what = "experimaestro experiments services list"
    try:
        python = environments.experimaestro(os.path.join(os.path.dirname(scratch), "experimaestro"))
    except (OSError, subprocess.CalledProcessError) as failure:
        return report.skipped(what, f"cannot install {environments.VERSION}: {failure}")
    program = os.path.join(os.path.dirname(python), "experimaestro")
    begin = time.monotonic_ns()
    done = subprocess.run(
        [program, "experiments", "--workdir", folder, "services", "list"], capture_output=True, text=True, timeout=900,
        check=False,
    )
    taken = time.monotonic_ns() - begin
    if done.returncode:
        return report.skipped(what, (done.stderr.strip().splitlines() or ["it failed"])[-1])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    report.row(what, taken, "ms", note=f"{len(done.stdout.splitlines())} lines, at most {peak / 1e6:.0f} MB in a child")
