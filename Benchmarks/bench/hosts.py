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

# So many come up at a time: xpmd has services get ready by turns, four for each processor, and the bare ones are to fare as well.
AT_ONCE = max(8, 4 * os.cpu_count())
# How much of the memory that is free hosts may take together; so many are measured first to know how many fit.
ROOM, SAMPLE = 0.8, 100


def measure(report, programs, python, scratch, services):
    """Both in one run, in as few waves as fit into `ROOM` by their proportional memory."""
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
        # The first one compiles what Python has to, and some tell how many fit.
        driver.start(references[:1])
        driver.stop(references[:1])
        room = available() * ROOM
        sample = references[:SAMPLE]
        driver.start(sample)
        waves = split(references, int(room / median(driver.host_sizes())))
        driver.stop(sample)
        spent = stopped = 0
        for wave in waves:
            spent += driver.start(wave)
            if wave is waves[0]:
                time.sleep(QUIET)
                sizes, tree = driver.host_sizes(), driver.tree()
            stopped += driver.stop(wave)
    bare = Bare(python)
    floor = floor_stopped = 0
    for wave in waves:
        taken, floor_sizes, gone = bare.measure(len(wave))
        floor, floor_stopped = floor + taken, floor_stopped + gone
    fit = len(waves[0])
    alive = "" if len(waves) == 1 else f", {fit:,} of them alive at a time, {room / 2**30:.0f} GiB being what may be had"
    report.section(f"{services:,} services of a watched workspace, all asked for at once, a host for each{alive}")
    report.row(f"xpmctl watch until {services:,} are listed", listed, "ms")
    report.row("bare interpreters with experimaestro's services", floor, "ms", note=f" {floor / services / 1e6:.0f} ms each")
    report.row("start until all are RUNNING", spent, "ms", spent / floor, "bare", note=f" {spent / services / 1e6:.0f} ms each")
    report.row("bare interpreters, SIGTERM until all are gone", floor_stopped, "ms")
    report.row("stop until all are STOPPED", stopped, "ms", stopped / floor_stopped, "bare")
    mean, floor_mean = sum(sizes) / len(sizes), sum(floor_sizes) / len(floor_sizes)
    report.row("a bare interpreter, proportional", floor_mean, "MB")
    report.row("a host, proportional", mean, "MB", mean / floor_mean, "bare")
    report.row("xpmd and keeper, proportional, all listed", before, "MB")
    report.row("xpmd and keeper, proportional, all RUNNING", tree, "MB")


def split(items, size):
    """Parts of nearly equal length, none longer than `size`."""
    count = -(-len(items) // size)
    return [items[len(items) * part // count : len(items) * (part + 1) // count] for part in range(count)]


def available():
    """The bytes that programs may still take."""
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))


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
    """Asks on the daemon's connection while events come on it, and lets xpmd have all requests at once."""

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
        """The nanoseconds from asking for all until the last is RUNNING."""
        return self.drive("service.start", references, "RUNNING")

    def stop(self, references):
        """The nanoseconds from asking for all until the last is STOPPED."""
        return self.drive("service.stop", references, "STOPPED")

    def drive(self, method, references, state):
        """Sends all requests and waits until each has come to its end."""
        begin, left = time.monotonic_ns(), len(references)
        for reference in references:
            self.send(method, service=reference)
        while left:
            message = json.loads(self.daemon.receive())
            if "error" in message:
                raise SystemExit(f"cannot go on: {method}: {message['error']['message']}")
            event = message["params"] if message.get("method") == "event" else {}
            now = event.get("state")
            if now == "ERROR":
                raise SystemExit(f"cannot go on: {event['id']} of {event['run']}: {event.get('error')}")
            left -= now == state
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
