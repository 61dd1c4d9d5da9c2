"""Requests on an open connection, against a C program that answers the same number of bytes."""

import contextlib
import os
import subprocess

from .daemon import HELLO, Daemon, frame
from .machine import pin
from .table import median, percentile


def measure(report, floors, programs, scratch, scale):
    """Round trips with client and server on a core each, and as many at once as the sockets take."""
    with Daemon(programs, scratch) as daemon:
        daemon.add(floors, ["service0"], ["sleep", "1000000"])
        daemon.each(floors, "start", ["service0"], "RUNNING")
        requests = {
            "daemon.status": frame("daemon.status"),
            "service.get": daemon.request("get", "service0"),
        }
        report.section("Requests: one connection, client and server on a core each")
        for name, request in requests.items():
            compare(report, floors, daemon, name, request, scale)
        report.section("A list of 10,000 services in one reply, all bytes read")
        names = [f"list{number}" for number in range(10_000)]
        added = daemon.add(floors, names, ["sleep", "1000000"])
        compare_list(report, floors, daemon, added, scale)


@contextlib.contextmanager
def echo(floors, daemon, size):
    """A C server that answers each frame with `size` bytes; yields its socket."""
    path = os.path.join(daemon.runtime, f"echo{size}.sock")
    server = subprocess.Popen([floors.path("echo"), path, str(size)], stdout=subprocess.PIPE, text=True)
    try:
        server.stdout.readline()
        pin(server.pid, 0)
        yield path
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
        os.unlink(path)


def sizes(daemon, request):
    """The bytes of the request's and of the answer's payload."""
    daemon.connection.sendall(request)
    return len(request) - 4, len(daemon.receive())


def compare(report, floors, daemon, name, request, scale):
    """One kind of request against the echo, in turn."""
    asked, answered = sizes(daemon, request)
    hello, path = daemon.file("hello", HELLO), daemon.file("request", request)
    single = {"echo": [], "xpmd": []}
    many = {"echo": [], "xpmd": []}
    count, flood = 4000 * scale, 20_000 * scale
    with echo(floors, daemon, answered) as echoes:
        pin(daemon.process.pid, 0)
        for _ in range(5):
            for server, socket in (("echo", echoes), ("xpmd", daemon.socket)):
                single[server].append([line[0] for line in floors.run("roundtrip", socket, hello, path, count, 1, core=1)])
        pin(daemon.process.pid, None)
        for _ in range(5):
            for server, socket in (("echo", echoes), ("xpmd", daemon.socket)):
                nanoseconds = floors.run("roundtrip", socket, hello, path, flood, 64, core=1)[0][0]
                many[server].append(flood / nanoseconds * 1e9)
    for share, title in ((0.5, "p50"), (0.99, "p99")):
        floor = median(percentile(times, share) for times in single["echo"])
        ours = median(percentile(times, share) for times in single["xpmd"])
        report.row(f"C echo of {asked} and {answered} bytes, {title}", floor, "µs")
        aim = {"aim": "at most 2.5x", "met": ours / floor <= 2.5} if title == "p50" else {}
        report.row(f"{name}, {title}", ours, "µs", ours / floor, "C", **aim)
    floor, ours = median(many["echo"]), median(many["xpmd"])
    report.row("C echo, 64 at once, requests", floor, "k/s")
    report.row(f"{name}, 64 at once, requests", ours, "k/s", floor / ours, "fewer")


def compare_list(report, floors, daemon, added, scale):
    """The list, of services whose form is encoded, and right after all of them were added."""
    request = frame("service.list")
    # The first one after a change pays for the encoding.
    hello, path = daemon.file("hello", HELLO), daemon.file("list", request)
    first = floors.run("roundtrip", daemon.socket, hello, path, 1, 1)[0][0]
    _, answered = sizes(daemon, request)
    ours, floor = [], []
    with echo(floors, daemon, answered) as echoes:
        for _ in range(5):
            ours += [line[0] for line in floors.run("roundtrip", daemon.socket, hello, path, 4 * scale, 1)]
            floor += [line[0] for line in floors.run("roundtrip", echoes, hello, path, 4 * scale, 1)]
    report.row("10,000 service.add, acknowledged, each", added / 10_000, "µs")
    report.row(f"C echo of {answered / 1e6:.1f} MB", median(floor), "ms")
    time = median(ours)
    report.row("service.list", time, "ms", time / median(floor), "C", aim="at most 30 ms", met=time <= 30e6)
    report.row("service.list, each service changed before", first, "ms")
