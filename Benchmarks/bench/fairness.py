"""How long one client waits for `daemon.status` beside clients and services that ask and say as much as they can.

The same question is asked of a second xpmd at the same time, which nobody attacks: on a busy machine the ratio to that tells what an attack
does, whatever else keeps the processors busy.
"""

import contextlib
import json
import os
import resource
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from .daemon import HELLO, Daemon, frame
from .rpc import echo, sizes
from .table import median

MEDIAN, LONGEST = 10e6, 50e6


def measure(report, floors, programs, scratch, scale):
    """Each attack in turn, and in its middle the second client, a C program that has one question at a time."""
    listed, wide = (2_000, 200) if scale == 1 else (10_000, 600)
    status = frame("daemon.status")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with Daemon(programs, scratch) as daemon, Daemon(programs, scratch) as control:
        hello, question = daemon.file("hello", HELLO), daemon.file("status", status)
        report.section(f"The second client: daemon.status, one at a time, beside other clients; {listed:,} services")
        daemon.add(floors, [f"list{number}" for number in range(listed)], ["sleep", "1000000"])

        def second(path, count):
            return [line[0] for line in floors.run("roundtrip", path, hello, question, count, 1)]

        alone = second(daemon.socket, 1000 * scale)
        report.row("alone, median", median(alone), "ms")
        report.row("alone, longest", max(alone), "ms")
        _, answered = sizes(daemon, status)
        with echo(floors, daemon, answered) as echoes, attacking(lambda: flood(echoes, [status] * 2000)):
            floor = second(echoes, 250 * scale)
        report.row("C echo beside a flood that is read, median", median(floor), "ms")
        report.row("C echo beside a flood that is read, longest", max(floor), "ms")
        for name, attack in attacks(daemon, floors, wide, scale).items():
            with attacking(attack), ThreadPoolExecutor(1) as aside:
                untouched = aside.submit(second, control.socket, 250 * scale)
                times, untouched = second(daemon.socket, 250 * scale), untouched.result()
            for what, figure, limit in [("median", median, MEDIAN), ("longest", max, LONGEST)]:
                value = figure(times)
                report.row(
                    f"{name}, {what}", value, "ms", value / figure(untouched), "control", aim=f"at most {limit / 1e6:.0f} ms",
                    met=value <= limit,
                )


@contextlib.contextmanager
def attacking(attack):
    """Runs an attack, over and over in a thread of its own; it has begun when the body does."""
    over, begun = threading.Event(), threading.Event()
    faults = []

    def run():
        try:
            with contextlib.closing(attack()) as rounds:
                for _ in rounds:
                    begun.set()
                    if over.is_set():
                        return
        except OSError as fault:
            faults.append(fault)
        finally:
            begun.set()

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if faults:
        raise SystemExit(f"cannot go on: an attack ended: {faults[0]}")


class Client:
    """A connection that has said hello."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.settimeout(60)
        self.socket.sendall(HELLO)
        self.replies = self.socket.makefile("rb", 1 << 20)
        self.receive()

    def receive(self):
        """The next payload."""
        (length,) = struct.unpack(">I", self.replies.read(4))
        return self.replies.read(length)

    def ask(self, request):
        """Asks and waits for the answer."""
        self.socket.sendall(request)
        return self.receive()

    def all(self, requests):
        """Asks for all at once, reading meanwhile."""
        sender = threading.Thread(target=self.socket.sendall, args=(b"".join(requests),))
        sender.start()
        for _ in requests:
            self.receive()
        sender.join()

    def close(self):
        """Hangs up."""
        self.replies.close()
        self.socket.close()


def attacks(daemon, floors, wide, scale):
    """What others do, by what is said of it: functions that make generators, each step of which is one round."""
    marks = "\u0301\u0323" * 125_000
    small = '{"a":1},' * 125_000
    addition = json.loads(daemon.addition("large", ["true"])[4:])
    addition["params"]["definition"]["environment"] = {f"V{number}": "x" * 90_000 for number in range(10)}
    large = framed(addition)
    client = Client(daemon.socket)
    if client.ask(large).startswith(b'{"error"'):
        raise SystemExit("cannot go on: the large service was refused")
    client.close()
    daemon.add(floors, ["waited"], ["sleep", "1000000"])
    wide_definition = {"run": {"kind": "command", "arguments": ["true"]}, "environment": {"V": "x" * 100_000}}
    addition["params"].update(id="wide", definition=wide_definition)
    daemon.call("service.add", **addition["params"])
    return {
        "a flood of daemon.status, read": lambda: flood(daemon.socket, [frame("daemon.status")] * 2000),
        "a flood of service.get, read": lambda: flood(daemon.socket, [daemon.request("get", "list0")] * 2000),
        "experiment.open, 500 at once, read": lambda: flood(daemon.socket, [opening(daemon)] * 500),
        "service.list, 20 at once, read": lambda: flood(daemon.socket, [frame("service.list")] * 20),
        "replies of 0.9 MB, never read": lambda: unread(daemon.socket, [daemon.request("get", "large")] * 400),
        "lists, never read": lambda: unread(daemon.socket, [frame("service.list")] * 400),
        "additions of 0.9 MB": lambda: flood(daemon.socket, [large] * 4),
        "a name of 250,000 combining characters": lambda: flood(daemon.socket, [junk("1", marks)]),
        "a key of 250,000 combining characters": lambda: flood(daemon.socket, [junk(f'{{"{marks}":1}}')]),
        "1 MB of small objects": lambda: flood(daemon.socket, [junk(f"[{small}1]")] * 4),
        "20,000 waits, and what ends them": lambda: waits(daemon, 20_000),
        f"restart of {wide} services, 20 wide": lambda: dependencies(daemon, floors, wide),
        "1,000 subscribers that never read": lambda: subscribers(daemon, 250 * scale),
        "connections that come and go": lambda: connections(daemon.socket),
        "a service that says 2,040 unknown lines": lambda: speaking(daemon, "babbler", 's.send(b"A=1\\n" * 2040)'),
        "a service that says a new URL": lambda: speaking(
            daemon, "traveller", 'i += 1; s.send(b"X_XPM_URL=http://127.0.0.1:1/%d" % i)'),
        "service.get, effective, 0.1 MB, 4 clients": lambda: drained(
            daemon.socket, [frame("service.get", service=daemon.reference("wide"), effective=True)] * 20, 4),
        "events.subscribe since 0, 4 clients": lambda: drained(daemon.socket, [frame("events.subscribe", since=0)] * 20, 4),
        "events.list of 1,000, 4 clients": lambda: drained(daemon.socket, [frame("events.list", limit=1000)] * 20, 4),
        "service.add, 60,000 numbers": lambda: drained(daemon.socket, [framed(numbers(daemon))] * 2, 1),
        f"{500 * scale:,} subscribers at once": lambda: arrivals(daemon.socket, HELLO + frame("events.subscribe", since=0), 500 * scale),
        f"{250 * scale:,} connections that end their side": lambda: arrivals(daemon.socket, b"", 250 * scale),
    }


def framed(request):
    """The frame of a request that is no longer in the canonical form."""
    body = json.dumps(request, separators=(",", ":")).encode()
    return struct.pack(">I", len(body)) + body


def junk(value, service="list0"):
    """A request with a parameter that nobody knows, written in JSON."""
    body = f'{{"id":1,"jsonrpc":"2.0","method":"service.get","params":{{"junk":{value},"service":"{service}"}}}}'.encode()
    return struct.pack(">I", len(body)) + body


def opening(daemon):
    """Opens the run once more, which is saved each time."""
    return frame("experiment.open", workspace=daemon.workspace, experiment=daemon.experiment, run=daemon.run)


def flood(path, requests):
    """Many requests at once, whose replies are read, again and again."""
    client = Client(path)
    with contextlib.closing(client):
        while True:
            client.all(requests)
            yield


def unread(path, requests):
    """Many requests at once, of whose replies none is read; then the same on another connection."""
    while True:
        client = Client(path)
        with contextlib.closing(client):
            client.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.socket.send(b"".join(requests))
            time.sleep(0.05)
            yield


def waits(daemon, count):
    """Half the waits for the end of a service on each of two connections, and the stop that answers all."""
    waited = daemon.reference("waited")
    ended = frame("service.wait", service=waited, goal="ended")
    clients = [Client(daemon.socket) for _ in range(3)]
    with contextlib.ExitStack() as stack:
        for client in clients:
            stack.enter_context(contextlib.closing(client))
        while True:
            clients[2].ask(daemon.request("start", "waited"))
            clients[2].ask(frame("service.wait", service=waited, goal="running"))
            for client in clients[:2]:
                client.socket.sendall(ended * (count // 2))
            clients[2].ask(daemon.request("stop", "waited"))
            for client in clients[:2]:
                for _ in range(count // 2):
                    client.receive()
            yield


def dependencies(daemon, floors, count):
    """Rows of 20 services, each of which requires all of the row before; all are restarted with the first."""
    rows = [[f"row{row}-{place}" for place in range(20)] for row in range(count // 20)]
    for row, names in enumerate(rows):
        daemon.add(floors, names, ["sleep", "1000000"], requires=rows[row - 1] if row else [])
    client = Client(daemon.socket)
    with contextlib.closing(client):
        client.all([daemon.request("start", name) for name in rows[-1]])
        while True:
            for name in rows[-1]:
                client.ask(frame("service.wait", service=daemon.reference(name), goal="running"))
            yield
            client.ask(daemon.request("restart", rows[0][0]))


def subscribers(daemon, count):
    """Events for many who never read them."""
    clients = [Client(daemon.socket) for _ in range(count)]
    with contextlib.ExitStack() as stack:
        for client in clients:
            stack.enter_context(contextlib.closing(client))
            client.ask(frame("events.subscribe"))
        maker = stack.enter_context(contextlib.closing(Client(daemon.socket)))
        before, made = resident(daemon.process.pid), 0
        while True:
            maker.all([daemon.addition("noise", ["true"]), daemon.request("remove", "noise")] * 20)
            made += 40
            yield
            if made == 1000:
                print(f"  {(resident(daemon.process.pid) - before) / count / 1000:,.0f} kB for each subscriber", flush=True)


def drained(path, requests, count):
    """Many requests of several clients, again and again; what is answered is read and not looked at."""
    clients = [Client(path) for _ in range(count)]
    readers = [threading.Thread(target=drain, args=[client.socket]) for client in clients]
    for reader in readers:
        reader.start()
    try:
        while True:
            for client in clients:
                client.socket.sendall(b"".join(requests))
            yield
    finally:
        for client in clients:
            client.socket.shutdown(socket.SHUT_RDWR)
        for client, reader in zip(clients, readers):
            reader.join()
            client.close()


def drain(connection):
    """Reads until the end."""
    with contextlib.suppress(OSError):
        while connection.recv(1 << 20):
            pass


SPEAKER = """\
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
s.send(b"READY=1")
i = 0
while True: """


def speaking(daemon, name, words):
    """A service that says something over and over."""
    client = Client(daemon.socket)
    with contextlib.closing(client):
        client.ask(daemon.addition(name, ["python3", "-c", SPEAKER + words], readiness={"notify": True}))
        client.ask(daemon.request("start", name))
        client.ask(frame("service.wait", service=daemon.reference(name), goal="running"))
        try:
            while True:
                time.sleep(0.05)
                yield
        finally:
            client.ask(daemon.request("stop", name))
            client.ask(frame("service.wait", service=daemon.reference(name), goal="ended"))


def numbers(daemon):
    """A service with a state dictionary that has many numbers."""
    addition = json.loads(daemon.addition("numbers", [])[4:])
    state = {f"k{number}": 1.5 for number in range(60_000)}
    addition["params"]["definition"] = {"run": {"kind": "recreate"}, "class": "a.B", "state_dict": state}
    return addition


def arrivals(path, words, count):
    """Many who connect at once, say something and end their side, and go."""
    while True:
        with contextlib.ExitStack() as stack:
            clients = []
            for _ in range(count):
                client = stack.enter_context(socket.socket(socket.AF_UNIX))
                client.connect(path)
                client.sendall(words)
                clients.append(client)
            for client in clients:
                client.shutdown(socket.SHUT_WR)
            yield


def connections(path):
    """Connects and hangs up."""
    while True:
        for _ in range(100):
            with contextlib.suppress(BlockingIOError), socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
        yield


def resident(pid):
    """The bytes of memory that a process has."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
