"""The terminal monitor with 10,000 services, in a terminal of its own: its first frame, keys while events come, and rest."""

import fcntl
import os
import pty
import select
import signal
import socket
import struct
import termios
import threading
import time

from .daemon import HELLO, Daemon
from .table import median


def measure(report, floors, programs, scratch, rounds, services=10_000, rate=1000):
    """A monitor of many services that are stopped, beside a client that adds and removes others all the time."""
    report.section(f"xpmctl monitor with {services:,} services, in a terminal of 80 by 24")
    with Daemon(programs, scratch) as daemon:
        daemon.add(floors, [f"s{number}" for number in range(services)], ["true"])
        first = []
        for _ in range(2 + rounds):
            with Terminal(programs, daemon) as terminal:
                first.append(terminal.until(b"bench", terminal.begin))
        report.row("from its start to the first frame with rows", median(first), "ms", aim="200 ms", met=median(first) <= 200e6)
        with Terminal(programs, daemon) as terminal:
            terminal.until(b"bench", terminal.begin)
            terminal.write(b"\r")
            terminal.until(b"s0", terminal.begin)
            quiet = sorted(keys(terminal, 50 * rounds))
            report.row("key to frame, nothing else, median", median(quiet), "ms")
            rested(report, terminal)
            with Noise(daemon, rate) as noise:
                loud = sorted(keys(terminal, 100 * rounds))
            worst = loud[int(len(loud) * 0.99)]
            report.row("events a second meanwhile", noise.events * 1e9 / noise.time, "")
            report.row("key to frame with them, median", median(loud), "ms")
            report.row("key to frame with them, p99", worst, "ms", aim="16 ms", met=worst <= 16e6)


def keys(terminal, count):
    """The nanoseconds from `?` to its list on the screen, again and again."""
    times = []
    for _ in range(count):
        begin = time.monotonic_ns()
        terminal.write(b"?")
        times.append(terminal.until(b" Keys ", begin))
        terminal.write(b"\x1b")
        terminal.until(b"s0", time.monotonic_ns())
    return times


def rested(report, terminal):
    """The processor time of ten seconds without a key or an event."""
    terminal.drain()
    before = terminal.ticks()
    time.sleep(10)
    used = (terminal.ticks() - before) / os.sysconf("SC_CLK_TCK") * 1e9
    report.row("processor time of ten quiet seconds", used, "ms", aim="none", met=used == 0)


class Terminal:
    """A monitor in a pseudo-terminal that is read all the time."""

    def __init__(self, programs, daemon):
        self.begin = time.monotonic_ns()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            environment = dict(daemon.environment, TERM="xterm-256color", LANG="C.UTF-8")
            os.execve(os.path.join(programs, "xpmctl"), ["xpmctl", "monitor"], environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)

    def write(self, text):
        """Presses keys."""
        os.write(self.master, text)

    def until(self, wanted, begin):
        """Reads until something is written; the nanoseconds since `begin`."""
        seen = b""
        while wanted not in seen:
            if not select.select([self.master], [], [], 60)[0]:
                raise SystemExit(f"cannot go on: the monitor does not show {wanted.decode()}")
            seen = seen[-64:] + os.read(self.master, 1 << 16)
        return time.monotonic_ns() - begin

    def drain(self):
        """Reads what is written within a second of nothing."""
        while select.select([self.master], [], [], 1)[0]:
            os.read(self.master, 1 << 16)

    def ticks(self):
        """The clock ticks of processor time that it has used."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])


class Noise:
    """Adds and removes services at a rate, on a thread."""

    def __init__(self, daemon, rate):
        self.daemon, self.rate, self.events, self.over = daemon, rate, 0, False
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.begin = time.monotonic_ns()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()

    def run(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.daemon.socket)
        connection.sendall(HELLO)
        batch, number = self.rate // 40, 0
        while not self.over:
            names = [f"noise{number + index}" for index in range(batch)]
            number += batch
            connection.sendall(b"".join(self.daemon.addition(name, ["true"]) for name in names))
            connection.sendall(b"".join(self.daemon.request("remove", name) for name in names))
            self.events += 2 * batch
            while select.select([connection], [], [], 0)[0]:
                connection.recv(1 << 20)
            time.sleep(max(0, (self.begin + self.events * 1e9 / self.rate - time.monotonic_ns()) / 1e9))
        self.time = time.monotonic_ns() - self.begin
        connection.close()
