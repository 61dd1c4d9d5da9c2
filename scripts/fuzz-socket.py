#!/usr/bin/env python3
"""fuzz-socket.py [--seconds N] [--seed N] [--bin FOLDER] [--keep]

Sends an instance of its own what no client should: requests of every method, made by protocol/schema and then changed, streams of
frames that are cut, garbled, empty or too long, and clients that leave half way or never read. Meanwhile three services run, and
another client asks for `daemon.status`. It is checked that

- each whole request gets one answer, which is no `internal_error`, and each result is one that its schema allows;
- the other client always gets its answer;
- xpmd never ends, and the services run on as the processes that they were;
- memory and descriptors come back to what they were, and so they are after SIGKILL and a new start on the same state.

The seed, printed first, decides what is sent. After a failure the scratch folder is kept and named, with the last stream of each
kind in `sent`. Exit code: 0, or 1 after a failure.
"""

import collections
import json
import os
import socket
import struct
import sys
import threading
import time
from pathlib import Path

from schema_values import Grammar, dumped
from torture import DEADLINE, Connection, Lost, carry_out, check_program_logs, end_daemon, listed, options

try:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "protocol"))
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource
except ImportError:
    Draft202012Validator = None

# xpmd may grow so much, in bytes: a thread's arena, SQLite's pages, and what is on record of experiments that were opened.
SLACK = 48 << 20
STEADY = ("steady-0", "steady-1", "steady-2")
# These answer when something happens, if ever.
PATIENT = {"service.wait", "service.logs"}
LASTING = PATIENT | {"events.subscribe", "stray.stop", "service.add", "service.remove", "service.clear_logs", "service.prune"}
HELLO = {"jsonrpc": "2.0", "id": "hello", "method": "hello", "params": {"versions": {"min": 1, "max": 1}, "client": "fuzz"}}


def frame(body):
    return struct.pack(">I", len(body)) + body


class Results:
    """What a result must look like, by its method."""

    def __init__(self, grammar):
        self.validators = {}
        # Looking at a result takes longer than all the rest: at one in so many.
        self.step, self.passed = 5, 0
        if Draft202012Validator is None:
            return
        documents = grammar.documents
        registry = Registry().with_resources((document["$id"], Resource.from_contents(document)) for document in documents.values())
        for method in grammar.methods:
            schema = {"$ref": f"{documents[f'{method}.json']['$id']}#/$defs/result"}
            self.validators[method] = Draft202012Validator(schema, registry=registry)

    def fault(self, method, result):
        self.passed += 1
        validator = self.validators.get(method) if self.passed % self.step == 0 else None
        return None if validator is None else next((error.message[:300] for error in validator.iter_errors(result)), None)


class Stream:
    """What one client sends, and what it may expect."""

    def __init__(self):
        self.data = bytearray(frame(json.dumps(HELLO).encode()))
        # By id: the method of a whole request.
        self.methods = {"hello": "hello"}
        # Requests that are answered at once, by whatever.
        self.due = 1
        # The answers that count; None for all.
        self.awaited = None
        # Whether the daemon may end the connection.
        self.may_end = False


class Attacker:
    """One kind of client after the other."""

    def __init__(self, run, grammar, results):
        self.run, self.grammar, self.results = run, grammar, results
        self.random = grammar.random
        self.number = 0
        self.codes = collections.Counter()
        self.kinds = {
            "requests": (self.requests, 50), "hostile requests": (self.hostile_requests, 50), "cut frames": (self.cut, 10),
            "wrong lengths": (self.wrong_lengths, 10), "garbage": (self.garbage, 5), "no hello": (self.no_hello, 5),
            "half closed": (self.half_closed, 5), "never reads": (self.never_reads, 3), "deaf subscriber": (self.deaf_subscriber, 3),
        }
        self.counts = collections.Counter()

    def work(self):
        names, weights = zip(*((name, weight) for name, (_, weight) in self.kinds.items()))
        while not self.run.over.is_set() and not self.run.faults.found:
            kind = self.random.choices(names, weights)[0]
            self.counts[kind] += 1
            self.kinds[kind][0](kind)

    def request(self, stream, hostile):
        method = self.grammar.one(self.grammar.methods)
        parameters = self.grammar.parameters(method)
        if hostile:
            parameters = self.grammar.mutated(parameters)
        self.number += 1
        text = dumped({"jsonrpc": "2.0", "id": self.number, "method": method, "params": parameters})
        body = text.encode(errors="surrogatepass")
        if len(body) > 1 << 20:
            return
        stream.data += frame(body)
        stream.methods[self.number] = method
        stream.due += method not in PATIENT
        # Versions that do not meet end it.
        stream.may_end |= method == "hello"
        self.run.requests[method] += 1

    def requests(self, kind, hostile=False):
        stream = Stream()
        for _ in range(self.random.choice((1, 2, 5, 40))):
            self.request(stream, hostile)
        self.exchange(kind, stream)

    def hostile_requests(self, kind):
        self.requests(kind, hostile=True)

    def cut(self, kind):
        stream = Stream()
        for _ in range(self.random.randint(1, 4)):
            self.request(stream, hostile=True)
        del stream.data[self.random.randint(1, len(stream.data)):]
        self.send_and_leave(kind, stream)

    def wrong_lengths(self, kind):
        stream = Stream()
        self.request(stream, hostile=False)
        length = self.random.choice((0, 1, (1 << 20) + 1, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1))
        stream.data += struct.pack(">I", length) + b'{"id":1}'
        stream.may_end, stream.due = True, 1
        self.exchange(kind, stream)

    def garbage(self, kind):
        stream = Stream()
        for _ in range(self.random.randint(1, 5)):
            body = self.random.choice((
                self.random.randbytes(self.random.randint(1, 300)), b"\xff" * 10, b"[" * 100_000, b'{"id":1}', b"null", b"\xef\xbb\xbf{}",
                b'{"id":1,"id":2,"method":"hello"}', b'{"jsonrpc":"2.0","result":{}}', b'{"jsonrpc":"2.0","id":9,"error":7}'))
            stream.data += frame(body)
        # What looks like a reply is not answered; the request behind it tells when all is read.
        self.number += 1
        stream.data += frame(json.dumps({"jsonrpc": "2.0", "id": self.number, "method": "daemon.status"}).encode())
        stream.methods[self.number] = "daemon.status"
        stream.awaited, stream.due = {"hello", self.number}, 2
        self.exchange(kind, stream)

    def no_hello(self, kind):
        stream = Stream()
        stream.data.clear()
        stream.due, stream.may_end = 0, True
        self.request(stream, hostile=True)
        self.exchange(kind, stream)

    def half_closed(self, kind):
        stream = Stream()
        for _ in range(5):
            self.request(stream, hostile=True)
        with self.connected(kind, stream) as client:
            self.send(client, stream.data)
            client.shutdown(socket.SHUT_WR)
            # A subscription, and what waits, keep it open for as long as the client stays.
            if LASTING.isdisjoint(stream.methods.values()):
                while client.recv(1 << 16):
                    pass

    def never_reads(self, kind):
        stream = Stream()
        for _ in range(self.random.choice((10, 300))):
            self.request(stream, hostile=self.random.random() < 0.5)
        self.send_and_leave(kind, stream)

    def deaf_subscriber(self, kind):
        stream = Stream()
        stream.data += frame(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "events.subscribe", "params": {"since": 0}}).encode())
        for _ in range(20):
            self.request(stream, hostile=False)
        self.send_and_leave(kind, stream)

    # How it is sent.

    def connected(self, kind, stream):
        (self.run.instance.scratch / "sent" / kind.replace(" ", "-")).write_bytes(stream.data)
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(DEADLINE)
        client.connect(self.run.instance.socket)
        return client

    def send(self, client, data):
        """In pieces of any size. False where xpmd has ended the connection."""
        position, sizes = 0, (1, 3, 100, 10_000, len(data)) if len(data) < 20_000 else (10_000, len(data))
        try:
            while position < len(data):
                count = self.random.choice(sizes)
                client.sendall(data[position:position + count])
                position += count
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def send_and_leave(self, kind, stream):
        with self.connected(kind, stream) as client:
            # Who never reads is not waited for: what the socket takes at once is sent.
            client.settimeout(0.2)
            try:
                self.send(client, stream.data)
            except TimeoutError:
                pass

    def exchange(self, kind, stream):
        """Sends all and reads until each answer is there. It is read beside, or both sides would wait for each other."""
        with self.connected(kind, stream) as client:
            sender = threading.Thread(target=self.send, args=(client, stream.data))
            sender.start()
            try:
                self.receive(kind, stream, client)
            except TimeoutError:
                self.run.faults.add(f"{kind}: {stream.due} requests have no answer within {DEADLINE:.0f} s: {list(stream.methods.items())[-5:]}")
            except ConnectionResetError:
                if not stream.may_end:
                    self.run.faults.add(f"{kind}: the connection was reset")
            finally:
                # Whatever is not sent by now is of no use.
                client.close() if self.run.faults.found else None
                sender.join()

    def receive(self, kind, stream, client):
        buffer, answered = b"", 0
        while answered < stream.due:
            data = client.recv(1 << 16)
            if not data:
                if not stream.may_end:
                    self.run.faults.add(f"{kind}: xpmd ended the connection before {stream.due - answered} answers")
                return
            buffer += data
            while len(buffer) >= 4 and len(buffer) >= (end := 4 + struct.unpack(">I", buffer[:4])[0]):
                answered += self.take(kind, stream, json.loads(buffer[4:end]))
                buffer = buffer[end:]

    def take(self, kind, stream, message):
        """Looks at a message. True for an answer that is waited for."""
        if "method" in message:
            return False
        method = stream.methods.get(message.get("id"))
        if (error := message.get("error")) is not None:
            self.codes[error["data"]["code"]] += 1
            if error["data"]["code"] == "internal_error":
                self.run.faults.add(f"{kind}: {method}: {error['message'][:300]}")
        elif method is None:
            if stream.awaited is None:
                self.run.faults.add(f"{kind}: an answer to what was not asked: {str(message)[:300]}")
        elif fault := self.results.fault(method, message["result"]):
            self.run.faults.add(f"{kind}: the result of {method} is none by its schema: {fault}")
        else:
            self.codes["accepted"] += 1
        return method not in PATIENT if stream.awaited is None else message.get("id") in stream.awaited


class Other:
    """The client that asks beside; how long it waits, in seconds."""

    def __init__(self, run):
        self.run, self.waits, self.pid = run, [], None

    def work(self):
        connection = Connection(self.run.instance.socket)
        while not self.run.over.is_set():
            begin = time.monotonic()
            try:
                status = connection.call("daemon.status")
            except Lost as lost:
                self.run.faults.add(f"the other client lost xpmd: {lost}")
                return
            self.waits.append(time.monotonic() - begin)
            self.pid = self.pid or status["pid"]
            if status["pid"] != self.pid:
                self.run.faults.add(f"xpmd is another process than before: {status['pid']} and not {self.pid}")
            self.run.over.wait(0.005)
        connection.close()

    def told(self):
        waits = sorted(self.waits)
        return f"the other client waited {waits[len(waits) // 2] * 1000:.1f} ms at the median and {waits[-1] * 1000:.0f} ms at most"


def start_steady(run, connection):
    connection.call("experiment.open", workspace=f"{run.instance.scratch}/steady", experiment="steady", run="r")
    for name in STEADY:
        reference = {"workspace": f"{run.instance.scratch}/steady", "experiment": "steady", "run": "r", "id": name}
        connection.call("service.add", **reference, definition=run.instance.definition("plain"))
        connection.call("service.start", service=reference)
        connection.call("service.wait", service=reference, goal="running")


def steady(connection):
    """The steady services: state and process of each."""
    services = listed(connection, experiment="steady")
    return {service["id"]: (service["state"], service.get("pid")) for service in services}


def held(pid):
    """Resident bytes and descriptors of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir(f"/proc/{pid}/fd"))


def settled(connection, pid, bound):
    """The same once nobody else is connected, at most 15 s later."""
    limit = time.monotonic() + 15
    while True:
        status = connection.call("daemon.status")
        memory, descriptors = held(pid)
        if status["connections"] == 1 and memory <= bound or time.monotonic() > limit:
            return memory, descriptors
        time.sleep(0.25)


def clear(run, connection):
    """Stops and removes what was added."""
    for service in listed(connection):
        if service["id"] in STEADY or "/" in service["id"]:
            continue
        reference = {key: service[key] for key in ("workspace", "experiment", "run", "id")}
        for method, parameters in (("stop", {"force": True}), ("wait", {"goal": "ended", "timeout_s": DEADLINE}), ("remove", {})):
            number = connection.send(f"service.{method}", service=reference, **parameters)
            while (reply := connection.receive()).get("id") != number:
                pass
            if (code := reply.get("error", {}).get("data", {}).get("code")) not in (None, "not_found", "hosted_elsewhere"):
                print(f"note: service.{method} of {service['name'][:60]!r}: {code}")


def fuzz(run, seconds):
    instance = run.instance
    for name in ("sent", "steady"):
        os.mkdir(instance.scratch / name)
    control = instance.connect()
    start_steady(run, control)
    grammar = Grammar(run.random("grammar"), instance.workspace)
    for experiment in ("e0", "e1"):
        run_of = {"workspace": instance.workspace, "experiment": experiment, "run": "r"}
        control.call("experiment.open", **run_of)
        for name, kind in (("s0", "composite"), ("s1", "plain"), ("s2", "ready"), ("s3", "dies")):
            parts = {"sub_services": [{"id": "part", "definition": instance.definition("plain")}]} if kind == "composite" else {}
            control.call("service.add", **run_of, id=name, definition=instance.definition(kind), **parts)
    attacker, other = Attacker(run, grammar, Results(grammar)), Other(run)
    pid, before = control.call("daemon.status")["pid"], steady(control)
    _, descriptors = settled(control, pid, 1 << 60)
    memory, _ = held(pid)
    threads = [run.thread(attacker.work, "attacker"), run.thread(other.work, "other client")]
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and not run.faults.found:
        run.over.wait(0.2)
    run.over.set()
    for thread in threads:
        thread.join()
    if run.faults.found:
        return
    clear(run, control)
    memory_after, descriptors_after = settled(control, pid, memory + SLACK)
    if memory_after > memory + SLACK:
        run.faults.add(f"xpmd has grown from {memory / 1e6:.1f} to {memory_after / 1e6:.1f} MB")
    if descriptors_after > descriptors + 4:
        run.faults.add(f"xpmd has {descriptors_after} descriptors, and had {descriptors}")
    check_steady(run, control, before, "after all that")
    control.close()
    os.kill(pid, 9)
    control = instance.connect()
    check_steady(run, control, before, "after SIGKILL of xpmd")
    control.close()
    end_daemon(run)
    check_program_logs(run)
    kinds = ", ".join(f"{count} {kind}" for kind, count in attacker.counts.most_common())
    codes = ", ".join(f"{count} {code}" for code, count in attacker.codes.most_common(8))
    print(f"{sum(run.requests.values())} requests in {sum(attacker.counts.values())} connections ({kinds}); {codes}; {other.told()}; "
          f"memory {memory / 1e6:.1f} to {memory_after / 1e6:.1f} MB, descriptors {descriptors} to {descriptors_after}")


def check_steady(run, connection, before, when):
    if (now := steady(connection)) != before or any(state != "RUNNING" for state, _ in now.values()):
        run.faults.add(f"{when} the services are {now}, and were {before}")


def main():
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    arguments.clients = 1
    checked = "" if Draft202012Validator else " (results are not compared with their schemas: no jsonschema)"
    return carry_out("fuzz-socket", arguments, f"{arguments.seconds:g} s{checked}", lambda run: fuzz(run, arguments.seconds), "5 claims held")


if __name__ == "__main__":
    sys.exit(main())
