#!/usr/bin/env python3
"""torture.py [--seconds N] [--seed N] [--bin FOLDER] [--clients N] [--busy N] [--keep]

Holds the real programs to their promises while everything is killed. An instance of its own in a scratch folder is driven by
several clients at once, over services of every kind; meanwhile xpmd, the keeper and the services' main processes are sent
SIGKILL at random moments, most of them just behind a request. All that time, and afterwards, it is checked that

- no acknowledged addition is lost and no acknowledged removal comes back;
- never two attempts of one service are alive at once, as /proc and as the event log tell;
- every exit status on record is one that the process can have had;
- the event log has no hole, each state is followed by one that may follow, and who subscribes again sees just that log;
- what is said to run does run, and what runs is said to;
- stop ends every service in bounded time, and no process, socket or temporary file is left behind;
- nothing crashed that was not killed.

The seed, printed first, decides what each client does and who is killed; how the threads interleave it cannot decide. After
a failure the scratch folder is kept and named. Exit code: 0, or 1 after a failure.
"""

import argparse
import collections
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

# A reply or a state that takes longer than this does not come any more.
DEADLINE = 60.0
# From the request to stop to the last process's end: the grace of the definitions, SIGKILL, and a busy machine.
STOP_BOUND = 30.0

# What may follow a state, as protocol/README.md has it; the same state may follow each.
SUCCESSORS = {
    "STOPPED": {"STARTING"},
    "STARTING": {"RUNNING", "STOPPING", "STOPPED", "ERROR"},
    "RUNNING": {"STOPPING", "STOPPED", "ERROR"},
    "STOPPING": {"STOPPED", "STARTING", "ERROR"},
    "ERROR": {"STARTING", "STOPPING", "STOPPED"},
}
# A composite is in the first of these that any of its parts is in.
URGENCY = ("ERROR", "STARTING", "STOPPING", "RUNNING", "STOPPED")

# Kinds of services: the command and the exit codes by which it can end on its own.
KINDS = {
    "plain": (["sleep", "1000"], ()),
    "stubborn": (["bash", "-c", "trap '' TERM; while :; do sleep 0.2; done"], ()),
    "setsid": (["bash", "-c", "setsid sleep 1000 & exec sleep 1000"], ()),
    "daemonised": (["bash", "-c", "(setsid sleep 1000 &); (sleep 1000 &); (setsid bash -c 'sleep 1000; :' &); exec sleep 1000"], ()),
    "orphans": (["bash", "-c", "(setsid sleep 1000 &); sleep 0.0$((RANDOM % 9)); exit 7"], (7,)),
    "forks": (["bash", "-c", "while :; do (setsid sleep 0.3 &); sleep 0.02; done"], ()),
    "dies": (["bash", "-c", "sleep 0.$((RANDOM % 9)); exit $((3 + RANDOM % 2))"], (3, 4)),
    "segfaults": (["bash", "-c", "ulimit -c 0; sleep 0.$((RANDOM % 9)); kill -SEGV $$"], ()),
    "once": (["true"], (0,)),
    "unready": (["sleep", "1000"], ()),
    "ready": (["bash", "-c", "sleep 0.1; echo ready at http://127.0.0.1:1/; exec sleep 1000"], ()),
    "missing": (["/nonexistent/program"], ()),
}
# Ended by itself, but by a signal.
OWN_SIGNALS = {"segfaults": "SIGSEGV"}
READINESS = {
    "unready": {"log": {"pattern": "never"}, "timeout_s": 0.5},
    "ready": {"log": {"pattern": "ready at (?<url>http://.*)"}, "timeout_s": 60},
}

REFUSALS = {
    "service.add": set(),
    "service.remove": {"not_stopped"},
    "service.start": {"command_not_found", "keeper_unavailable", "not_found"},
    "service.restart": {"command_not_found", "keeper_unavailable", "not_found"},
    "service.stop": {"not_found"},
    "service.get": {"not_found"},
    "service.logs": {"not_found"},
    "service.wait": {"not_found", "timed_out", "start_failed", "dependency_failed", "overtaken"},
}
CRASH = re.compile(r"fatal error|backtrace|crash|segmentation|illegal instruction|assertion|precondition|uncaught|\*\*\*", re.I)


class Lost(Exception):
    """The connection ended: xpmd was killed, and the last request may have been carried out or not."""


class Refused(Exception):
    def __init__(self, method, error):
        super().__init__(f"{method}: {error['message']}")
        self.code = error["data"]["code"]


class Faults:
    """What was found to be wrong; told at once, and counted in the end."""

    def __init__(self):
        self.found = []
        self.lock = threading.Lock()

    def add(self, what):
        with self.lock:
            if what not in self.found and len(self.found) < 50:
                self.found.append(what)
                print(f"{time.strftime('%H:%M:%S')} FAILED: {what}", flush=True)


class Connection:
    """One client on the socket; raises Lost when xpmd goes away and Refused for an error reply."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE)
        self.buffer = b""
        self.last = 0
        try:
            self.socket.connect(path)
        except OSError as error:
            self.close()
            raise Lost(str(error)) from None
        self.greeting = self.call("hello", versions={"min": 1, "max": 1}, client="torture")

    def send(self, method, **params):
        self.last += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}).encode()
        try:
            self.socket.sendall(struct.pack(">I", len(body)) + body)
        except (BrokenPipeError, ConnectionError) as error:
            raise Lost(str(error)) from None
        return self.last

    def receive(self):
        """The next message. A timeout is not caught: it is a failure, not a loss."""
        while True:
            if len(self.buffer) >= 4:
                end = 4 + struct.unpack(">I", self.buffer[:4])[0]
                if len(self.buffer) >= end:
                    body, self.buffer = self.buffer[4:end], self.buffer[end:]
                    return json.loads(body)
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionError as error:
                raise Lost(str(error)) from None
            if not data:
                raise Lost("end of stream")
            self.buffer += data

    def call(self, method, **params):
        number = self.send(method, **params)
        while (reply := self.receive()).get("id") != number:
            pass
        if "error" in reply:
            raise Refused(method, reply["error"])
        return reply["result"]

    def close(self):
        self.socket.close()


class Processes:
    """/proc, as far as it tells whose a process is."""

    Process = collections.namedtuple("Process", "pid start service attempt command")

    @staticmethod
    def stat(pid):
        """State and start time, or None where there is no such process."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            return None
        return fields[0], fields[19]

    @classmethod
    def look(cls, pid, instance):
        """The living process of an attempt, or None. A zombie shows no environment."""
        stat = cls.stat(pid)
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return None
        values = dict(entry.split(b"=", 1) for entry in environment if b"=" in entry)
        owner, _, attempt = values.get(b"XPM_ATTEMPT", b"").decode(errors="replace").partition(".")
        if stat is None or stat[0] in "ZX" or owner != instance or not attempt:
            return None
        return cls.Process(pid, stat[1], values[b"XPM_SERVICE"].decode(), int(attempt), command)

    @classmethod
    def of(cls, instance):
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [process for pid in pids if (process := cls.look(pid, instance))]

    @classmethod
    def lives(cls, process, instance):
        now = cls.look(process.pid, instance)
        return now is not None and (now.start, now.attempt) == (process.start, process.attempt)

    @staticmethod
    def programs(scratch):
        """Every xpmd, keeper and logger of the scratch folder, by pid."""
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = Path(f"/proc/{name}/cmdline").read_bytes()
                environment = Path(f"/proc/{name}/environ").read_bytes()
            except OSError:
                continue
            program = os.path.basename(command.split(b"\0")[0]).decode(errors="replace")
            if program in ("xpmd", "xpm-keeper", "xpm-logger") and (
                    os.fsencode(scratch) in command or os.fsencode(scratch) in environment):
                found[int(name)] = program
        return found


class Instance:
    """An xpmd with folders of its own."""

    def __init__(self, programs, scratch):
        self.programs, self.scratch = Path(programs), Path(scratch)
        self.socket = str(self.scratch / "run" / "xpmd.sock")
        self.workspace = str(self.scratch / "ws")
        os.mkdir(self.workspace)
        self.environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(scratch), "LANG": "C.UTF-8"}
        for name, folder in (("RUNTIME", "run"), ("STATE", "state"), ("CONFIG", "config"), ("CACHE", "cache")):
            self.environment[f"XPMD_{name}_DIR"] = str(self.scratch / folder)
        self.id = None

    def xpmctl(self, *arguments):
        return subprocess.run(
            [self.programs / "xpmctl", *arguments], env=self.environment, capture_output=True, text=True, timeout=DEADLINE * 2)

    def connect(self):
        """A connection, with xpmd started where none answers. It may be killed again at any step."""
        limit = time.monotonic() + DEADLINE
        while True:
            try:
                connection = Connection(self.socket)
                self.id = connection.greeting["instance"]
                return connection
            except Lost:
                started = self.xpmctl("daemon", "start")
            if time.monotonic() > limit:
                raise RuntimeError(f"cannot reach xpmd for {DEADLINE:.0f} s: {started.stderr.strip()}")

    def definition(self, kind):
        if kind == "composite":
            return {"run": {"kind": "composite"}}
        definition = {"run": {"kind": "command", "arguments": KINDS[kind][0]}, "stop": {"grace_s": 0.3}}
        if kind in READINESS:
            definition["readiness"] = READINESS[kind]
        return definition


class Run:
    """What all threads share."""

    def __init__(self, instance, arguments):
        self.instance, self.faults = instance, Faults()
        self.seed, self.clients = arguments.seed, arguments.clients
        self.over = threading.Event()
        self.requests = collections.Counter()
        self.killed = collections.Counter()
        # By attempt: processes that were sent SIGKILL.
        self.shot = {}
        # When keepers were killed: by then, exit statuses may be unknown.
        self.keepers_shot = 0
        self.daemons_shot = set()

    def random(self, name):
        return random.Random(f"{self.seed}/{name}")

    def reference(self, client, name):
        return {"workspace": self.instance.workspace, "experiment": f"e{client}", "run": "r", "id": name}

    def thread(self, target, name):
        def guarded():
            try:
                target()
            except Exception as error:
                if isinstance(error, TimeoutError):
                    self.faults.add(f"{name}: no reply within {DEADLINE:.0f} s")
                else:
                    self.faults.add(f"{name}: {error!r}")
                traceback.print_exc()

        thread = threading.Thread(target=guarded, name=name)
        thread.start()
        return thread


class Client:
    """Does random verbs. Only it adds and removes services of its experiment: so it knows which there must be."""

    SERVICES = tuple(KINDS) + ("composite",)
    PARTS = ("plain", "dies", "daemonised")
    UNKNOWN = None

    def __init__(self, run, number):
        self.run, self.number = run, number
        self.random = run.random(f"client {number}")
        self.there = dict.fromkeys(self.SERVICES, False)
        self.connection = None

    def work(self):
        while not self.run.over.is_set():
            try:
                if self.connection is None:
                    self.connection = self.run.instance.connect()
                    self.open()
                    self.compare()
                self.act()
            except Lost:
                self.connection.close() if self.connection else None
                self.connection = None
            self.run.over.wait(self.random.expovariate(1 / 0.02))
        if self.connection:
            self.connection.close()

    def open(self):
        self.connection.call(
            "experiment.open", workspace=self.run.instance.workspace, experiment=f"e{self.number}", run="r")

    def call(self, method, **params):
        """Sends a request; the code of a refusal that is right, or None."""
        self.run.requests[method] += 1
        try:
            self.connection.call(method, **params)
        except Refused as refused:
            if refused.code not in REFUSALS.get(method, set()):
                self.run.faults.add(f"client {self.number}: {refused} ({refused.code})")
            return refused.code
        return None

    def act(self):
        chance = self.random.random()
        if chance < 0.14 and not all(self.there.values()):
            self.add(self.random.choice([name for name in self.SERVICES if not self.there[name]]))
        elif chance < 0.17:
            self.remove(self.random.choice(self.SERVICES))
        elif chance < 0.22:
            self.compare()
        elif chance < 0.26:
            self.connection.call(self.random.choice(["experiment.list", "template.list", "daemon.status"]))
        else:
            client, name = self.random.randrange(self.run.clients), self.random.choice(self.SERVICES)
            if name == "composite" and self.random.random() < 0.5:
                name = f"composite/{self.random.choice(self.PARTS)}"
            service = self.run.reference(client, name)
            method = self.random.choices(
                ["start", "restart", "stop", "wait", "get", "logs"], [30, 25, 20, 10, 5, 5])[0]
            params = {"service": service}
            if method == "wait":
                params |= {"goal": self.random.choice(["running", "ended", "settled"]),
                           "timeout_s": self.random.choice([0, 0.05, 0.3])}
            if method == "logs":
                params |= {"stream": "stdout", "lines": 5}
            code = self.call(f"service.{method}", **params)
            if name == "missing" and method in ("start", "restart") and code is None:
                self.run.faults.add(f"{method} of a missing command was not refused")

    def add(self, name):
        parameters = self.run.reference(self.number, name) | {"definition": self.run.instance.definition(name)}
        if name == "composite":
            parameters["sub_services"] = [
                {"id": part, "definition": self.run.instance.definition(part)} for part in self.PARTS]
        self.there[name] = self.UNKNOWN
        self.there[name] = self.call("service.add", **parameters) is None

    def remove(self, name):
        if self.there[name] is not True:
            return
        self.there[name] = self.UNKNOWN
        self.there[name] = self.call("service.remove", service=self.run.reference(self.number, name)) is not None

    def compare(self):
        """The list is what was acknowledged; where the answer was lost, either is right, but from now on it is known."""
        services = listed(self.connection, workspace=self.run.instance.workspace, experiment=f"e{self.number}")
        states = {service["id"]: service["state"] for service in services}
        for name, expected in self.there.items():
            if expected is not self.UNKNOWN and expected != (name in states):
                self.run.faults.add(
                    f"the acknowledged {'addition' if expected else 'removal'} of e{self.number}@r:{name} is lost")
            self.there[name] = name in states
        parts = [states.get(f"composite/{part}") for part in self.PARTS]
        if "composite" in states:
            combined = next((state for state in URGENCY if state in parts), None)
            if None in parts or states["composite"] != combined:
                self.run.faults.add(f"a composite is {states['composite']} while its parts are {parts}")
        elif any(parts):
            self.run.faults.add(f"parts of a composite that is removed are left: {parts}")


def listed(connection, **which):
    services, cursor = [], {}
    while True:
        page = connection.call("service.list", **which, **cursor)
        services += page["services"]
        if page.get("next") is None:
            return services
        cursor = {"cursor": page["next"]}


class Killer:
    """Sends SIGKILL to xpmd, the keeper and services, most of the time just behind a request that is being carried out."""

    def __init__(self, run):
        self.run, self.random = run, run.random("killer")

    def work(self):
        while not self.run.over.wait(self.random.expovariate(1 / 0.4)):
            try:
                connection = self.run.instance.connect()
            except Lost:
                continue
            try:
                self.strike(connection)
            except Lost:
                pass
            finally:
                connection.close()

    def strike(self, connection):
        status = connection.call("daemon.status")
        daemon, keeper = status["pid"], status.get("keeper_pid")
        victims = self.random.choice(
            [["service"], ["service"], ["daemon"], ["keeper"], ["keeper"], ["daemon", "keeper"], ["keeper", "daemon"],
             ["service", "keeper"], ["service", "daemon"], ["service", "keeper", "daemon"], ["logger"], ["logger", "keeper"],
             ["keeper", "logger", "daemon"]])
        services = Processes.of(self.run.instance.id) if "service" in victims else []
        if self.random.random() < 0.7:
            self.provoke(connection)
        # Spread over the time that a start, or a stop with its grace, takes.
        self.run.over.wait(self.random.choice([0, self.random.uniform(0, 0.01), self.random.uniform(0, 0.5)]))
        for victim in victims:
            if victim == "service":
                for process in self.random.sample(services, min(len(services), self.random.randint(1, 4))):
                    self.shoot_service(process)
            elif victim == "daemon":
                self.shoot(daemon, "xpmd")
            elif victim == "logger":
                for pid, program in Processes.programs(self.run.instance.scratch).items():
                    if program == "xpm-logger":
                        self.shoot(pid, program)
            elif keeper:
                self.shoot(keeper, "xpm-keeper")

    def provoke(self, connection):
        """Requests whose replies nobody awaits."""
        for _ in range(self.random.randint(1, 6)):
            kind = self.random.choice(Client.SERVICES)
            service = self.run.reference(self.random.randrange(self.run.clients), kind)
            connection.send(f"service.{self.random.choice(['start', 'restart', 'restart', 'stop'])}", service=service)

    def shoot(self, pid, program):
        """`program`, if it is it still."""
        if Processes.programs(self.run.instance.scratch).get(pid) != program:
            return
        self.run.killed[program] += 1
        if program == "xpmd":
            self.run.daemons_shot.add(pid)
        elif program == "xpm-keeper":
            self.run.keepers_shot += 1
        self.signal(pid)

    def shoot_service(self, process):
        if Processes.lives(process, self.run.instance.id):
            self.run.killed["service"] += 1
            self.run.shot.setdefault(process.attempt, set()).add(process.pid)
            self.signal(process.pid)

    @staticmethod
    def signal(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Watcher:
    """Looks for two attempts of one service that are alive at the same instant."""

    def __init__(self, run):
        self.run = run
        self.looks = 0

    def work(self):
        while not self.run.over.wait(0.05):
            if self.run.instance.id:
                self.look()

    def look(self):
        self.looks += 1
        services = collections.defaultdict(lambda: collections.defaultdict(list))
        for process in Processes.of(self.run.instance.id):
            services[process.service][process.attempt].append(process)
        for service, attempts in services.items():
            if len(attempts) > 1:
                self.judge(service, *(attempts[attempt] for attempt in sorted(attempts)[:2]))
            for processes in attempts.values():
                # A single process is all that such a service ever has.
                if re.split("[:/]", service)[-1] in ("plain", "unready") and len(processes) > 1:
                    self.judge(service, processes[:1], processes[1:])

    def judge(self, service, older, newer):
        """One look at /proc takes a while. Proven is what lives, while the other lived before and lives after it."""
        for one in older:
            for other in newer:
                if all(Processes.lives(process, self.run.instance.id) for process in (one, other, one, other, one)):
                    self.run.faults.add(f"{service} runs twice: {one} and {other}")
                    return


class Subscriber:
    """Follows the event log, and subscribes again where it stood when the connection ends, by itself or by xpmd's death."""

    def __init__(self, run, number):
        self.run, self.random = run, run.random(f"subscriber {number}")
        self.events = []
        self.target = None

    @property
    def last(self):
        return self.events[-1]["seq"] if self.events else 0

    def work(self):
        while not self.is_done:
            try:
                connection = self.run.instance.connect()
            except Lost:
                continue
            try:
                connection.send("events.subscribe", since=self.last)
                self.read(connection, self.random.randint(1, 400))
            except Lost:
                pass
            finally:
                connection.close()

    @property
    def is_done(self):
        return self.target is not None and self.last >= self.target

    def read(self, connection, count):
        while count > 0 and not self.is_done:
            if not connection.buffer and not select.select([connection.socket], [], [], 0.2)[0]:
                continue
            message = connection.receive()
            if message.get("method") == "event":
                count -= 1
                event = message["params"]
                if event["seq"] != self.last + 1 or event["kind"] == "gap":
                    self.run.faults.add(f"a subscriber at {self.last} got {event}")
                self.events.append(event)
            elif "error" in message:
                self.run.faults.add(f"a subscription since {self.last} was refused: {message['error']}")


class LogCheck:
    """Reads the whole event log and finds what cannot have been."""

    def __init__(self, run, events):
        self.run, self.events = run, events
        self.states = {}
        self.attempts = {}
        self.owners = {}
        # Attempts that were being ended, by us or for want of readiness.
        self.ending = set()
        self.exits = {}

    def check(self):
        for index, event in enumerate(self.events, 1):
            if event["seq"] != index:
                return self.fault(event, f"follows {index - 1}")
            if event["kind"] == "service.added":
                self.states[self.key(event)] = event["state"]
            elif event["kind"] == "service.removed":
                if self.states.pop(self.key(event), None) is None:
                    self.fault(event, "removes what there was not")
            elif event["kind"] == "service.changed":
                self.changed(event)
        started = sum(event["kind"] == "daemon.started" for event in self.events)
        if started > len(self.run.daemons_shot) + 1:
            self.run.faults.add(f"xpmd was started {started} times though killed only {len(self.run.daemons_shot)} times")
        for attempt in self.run.shot:
            self.check_shot(attempt)

    def changed(self, event):
        key, attempt = self.key(event), event.get("attempt")
        before, after = event["previous"], event["state"]
        if self.states.get(key) != before:
            self.fault(event, f"was {self.states.get(key)} before")
        if after != before and after not in SUCCESSORS[before]:
            self.fault(event, "is no successor")
        self.states[key] = after
        if attempt is not None and attempt != self.attempts.get(key):
            if after != "STARTING" and not (before == "STARTING" and after == "ERROR"):
                self.fault(event, "brings a new attempt without a start")
            if attempt <= self.attempts.get(key, 0) or self.owners.setdefault(attempt, key) != key:
                self.fault(event, f"uses an attempt again; the last one was {self.attempts.get(key)}")
            self.attempts[key] = attempt
        if "still has processes after SIGKILL" in event.get("error", ""):
            self.fault(event, "gave up a service though nothing is stuck here")
        # What is told of an attempt that is over may have been written before its end was decided on.
        if after == "STOPPING":
            self.ending.add(attempt)
        if "exit" in event:
            self.check_exit(event, attempt)

    def check_exit(self, event, attempt):
        end = {name: event["exit"].get(name) for name in ("code", "signal")}
        if self.exits.setdefault(attempt, end) != end:
            self.fault(event, f"tells another end than before, {self.exits[attempt]}")
        kind = event["id"].split("/")[-1]
        if end["code"] is not None:
            is_right = end["code"] in KINDS[kind][1]
        elif end["signal"] == "SIGTERM":
            is_right = attempt in self.ending
        elif end["signal"] == "SIGKILL":
            is_right = attempt in self.ending or attempt in self.run.shot
        elif end["signal"] is None:
            is_right = self.run.keepers_shot > 0
        else:
            is_right = end["signal"] == OWN_SIGNALS.get(kind)
        if not is_right:
            self.fault(event, "has an exit that it cannot have had")

    def check_shot(self, attempt):
        """If its main process was shot while nobody ended it, it ended by SIGKILL, by itself just before, or unknown."""
        end = self.exits.get(attempt)
        if end and end["signal"] == "SIGTERM" and attempt not in self.ending:
            self.run.faults.add(f"attempt {attempt} was sent SIGKILL and is said to have ended by {end}")

    @staticmethod
    def key(event):
        return event["workspace"], event["experiment"], event["run"], event["id"]

    def fault(self, event, what):
        self.run.faults.add(f"event {event['seq']} {what}: {json.dumps(event)}")


def untruths(run, connection):
    """Where the list and /proc contradict each other just now; they may for a moment, while something happens."""
    services = {service["name"]: service for service in listed(connection)}
    processes = collections.defaultdict(list)
    for process in Processes.of(run.instance.id):
        processes[process.service].append(process)
    found = []
    for name, service in services.items():
        mains = [process for process in processes[name] if process.pid == service["pid"]]
        is_running = service["state"] == "RUNNING" and not service["sub_services"]
        if is_running and [process.attempt for process in mains] != [service["attempt"]]:
            found.append(f"{name} is RUNNING as process {service['pid']}, attempt {service['attempt']}; it has {processes[name]}")
        if service["state"] in ("STOPPED", "ERROR") and processes[name]:
            found.append(f"{name} is {service['state']} and has {processes[name]}")
    found += [f"{left[0]} is of no service" for name, left in processes.items() if left and name not in services]
    return found


def check_truth(run):
    """What is wrong must come right soon, with nobody doing anything. A service that dies and is dead is right too."""
    connection = run.instance.connect()
    limit = time.monotonic() + STOP_BOUND
    while (found := untruths(run, connection)) and time.monotonic() < limit:
        # /proc tells nobody when it changes.
        time.sleep(0.1)
    for what in found:
        run.faults.add(what)
    connection.close()


def stop_everything(run):
    """Stops each service and waits for its end; by then nothing is left of it."""
    connection = run.instance.connect()
    services = listed(connection)
    begin = time.monotonic()
    references = [
        {key: service[key] for key in ("workspace", "experiment", "run", "id")} for service in services]
    for reference in references:
        connection.call("service.stop", service=reference)
    for reference in references:
        try:
            connection.call("service.wait", service=reference, goal="ended", timeout_s=STOP_BOUND)
        except Refused as refused:
            run.faults.add(f"stop of {reference['experiment']}:{reference['id']} is not over: {refused}")
    took = time.monotonic() - begin
    for service in listed(connection):
        if service["state"] != "STOPPED":
            run.faults.add(f"{service['name']} is {service['state']} after stop: {service['error']}")
    for process in Processes.of(run.instance.id):
        run.faults.add(f"a process is left after stop: {process}")
    last = connection.call("daemon.status")["last_event"]
    connection.close()
    return took, last


def whole_log(run):
    """As much of the log as is kept: behind a hundred thousand events, it begins with a gap."""
    connection = run.instance.connect()
    number = connection.send("events.subscribe", since=0)
    events, last = [], None
    while last is None or not events or events[-1]["seq"] < last:
        message = connection.receive()
        if message.get("id") == number:
            last = message["result"]["last"]
        elif message.get("method") == "event":
            events.append(message["params"])
    connection.close()
    return [event for event in events if event["kind"] != "gap"]


def end_daemon(run):
    stopped = run.instance.xpmctl("daemon", "stop")
    if stopped.returncode != 0:
        run.faults.add(f"xpmctl daemon stop: {stopped.stderr.strip()}")
    scratch = run.instance.scratch
    limit = time.monotonic() + DEADLINE
    # The reply comes before the very last step of either program.
    while (left := Processes.programs(scratch)) and time.monotonic() < limit:
        for pid in left:
            try:
                descriptor = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            select.select([descriptor], [], [], max(0.0, limit - time.monotonic()))
            os.close(descriptor)
    for pid, program in left.items():
        run.faults.add(f"{program} is left, process {pid}")
    for process in Processes.of(run.instance.id):
        run.faults.add(f"a process is left in the end: {process}")
    for path in sorted(scratch.rglob("*")):
        if path.is_socket():
            run.faults.add(f"a socket is left: {path}")
        elif path.is_file() and re.search(r"tmp|temp|\.new$|~$", path.name):
            run.faults.add(f"a temporary file is left: {path}")


def check_program_logs(run):
    for name in ("xpmd.log", "keeper.log"):
        path = run.instance.scratch / "state" / name
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        for line in lines:
            # What the next start says of one that was killed here.
            if CRASH.search(line) and "xpmd crashed while it was starting, or soon after" not in line:
                run.faults.add(f"{name}: {line}")
        lost = sum("the keeper's connection ended" in line for line in lines)
        if lost > run.keepers_shot:
            run.faults.add(f"{name}: xpmd lost its keeper {lost} times though it was killed only {run.keepers_shot} times")


def end_what_is_left(run):
    """After a failure: nothing that was started here goes on."""
    pids = list(Processes.programs(run.instance.scratch))
    pids += [process.pid for process in Processes.of(run.instance.id)] if run.instance.id else []
    for pid in pids:
        Killer.signal(pid)


def torture(run, seconds):
    run.instance.connect().close()
    watcher = Watcher(run)
    subscribers = [Subscriber(run, number) for number in range(2)]
    followers = [run.thread(subscriber.work, f"subscriber {number}") for number, subscriber in enumerate(subscribers)]
    workers = [run.thread(Client(run, number).work, f"client {number}") for number in range(run.clients)]
    workers += [run.thread(Killer(run).work, "killer"), run.thread(watcher.work, "watcher")]
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and not run.faults.found:
        run.over.wait(0.2)
    run.over.set()
    for thread in workers:
        thread.join()
    check_truth(run)
    took, last = stop_everything(run)
    for subscriber in subscribers:
        subscriber.target = last
    for thread in followers:
        thread.join(DEADLINE)
    events = whole_log(run)
    for number, subscriber in enumerate(subscribers):
        if [event for event in subscriber.events if event["seq"] >= events[0]["seq"]] != events:
            run.faults.add(f"subscriber {number} saw {len(subscriber.events)} events that are not those of the log")
    LogCheck(run, subscribers[0].events).check()
    end_daemon(run)
    check_program_logs(run)
    print(f"{sum(run.requests.values())} requests, {last} events, {watcher.looks} looks at all processes; killed "
          + ", ".join(f"{count} x {name}" for name, count in sorted(run.killed.items()))
          + f"; all stopped within {took:.1f} s")


def options(description):
    """The options that every script has which sends what nobody should."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--bin", default=str(Path(__file__).resolve().parent.parent / ".build/release"),
                        help="where xpmd, xpmctl, xpm-keeper and xpm-logger are")
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder after success too")
    return parser


def carry_out(name, arguments, amount, work, promise):
    """Runs work(run) on an instance of its own; what it returns is why it could not be done here. The exit code."""
    print(f"{name}: seed {arguments.seed}, {amount}", flush=True)
    scratch = tempfile.mkdtemp(prefix=f"xpm-{name[:8]}-", dir="/tmp")
    run = Run(Instance(os.path.abspath(arguments.bin), scratch), arguments)
    reason = None
    try:
        reason = work(run)
    except Exception as error:
        traceback.print_exc()
        run.faults.add(repr(error))
    finally:
        run.over.set()
    if run.faults.found:
        end_what_is_left(run)
        print(f"{name}: failed with seed {arguments.seed} (failures: {len(run.faults.found)}); everything is kept in {scratch}")
        return 1
    if arguments.keep:
        print(f"{name}: all is kept in {scratch}")
    else:
        shutil.rmtree(scratch)
    print(f"SKIPPED: {reason}" if reason else f"{name}: {promise}")
    return 0


def main():
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--busy", type=int, default=0, help="processes that do nothing but keep the processors busy")
    arguments = parser.parse_args()
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.busy)]
    try:
        return carry_out("torture", arguments, f"{arguments.seconds:g} s", lambda run: torture(run, arguments.seconds), "every promise was kept")
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


if __name__ == "__main__":
    sys.exit(main())
