#!/usr/bin/env python3
"""powercut.py [--cycles N] [--seed N] [--bin FOLDER] [--keep]

Cuts the power under an instance whose state folder is on a file system of its own: ext4 on a loop device, shut down at a random moment
so that nothing is left but what had been flushed. Until then clients add, start, stop and remove services, somebody reads events, and
services write logs that are rotated all the time. Then every process is killed, the journal is replayed, and xpmd is started again.

What protocol/README.md promises is checked against what the clients were told before the cut:

- what was acknowledged is on record: services that were added are there, with their definition and what is wanted of them, removed
  ones are not, and no attempt is numbered as one that was acknowledged;
- no event that was seen has changed or is missing;
- of a log, lines at the end of what a process wrote may be missing, for nobody flushes what a service writes, and ext4 may have left
  zeros in their place; what is left are whole lines in their order, none twice, none missing in between;
- the database is sound, every service can be started again, and nothing has crashed.

The seed, printed first, decides what is sent and when it is cut. Needs root, a loop device and mkfs.ext4; skipped without. After a
failure the scratch folder is kept and named, with the file system as it was found. Exit code: 0, or 1 after a failure.
"""

import ctypes
import fcntl
import os
import re
import select
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import time

from torture import Connection, Killer, Lost, Processes, Refused, carry_out, check_program_logs, end_daemon, listed, options, \
    stop_everything, whole_log

# Linux: include/uapi/linux/ext4.h, sched.h.
EXT4_IOC_SHUTDOWN, NOLOGFLUSH = 0x8004587D, 2
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
SIZE = 128 << 20
CLIENTS = 3
SERVICES = tuple(f"s{number}" for number in range(8))
WRITERS = ("writer-0", "writer-1")
WORDS = "a line that a service writes"
# Lines that tell which process wrote them and how many came before.
WRITE = f"i=0; while :; do n=0; while [ $n -lt 400 ]; do i=$((i+1)); n=$((n+1)); echo \"$$ $i {WORDS}\"; done; sleep 0.01; done"
LINE = re.compile(rf"(\d+) (\d+) {WORDS}")
ROTATED_AT, KEPT = 64 << 10, 4
# In place of what is wanted of a service, where the answer did not come before the cut.
UNKNOWN = object()


def lacking():
    """Why it cannot be done here; None where it can."""
    if os.geteuid() != 0:
        return "power cuts need root"
    if shutil.which("mkfs.ext4") is None:
        return "power cuts need mkfs.ext4"
    if not os.path.exists("/dev/loop-control"):
        return "power cuts need loop devices"
    return None


class Disk:
    """An ext4 in a file, mounted where nobody else sees it."""

    def __init__(self, scratch):
        self.image, self.folder = scratch / "image", scratch / "disk"
        self.is_mounted = False
        self.folder.mkdir()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) != 0:
            raise OSError(ctypes.get_errno(), "cannot have mounts of one's own")
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)

    def mount(self):
        # Without its own flush every few seconds, which would hide what xpmd does not flush.
        done = subprocess.run(["mount", "-o", "loop,commit=300", self.image, self.folder], capture_output=True, text=True)
        self.is_mounted = done.returncode == 0
        return done

    def cut(self):
        descriptor = os.open(self.folder, os.O_RDONLY)
        fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        os.close(descriptor)

    def unmount(self):
        if not self.is_mounted:
            return
        limit = time.monotonic() + 10
        while (done := subprocess.run(["umount", self.folder], capture_output=True, text=True)).returncode != 0:
            if time.monotonic() > limit:
                raise RuntimeError(f"cannot unmount: {done.stderr.strip()}")
            # The last close of a killed process's files is the kernel's.
            time.sleep(0.05)
        self.is_mounted = False


class Client:
    """Changes its own services, and remembers what was acknowledged before the cut."""

    def __init__(self, run, number):
        self.run, self.number, self.random = run, number, run.random(f"client {number}")
        # By service: the definition's marker, whether it is wanted, the attempt that was acknowledged; nothing for one that is not there.
        self.known = {}
        self.acknowledged = 0

    def reference(self, name):
        return self.run.reference(self.number, name)

    def work(self, cut):
        try:
            connection = Connection(self.run.instance.socket)
            connection.call("experiment.open", workspace=self.run.instance.workspace, experiment=f"e{self.number}", run="r")
            while not cut.is_set():
                self.act(connection, cut)
            connection.close()
        except Lost:
            if not cut.is_set():
                raise

    def act(self, connection, cut):
        name = self.random.choice(SERVICES)
        state = self.known.get(name)
        if state is UNKNOWN:
            return
        if state is None:
            marker = str(self.random.randrange(1 << 40))
            definition = {"run": {"kind": "command", "arguments": ["sleep", "1000"]}, "environment": {"MARKER": marker}, "stop": {"grace_s": 0.3}}
            self.change(connection, cut, name, "service.add", lambda _: (marker, False, 0), **self.reference(name), definition=definition)
            return
        marker, wanted, attempt = state
        method = self.random.choices(["service.start", "service.stop", "service.restart", "service.remove"], [40, 30, 15, 15])[0]
        after = {
            "service.start": lambda record: (marker, True, max(attempt, record.get("attempt") or 0)),
            "service.restart": lambda record: (marker, True, max(attempt, record.get("attempt") or 0)),
            "service.stop": lambda record: (marker, False, attempt),
            "service.remove": lambda _: None,
        }[method]
        self.change(connection, cut, name, method, after, service=self.reference(name))

    def change(self, connection, cut, name, method, after, **parameters):
        before = self.known.get(name)
        self.known[name] = UNKNOWN
        try:
            result = connection.call(method, **parameters)
        except Refused as refused:
            # What was refused has changed nothing, if that is known by now.
            if not cut.is_set():
                self.known[name] = before
                if refused.code not in ("not_stopped", "limit_exceeded"):
                    self.run.faults.add(f"{refused} ({refused.code})")
            return
        # An answer behind the cut may be that of a request which cannot be saved: a full disk must not keep anybody from stopping.
        if not cut.is_set():
            self.known[name] = after(result)
            self.acknowledged += 1


class Reader:
    """Reads events until the cut."""

    def __init__(self, run):
        self.run, self.events = run, {}

    def work(self, cut):
        try:
            connection = Connection(self.run.instance.socket)
            connection.socket.settimeout(None)
            connection.send("events.subscribe", since=max(self.events, default=0))
            while not cut.is_set():
                if not select.select([connection.socket], [], [], 0.05)[0]:
                    continue
                message = connection.receive()
                if message.get("method") == "event" and message["params"]["kind"] != "gap" and not cut.is_set():
                    self.events[message["params"]["seq"]] = message["params"]
            connection.close()
        except Lost:
            if not cut.is_set():
                raise


def start_writers(run, connection):
    connection.call("experiment.open", workspace=run.instance.workspace, experiment="writers", run="r")
    there = {service["id"] for service in listed(connection, experiment="writers")}
    for name in WRITERS:
        reference = {"workspace": run.instance.workspace, "experiment": "writers", "run": "r", "id": name}
        definition = {"run": {"kind": "command", "arguments": ["sh", "-c", WRITE]}, "log": {"max_bytes": ROTATED_AT, "keep": KEPT}}
        if name not in there:
            connection.call("service.add", **reference, definition=definition)
        connection.call("service.start", service=reference)


def end_of_all(run):
    """As when the power is gone: no process has another word. Services first, or xpmd would restart them."""
    limit = time.monotonic() + 10
    while left := [*Processes.programs(run.instance.scratch), *(process.pid for process in Processes.of(run.instance.id))]:
        for pid in left:
            Killer.signal(pid)
        if time.monotonic() > limit:
            raise RuntimeError(f"processes outlive SIGKILL: {left}")
        time.sleep(0.01)


def check_records(run, connection, clients):
    there = {(service["experiment"], service["id"]): service for service in listed(connection)}
    for client in clients:
        for name, known in client.known.items():
            service = there.get((f"e{client.number}", name))
            what = f"e{client.number}@r:{name}"
            if known is UNKNOWN:
                continue
            if (known is None) != (service is None):
                run.faults.add(f"the acknowledged {'removal' if known is None else 'addition'} of {what} is lost")
            if known is None or service is None:
                continue
            marker, wanted, attempt = known
            got = connection.call("service.get", service=client.reference(name))
            if got["definition"]["environment"].get("MARKER") != marker:
                run.faults.add(f"{what} has another definition: {got['definition']}")
            if service["wanted"] != wanted:
                run.faults.add(f"of {what} wanted is {service['wanted']}, and {wanted} was acknowledged")
            if (service.get("attempt") or 0) < attempt:
                run.faults.add(f"{what} has attempt {service.get('attempt')}, and {attempt} was acknowledged")
        # From now on it is known what is there.
        client.known = {
            name: state_of(connection, client, name) for name in SERVICES if (f"e{client.number}", name) in there}


def state_of(connection, client, name):
    got = connection.call("service.get", service=client.reference(name))
    return got["definition"]["environment"]["MARKER"], got["service"]["wanted"], got["service"].get("attempt") or 0


def check_events(run, reader):
    log = {event["seq"]: event for event in whole_log(run)}
    first = min(log, default=0)
    for number, event in reader.events.items():
        if number >= first and log.get(number) != event:
            run.faults.add(f"event {number} was seen as {event}, and is {log.get(number)}")


def text_of(connection, service):
    pieces, offset = [], 0
    while True:
        reply = connection.call("service.logs", service=service, stream="stdout", offset=offset)
        pieces.append(reply["text"])
        if reply["next"] == offset or not reply["text"]:
            return "".join(pieces)
        offset = reply["next"]


def log_fault(text):
    """What is wrong with a log. Its beginning may be rotated away; a process's last lines may be missing, the last one torn."""
    process, count, lines = None, 0, text.split("\n")
    for place, line in enumerate(lines):
        match = LINE.search(line)
        if match is None:
            if place == len(lines) - 1 and is_torn(line):
                return None
            return f"line {place} is garbage: {line[:200]!r}"
        begins = match[2] == "1" and match[1] != process
        if line[:match.start()] and not (begins and is_torn(line[:match.start()])) or line[match.end():]:
            return f"line {place} is garbage: {line[:200]!r}"
        if not begins and (process, count) != (match[1], int(match[2]) - 1) and place > 0:
            return f"behind line {count} of process {process} comes {line[:200]!r}"
        process, count = match[1], int(match[2])
    return None


def is_torn(text):
    """Whether what a process wrote may end so: within a line, and then with what ext4 had made room for and not yet written."""
    written = text.rstrip("\0")
    return re.fullmatch(r"(\d+( \d*)?)?", written) is not None or any(
        re.fullmatch(rf"\d+ \d+ {WORDS[:count]}", written) for count in range(len(WORDS) + 1))


def check_logs(run, connection):
    for name in WRITERS:
        service = {"workspace": run.instance.workspace, "experiment": "writers", "run": "r", "id": name}
        text = text_of(connection, service)
        run.bytes += len(text)
        if fault := log_fault(text):
            run.faults.add(f"the log of {name}: {fault}")


def check_database(run):
    # Its lock is xpmd's: what is looked at is a copy.
    state, copy = run.instance.scratch / "disk/state", run.instance.scratch / "copy"
    copy.mkdir(exist_ok=True)
    for path in state.glob("xpmd.sqlite*"):
        shutil.copy(path, copy)
    database = sqlite3.connect(copy / "xpmd.sqlite")
    if (told := database.execute("pragma integrity_check").fetchall()) != [("ok",)]:
        run.faults.add(f"the database is damaged: {told[:5]}")
    database.close()
    shutil.rmtree(copy)


def wait_for_rotation(run):
    """Until a step of one has just been put on record, which is when most can go wrong."""
    def seen():
        found = set()
        for path in (run.instance.scratch / "disk/state/logs").rglob("writer-*.out.times"):
            try:
                found.add((path, path.stat().st_ino))
            except FileNotFoundError:
                continue
        return found

    before, limit = seen(), time.monotonic() + 5
    while seen() <= before and time.monotonic() < limit:
        time.sleep(0.0005)


def cycle(run, disk, clients, reader, moments):
    connection = run.instance.connect()
    start_writers(run, connection)
    connection.close()
    cut = threading.Event()
    threads = [run.thread(lambda worker=worker: worker.work(cut), type(worker).__name__) for worker in (*clients, reader)]
    run.over.wait(moments.uniform(0.2, 1.2))
    if moments.random() < 0.5:
        wait_for_rotation(run)
    # In this order: what is answered between the two counts as not acknowledged.
    cut.set()
    disk.cut()
    end_of_all(run)
    # What is in memory is gone, too: the logger's file of what is on its way lies there.
    shutil.rmtree(run.instance.scratch / "run" / "keeper.sock.logs", ignore_errors=True)
    for thread in threads:
        thread.join()
    disk.unmount()
    if run.faults.found:
        return
    shutil.copy(disk.image, run.instance.scratch / "image-before-recovery") if run.keeps else None
    if (mounted := disk.mount()).returncode != 0:
        raise RuntimeError(f"cannot mount what the power cut has left: {mounted.stderr.strip()}")
    check_database(run)
    connection = run.instance.connect()
    check_records(run, connection, clients)
    check_events(run, reader)
    check_logs(run, connection)
    connection.close()


def powercuts(run, cycles):
    disk = Disk(run.instance.scratch)
    if (mounted := disk.mount()).returncode != 0:
        return f"cannot mount an ext4 on a loop device: {mounted.stderr.strip()}"
    try:
        run.instance.environment["XPMD_STATE_DIR"] = str(disk.folder / "state")
        clients, reader, moments = [Client(run, number) for number in range(CLIENTS)], Reader(run), run.random("cut")
        for number in range(cycles):
            cycle(run, disk, clients, reader, moments)
            if run.faults.found:
                print(f"powercut: it was cycle {number + 1}")
                return None
        check_whole(run)
        print(f"{sum(client.acknowledged for client in clients)} changes acknowledged, {len(reader.events)} events seen, "
              f"{run.bytes / 1e6:.1f} MB of logs read, {run.rotations} files rotated by the end")
        return None
    finally:
        end_of_all(run)
        disk.unmount()


def check_whole(run):
    """What is found at last works: everything is started, and stopped again."""
    connection = run.instance.connect()
    for service in listed(connection):
        connection.call("service.start", service={key: service[key] for key in ("workspace", "experiment", "run", "id")})
    connection.close()
    stop_everything(run)
    logs = run.instance.scratch / "disk/state/logs"
    run.rotations = max((int(path.suffix[1:]) for path in logs.rglob("*.out.*") if path.suffix[1:].isdigit()), default=0)
    if run.rotations == 0:
        run.faults.add("no log was rotated")
    shutil.copytree(run.instance.scratch / "disk/state", run.instance.scratch / "state", ignore=shutil.ignore_patterns("logs", "instance"))
    check_program_logs(run)
    end_daemon(run)


def main():
    parser = options(__doc__)
    parser.add_argument("--cycles", type=int, default=100)
    arguments = parser.parse_args()
    if reason := lacking():
        print(f"SKIPPED: {reason}")
        return 0
    arguments.clients = CLIENTS

    def work(run):
        run.bytes, run.rotations, run.keeps = 0, 0, arguments.keep
        return powercuts(run, arguments.cycles)

    return carry_out("powercut", arguments, f"{arguments.cycles} cycles", work, f"{arguments.cycles} claims held")


if __name__ == "__main__":
    sys.exit(main())
