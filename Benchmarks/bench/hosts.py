"""Many services of a watched workspace, a host for each, against as many bare interpreters that have imported what they need."""

import json
import os
import subprocess
import time

from . import workspace
from .adding import EXPERIMENTS
from .daemon import Daemon, frame
from .environments import clean
from .machine import memory
from .memory import QUIET
from .table import median
from .watching import until

# So many come up at a time: with two cores more would wait for each other, and for their time limits.
AT_ONCE = 8
# What all hosts together may take of the machine's memory; so many are measured first to know how many fit.
ROOM, SAMPLE = 10 << 30, 100


def measure(report, programs, python, scratch, services):
    """Both in one run; as many as fit into `ROOM` by their proportional memory."""
    folder = workspace.make(
        os.path.join(scratch, "hosts"), services, python=python, modules=EXPERIMENTS, kind="idle.Idle"
    )
    daemon = Daemon(programs, scratch)
    daemon.environment = clean(daemon.environment) | {
        name: value for name, value in daemon.environment.items() if name.startswith("XPMD_")
    }
    with daemon:
        driver = Driver(daemon)
        begin = time.monotonic_ns()
        driver.call("workspace.watch", workspace=folder)
        listed = until(driver, begin, lambda record: record["state"] == "watching")
        references = settled(driver, folder, services)
        before = driver.tree()
        # The first ones compile what Python has to, and tell how many fit.
        driver.start(references[:1])
        driver.stop(references[:1])
        sample = min(SAMPLE, services)
        spent = driver.start(references[:sample])
        each = driver.host_sizes()
        fit = min(services, max(sample, int(ROOM / median(each))))
        spent += driver.start(references[sample:fit])
        time.sleep(QUIET)
        sizes, tree = driver.host_sizes(), driver.tree()
        stopped = driver.stop(references[:fit])
    bare = Bare(python)
    floor, floor_sizes, floor_stopped = bare.measure(fit)
    less = "" if fit == services else f"; {services:,} would need {services * median(each) / 2**30:.0f} GiB and may have 10"
    report.section(f"{fit:,} services of a watched workspace, a host for each, {AT_ONCE} coming up at a time{less}")
    report.row(f"xpmctl watch until {services:,} are listed", listed, "ms")
    report.row("bare interpreters with experimaestro's services", floor, "ms", note=f" {floor / fit / 1e6:.0f} ms each")
    report.row("start until all are RUNNING", spent, "ms", spent / floor, "bare", note=f" {spent / fit / 1e6:.0f} ms each")
    report.row("bare interpreters, SIGTERM until all are gone", floor_stopped, "ms")
    report.row("stop until all are STOPPED", stopped, "ms", stopped / floor_stopped, "bare")
    mean, floor_mean = sum(sizes) / fit, sum(floor_sizes) / fit
    report.row("a bare interpreter, proportional", floor_mean, "MB")
    report.row("a host, proportional", mean, "MB", mean / floor_mean, "bare")
    report.row("xpmd and keeper, proportional, all listed", before, "MB")
    report.row("xpmd and keeper, proportional, all RUNNING", tree, "MB")


def settled(driver, folder, services):
    """Waits until the interpreter of each service is known; returns how requests name them."""
    names = ("workspace", "experiment", "run", "id")
    records = driver.call("service.list", workspace=folder)["services"]
    if len(records) != services:
        raise SystemExit(f"cannot go on: {len(records)} services are listed and not {services}")
    references = [{name: record[name] for name in names} for record in records]
    for reference in references:
        while "python" not in driver.call("service.get", service=reference)["definition"]["run"]:
            time.sleep(0.01)
    return references


class Driver:
    """Asks on the daemon's connection while events come on it, and keeps so many requests on their way."""

    def __init__(self, daemon):
        self.daemon, self.number = daemon, 10
        self.call("events.subscribe")

    def send(self, method, **parameters):
        """Sends a request; returns its number."""
        self.number += 1
        self.daemon.connection.sendall(frame(method, self.number, **parameters))
        return self.number

    def call(self, method, **parameters):
        """Sends a request and waits for its reply; events meanwhile are of no interest."""
        number = self.send(method, **parameters)
        while (message := json.loads(self.daemon.receive())).get("id") != number:
            pass
        if "error" in message:
            raise SystemExit(f"cannot go on: {method}: {message['error']['message']}")
        return message["result"]

    def start(self, references):
        """The nanoseconds until all are RUNNING, `AT_ONCE` of them on their way at a time."""
        return self.drive("service.start", references, "RUNNING", AT_ONCE)

    def stop(self, references):
        """The nanoseconds until all are STOPPED, asked for at once."""
        return self.drive("service.stop", references, "STOPPED", len(references))

    def drive(self, method, references, state, at_once):
        """Sends as many requests as may be on their way, and the next whenever one has come to its end."""
        begin, waiting, left = time.monotonic_ns(), list(references), len(references)
        for _ in range(min(at_once, left)):
            self.send(method, service=waiting.pop(0))
        while left:
            message = json.loads(self.daemon.receive())
            if "error" in message:
                raise SystemExit(f"cannot go on: {method}: {message['error']['message']}")
            event = message["params"] if message.get("method") == "event" else {}
            now = event.get("state")
            if now == "ERROR":
                raise SystemExit(f"cannot go on: {event['id']} of {event['run']}: {event.get('error')}")
            if now != state:
                continue
            left -= 1
            if waiting:
                self.send(method, service=waiting.pop(0))
        return time.monotonic_ns() - begin

    def host_sizes(self):
        """The proportional bytes of each host."""
        services = self.call("service.list")["services"]
        return [memory(service["pid"])["pss"] for service in services if service["state"] == "RUNNING"]

    def tree(self):
        """The proportional bytes of xpmd and its keeper."""
        status = self.call("daemon.status")
        return memory(status["pid"])["pss"] + memory(status["keeper_pid"])["pss"]


class Bare:
    """As many interpreters in a plain loop, with as many coming up at a time."""

    def __init__(self, python):
        self.command = [python, os.path.join(EXPERIMENTS, "bare.py")]

    def measure(self, count):
        """Nanoseconds until all are up, their proportional bytes, nanoseconds until all are gone."""
        reading, writing = os.pipe()
        begin, processes, ready = time.monotonic_ns(), [], 0
        try:
            while ready < count:
                while len(processes) < min(count, ready + AT_ONCE):
                    processes.append(subprocess.Popen(
                        self.command, stdin=subprocess.DEVNULL, stdout=writing, start_new_session=True,
                        env=clean(os.environ),
                    ))
                ready += os.read(reading, 4096).count(b"\n")
            taken = time.monotonic_ns() - begin
            time.sleep(QUIET)
            sizes = [memory(process.pid)["pss"] for process in processes]
        finally:
            begin = time.monotonic_ns()
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()
            os.close(reading)
            os.close(writing)
        return taken, sizes, time.monotonic_ns() - begin
