"""xpm-web's engine against nginx with one worker, and a proxy of FastAPI and httpx, before the same backend."""

import contextlib
import os
import subprocess

from . import proxies
from .machine import memory
from .table import median

LARGE = 100 << 20
IDLE = 5000


def measure(report, floors, programs, scratch, scale, with_peers):
    """All figures of all proxies, in turn."""
    report.section("A proxy before a backend in C: small requests, 100 MB, a WebSocket, memory")
    with contextlib.ExitStack() as stack:
        backend = stack.enter_context(Backend(floors))
        ours = stack.enter_context(proxies.ours(programs, backend.port))
        other, reason = proxies.nginx(scratch, backend.port)
        if reason:
            report.skipped("nginx", reason)
        others = [stack.enter_context(other)] if other else []
        idle = memory(ours.pid)["rss"]
        for connections in (1, 32):
            requests(report, floors, [ours, *others], connections, 10_000 * scale, 5)
        download(report, floors, [ours, *others], 3 + scale)
        echo(report, floors, [ours, *others], 2_500 * scale, 5)
        report.row("xpm-web, idle, resident", idle, "MB", aim="at most 16 MB", met=idle <= 16e6)
        for proxy in [ours, *others]:
            held(report, floors, proxy, proxy is ours)
        if with_peers:
            slow(report, floors, ours, scratch, backend.port)


class Backend:
    """`pages`, with its port."""

    def __init__(self, floors):
        self.program, self.process, self.port = floors.path("pages"), None, None

    def __enter__(self):
        self.process = subprocess.Popen([self.program], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def compare(report, what, unit, figures, aim, is_met):
    """A row for each proxy, ours with its ratio to the second one."""
    (first, value), *others = [(name, median(values)) for name, values in figures.items()]
    ratio = value / others[0][1] if others else None
    met = is_met(ratio) if others else None
    report.row(f"{first}: {what}", value, unit, ratio, others[0][0] if others else None, aim if others else None, met)
    for name, other in others:
        report.row(f"{name}: {what}", other, unit)


def requests(report, floors, all_proxies, connections, count, rounds):
    """Small requests, one at a time on each connection."""
    rates, costs = {proxy.name: [] for proxy in all_proxies}, {proxy.name: [] for proxy in all_proxies}
    for _ in range(rounds):
        for proxy in all_proxies:
            before = proxy.processor_time()
            took = floors.run("visits", "requests", proxy.port, connections, count)[0][0]
            costs[proxy.name].append((proxy.processor_time() - before) / count)
            rates[proxy.name].append(count * 1e9 / took)
    title = "1 connection" if connections == 1 else f"{connections} connections"
    compare(report, f"{title}, requests a second", "", rates, "at least nginx's", lambda ratio: ratio >= 1)
    compare(report, f"{title}, CPU a request", "µs", costs, "at most nginx's", lambda ratio: ratio <= 1)


def download(report, floors, all_proxies, rounds):
    """One large response."""
    rates, costs = {proxy.name: [] for proxy in all_proxies}, {proxy.name: [] for proxy in all_proxies}
    for _ in range(rounds):
        for proxy in all_proxies:
            before = proxy.processor_time()
            took = floors.run("visits", "large", proxy.port)[0][0]
            costs[proxy.name].append(proxy.processor_time() - before)
            rates[proxy.name].append(LARGE * 1e9 / took)
    compare(report, "100 MB, bytes a second", "MB", rates, "at least nginx's", lambda ratio: ratio >= 1)
    compare(report, "100 MB, CPU", "ms", costs, "at most nginx's", lambda ratio: ratio <= 1)


def echo(report, floors, all_proxies, count, rounds):
    """Frames of 100 bytes through a WebSocket and back."""
    times, costs = {proxy.name: [] for proxy in all_proxies}, {proxy.name: [] for proxy in all_proxies}
    for _ in range(rounds):
        for proxy in all_proxies:
            before = proxy.processor_time()
            times[proxy.name].append(floors.run("visits", "echo", proxy.port, count)[0][0] / count)
            costs[proxy.name].append((proxy.processor_time() - before) / count)
    compare(report, "WebSocket echo", "µs", times, "at most nginx's", lambda ratio: ratio <= 1)
    compare(report, "WebSocket echo, CPU", "µs", costs, "at most nginx's", lambda ratio: ratio <= 1)


def held(report, floors, proxy, is_ours):
    """What idle connections cost that have had a request each."""
    before = memory(proxy.pid)["rss"]
    holder = subprocess.Popen(
        [floors.path("visits"), "idle", str(proxy.port), str(IDLE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    holder.stdout.readline()
    each = max(memory(proxy.pid)["rss"] - before, 0) / IDLE
    holder.communicate()
    what, unit = f"{proxy.name}: bytes an idle connection", ""
    if is_ours:
        return report.row(what, each, unit, aim="at most 4,096", met=each <= 4096)
    return report.row(what, each, unit)


def slow(report, floors, ours, scratch, backend):
    """What experimaestro's way of passing requests on reaches."""
    folder = os.path.join(os.path.dirname(scratch), "fastapi")
    proxy, reason = proxies.python(folder, scratch, backend)
    if reason:
        return report.skipped("FastAPI and httpx", reason)
    with proxy:
        for connections in (1, 32):
            rates = {each.name: [] for each in (ours, proxy)}
            for _ in range(3):
                for each, count in ((ours, 5000), (proxy, 64)):
                    rates[each.name].append(count * 1e9 / floors.run("visits", "requests", each.port, connections, count)[0][0])
            title = "1 connection" if connections == 1 else f"{connections} connections"
            compare(report, f"{title}, requests a second", "", rates, "at least 500x", lambda ratio: ratio >= 500)
        rates = [LARGE * 1e9 / floors.run("visits", "large", proxy.port)[0][0] for _ in range(2)]
        report.row(f"{proxy.name}: 100 MB, bytes a second", median(rates), "MB")
        report.row(f"{proxy.name}: resident afterwards", memory(proxy.pid)["rss"], "MB")
