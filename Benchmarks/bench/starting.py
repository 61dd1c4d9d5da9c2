"""From the request to the event RUNNING, against posix_spawn in C."""

import os
import shutil

from .daemon import HELLO, Daemon, frame
from .table import median, percentile

SLEEP = [os.path.realpath(shutil.which("sleep")), "1000000"]


def one(report, floors, programs, scratch, scale):
    """One start and one end at a time; what is durable here is the disk's to delay, so its floor stands beside it."""
    count = 25 * scale
    with Daemon(programs, scratch) as daemon:
        daemon.add(floors, ["service0"], SLEEP)
        prepare = daemon.file("prepare", HELLO, frame("events.subscribe", 2))
        start = daemon.file("start", daemon.request("start", "service0", 3))
        spawned, synced, started, ended = [], [], [], []
        for _ in range(3):
            spawned += [line[0] for line in floors.run("spawn", count, 0, *SLEEP)]
            synced += [line[0] for line in floors.run("fsync", os.path.join(daemon.state, "fsync"), 100)]
            for running, error in floors.run("latency", daemon.socket, prepare, start, count):
                started.append(running)
                ended.append(error)
    disk = median(synced)
    report.section("One service at a time: every decision is on the disk before it is carried out or told")
    report.row("write and fdatasync of two pages, the disk's floor", disk, "ms")
    report.row("posix_spawn in C", median(spawned), "ms")
    time_ = median(started)
    report.row("start to RUNNING, two commits", time_, "ms", time_ / (2 * disk + median(spawned)), "2 fdatasync + spawn")
    time_ = median(ended)
    report.row("SIGKILL of a service to its event, p50, one commit", time_, "ms", time_ / disk, "fdatasync")
    report.row("SIGKILL of a service to its event, p90", percentile(ended, 0.9), "ms")
    return median(ended)


def thousand(report, floors, programs, scratch, rounds):
    """1,000 starts by pipelined requests, with the daemon's memory before and after; returns that memory."""
    names = [f"service{number}" for number in range(1000)]
    bare, ours = [], []
    with Daemon(programs, scratch) as daemon:
        daemon.add(floors, names, SLEEP)
        for _ in range(rounds):
            bare.append(floors.run("spawn", 1000, 1, *SLEEP)[0][0])
            ours.append(daemon.each(floors, "start", names, "RUNNING"))
            daemon.each(floors, "stop", names, "STOPPED")
    report.section("1,000 starts at once, until the last is RUNNING")
    floor, time_ = median(bare), median(ours)
    report.row("C, a loop of 1,000 posix_spawns", floor, "ms")
    report.row("1,000 pipelined service.start", time_, "ms", time_ / floor, "C", aim="at most 2x", met=time_ / floor <= 2)
