#!/usr/bin/env python3
"""test-faults.py [--bin FOLDER] [--only NAME]…

What the system can do to xpmd and its keeper, made to happen to real ones, each fault to an instance of its own: no descriptors,
no processes, no memory, a disk that fails, a clock that is set, a process that nobody can end, a pid that belongs to somebody
else by now, and a machine that was restarted. Nothing may hang, services that are not concerned go on, an error says what the
cause was, and when the fault is over all works again.

Faults that need root, or something else that is missing here, are skipped and say so. Exit code: 0, or 1 after a failure,
whose scratch folder is kept and named.
"""

import argparse
import contextlib
import datetime
import fcntl
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from torture import Connection, Instance, Killer, Lost, Processes, Refused

# Far above what anything here takes, and below anybody's patience.
SOON = 20.0
FAULTS = {}


class Skipped(Exception):
    """This machine cannot make the fault happen."""


def fault(function):
    FAULTS[function.__name__.replace("_", "-")] = function
    return function


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class Daemon:
    """An xpmd of its own; `prefix` and `environment` are what it is run with."""

    def __init__(self, programs, scratch):
        self.instance = Instance(programs, scratch)
        self.scratch = Path(scratch)
        self.connection = None
        self.cleanups = contextlib.ExitStack()

    def begin(self, prefix=(), **environment):
        reading, writing = os.pipe()
        # Its log is the instance's, so that it is kept with it.
        os.makedirs(self.scratch / "state", mode=0o700, exist_ok=True)
        with open(self.scratch / "state" / "xpmd.log", "a") as log, os.fdopen(reading) as said:
            self.process = subprocess.Popen(
                [*prefix, str(self.instance.programs / "xpmd"), "--ready-fd", str(writing)],
                env=self.instance.environment | environment, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            os.close(writing)
            line = said.readline().strip() if select.select([said], [], [], SOON)[0] else f"nothing within {SOON:.0f} s"
        expect(line == "ready", f"xpmd has not begun: {line}")
        self.connection = Connection(self.instance.socket)
        self.connection.socket.settimeout(SOON)
        self.instance.id = self.connection.greeting["instance"]
        self.connection.call("experiment.open", workspace=self.instance.workspace, experiment="e", run="r")
        return self

    @property
    def keeper(self):
        return self.connection.call("daemon.status")["keeper_pid"]

    def reference(self, name):
        return {"workspace": self.instance.workspace, "experiment": "e", "run": "r", "id": name}

    def add(self, name, *command, **definition):
        definition = {"stop": {"grace_s": 0.3}, **definition, "run": {"kind": "command", "arguments": list(command)}}
        self.connection.call("service.add", **self.reference(name), definition=definition)

    def get(self, name):
        return self.connection.call("service.get", service=self.reference(name))["service"]

    def start(self, name):
        self.connection.call("service.start", service=self.reference(name))

    def stop(self, name):
        self.connection.call("service.stop", service=self.reference(name))

    def wait(self, name, goal):
        """The record once it is there; a start that has failed is an answer too."""
        with contextlib.suppress(Refused):
            self.connection.call("service.wait", service=self.reference(name), goal=goal, timeout_s=SOON / 2)
        return self.get(name)

    def run(self, name):
        self.start(name)
        record = self.wait(name, "running")
        expect(record["state"] == "RUNNING", f"{name} does not run: {record}")
        return record

    def ends(self, name):
        self.stop(name)
        record = self.wait(name, "ended")
        expect(record["state"] == "STOPPED", f"{name} does not stop: {record}")

    def kill(self, *pids):
        """SIGKILL, and the end of each waited for."""
        for pid in pids:
            descriptor = os.pidfd_open(pid)
            Killer.signal(pid)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
            select.select([descriptor], [], [], SOON)
            os.close(descriptor)

    def close(self):
        """First whatever was done to it is undone, in reverse order."""
        self.cleanups.close()
        if self.connection:
            self.connection.close()
        self.instance.xpmctl("daemon", "stop")
        for pid in [*Processes.programs(self.scratch), *(process.pid for process in Processes.of(self.instance.id))]:
            Killer.signal(pid)


def limit(pid, kind, value):
    """Lowers a limit; gives back what raises it again."""
    old = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (value, old[1]))
    return lambda: resource.prlimit(pid, kind, old)


def need_root():
    if os.getuid() != 0:
        raise Skipped("it needs root")


def need(program):
    if not shutil.which(program):
        raise Skipped(f"{program} is not installed")


def need_user_namespaces():
    need("unshare")
    # The kernel allows none within a chroot, and some systems none to people.
    if subprocess.run(["unshare", "--user", "--map-root-user", "true"], capture_output=True).returncode != 0:
        raise Skipped("user namespaces cannot be made here")


@contextlib.contextmanager
def injected(pid, calls, error):
    """System calls of a process, all its threads included, that fail."""
    need("strace")
    strace = subprocess.Popen(
        ["strace", "-f", "-p", str(pid), "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"],
        stderr=subprocess.PIPE, text=True)
    try:
        line = strace.stderr.readline()
        if "attached" not in line:
            raise Skipped(f"strace cannot attach: {line.strip()}")
        yield
    finally:
        strace.send_signal(signal.SIGINT)
        strace.communicate(timeout=SOON)


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def process_limit(name, pid, most):
    """A cgroup in which there may be only so many more processes than now, `pid` in it."""
    need_root()
    root = Path("/sys/fs/cgroup/pids")
    if not (root / "cgroup.procs").exists():
        raise Skipped("there is no cgroup v1 hierarchy of pids")
    folder = root / f"xpmd-test-{name}-{os.getpid()}"
    folder.mkdir()
    try:
        (folder / "cgroup.procs").write_text(str(pid))
        (folder / "pids.max").write_text(str(int((folder / "pids.current").read_text()) + most))
        yield folder
    finally:
        (folder / "pids.max").write_text("max")
        for left in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(OSError):
                (root / "cgroup.procs").write_text(left)
        folder.rmdir()


# ---- no more of something ----

@fault
def xpmd_without_descriptors(daemon):
    """A start is refused or works, what is connected is served, who connects is refused at once and served later."""
    # Few connections are enough to use them up.
    daemon.begin(["prlimit", "--nofile=256:256"]).add("before", "sleep", "1000")
    daemon.add("during", "sleep", "1000")
    running = daemon.run("before")
    pid = daemon.process.pid
    lift = limit(pid, resource.RLIMIT_NOFILE, len(os.listdir(f"/proc/{pid}/fd")))
    daemon.cleanups.callback(lift)
    with contextlib.suppress(Refused):
        daemon.start("during")
    record = daemon.wait("during", "running")
    expect(record["state"] in ("RUNNING", "ERROR"), f"a start without descriptors hangs: {record}")
    expect(record["state"] == "RUNNING" or "open files" in record["error"], f"the error does not say why: {record['error']}")
    expect(daemon.get("before")["pid"] == running["pid"], "a service that ran has ended")
    waiting = subprocess.Popen(
        [daemon.instance.programs / "xpmctl", "status", "--no-autostart", "before"], env=daemon.instance.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    daemon.get("before")
    # It may be served even so, while xpmd closes something, or be refused by a descriptor that is kept for that.
    idle = processor_seconds(pid)
    with contextlib.suppress(subprocess.TimeoutExpired):
        waiting.wait(timeout=1)
    used = processor_seconds(pid) - idle
    expect(used < 0.5, f"xpmd keeps a core busy with whom it cannot accept: {used:.2f} s within one")
    # What needs a descriptor and has none is an error and nothing else, the next program's start included.
    for method, parameters in (
            ("service.logs", {"service": daemon.reference("before"), "stream": "stdout"}),
            ("workspace.watch", {"workspace": daemon.instance.workspace}), ("daemon.reexec", {})):
        try:
            daemon.connection.call(method, **parameters)
        except Refused:
            continue
        if method == "daemon.reexec":
            daemon.connection.close()
            daemon.connection = daemon.instance.connect()
    expect(daemon.connection.call("daemon.status")["pid"] == pid, "xpmd has gone")
    lift()
    code = waiting.wait(timeout=SOON)
    expect(code in (0, 9), f"who connected meanwhile was neither served nor refused: {code}")
    expect(daemon.instance.xpmctl("status", "--no-autostart", "before").returncode == 0, "nobody is served afterwards")
    daemon.ends("before")
    daemon.run("during") if record["state"] == "ERROR" else daemon.ends("during")


@fault
def keeper_without_descriptors(daemon):
    """A start fails and says why; a stop works."""
    daemon.begin().add("before", "sleep", "1000")
    daemon.add("during", "sleep", "1000")
    daemon.run("before")
    keeper = daemon.keeper
    lift = limit(keeper, resource.RLIMIT_NOFILE, len(os.listdir(f"/proc/{keeper}/fd")))
    daemon.cleanups.callback(lift)
    daemon.start("during")
    record = daemon.wait("during", "running")
    expect(record["state"] == "ERROR" and "open files" in record["error"], f"the error does not say why: {record}")
    daemon.ends("before")
    lift()
    daemon.run("during")
    expect(daemon.keeper == keeper, "the keeper is another one than before")


@fault
def keeper_without_processes(daemon):
    """No process to be had: a start fails and says why, what runs goes on."""
    daemon.begin().add("before", "sleep", "1000")
    daemon.add("during", "sleep", "1000")
    running = daemon.run("before")
    with process_limit("none", daemon.keeper, 0):
        daemon.start("during")
        record = daemon.wait("during", "running")
        expect(record["state"] == "ERROR" and "create a process" in record["error"], f"the error does not say why: {record}")
        expect(daemon.get("before")["pid"] == running["pid"], "a service that ran has ended")
    daemon.run("during")
    daemon.ends("before")


@fault
def keeper_without_memory(daemon):
    """The same, where memory is what is missing."""
    daemon.begin().add("before", "sleep", "1000")
    daemon.add("during", "sleep", "1000")
    daemon.run("before")
    with injected(daemon.keeper, "fork,vfork,clone,clone3", "ENOMEM"):
        daemon.start("during")
        record = daemon.wait("during", "running")
        expect(record["state"] == "ERROR" and "Cannot allocate memory" in record["error"], f"the error does not say why: {record}")
    daemon.run("during")
    daemon.ends("before")


@fault
def xpmd_without_memory(daemon):
    """It goes on, waits for memory or ends; no service does, and it or the next xpmd finds them."""
    daemon.begin().add("before", "sleep", "1000")
    running = daemon.run("before")
    pid = daemon.process.pid
    size = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    lift = limit(pid, resource.RLIMIT_AS, size)
    daemon.connection.socket.settimeout(2)
    with contextlib.suppress(OSError, Lost):
        for number in range(2000):
            daemon.connection.send("service.add", **daemon.reference(f"more{number}"),
                                   definition={"run": {"kind": "command", "arguments": ["sleep", "1", "x" * 60_000]}})
        for _ in range(2000):
            daemon.connection.receive()
    expect(Processes.stat(running["pid"])[0] not in "ZX", "a service has ended")
    with contextlib.suppress(ProcessLookupError):
        lift()
    daemon.connection.close()
    daemon.connection = daemon.instance.connect()
    expect(daemon.get("before")["pid"] == running["pid"], f"a service is not found again: {daemon.get('before')}")
    daemon.ends("before")
    return "it has ended" if daemon.process.poll() is not None else "it lives"


# ---- the disk ----

@fault
def disk_that_fails(daemon):
    """What cannot be saved is refused, what runs is not touched, a stop works, and afterwards all does."""
    daemon.begin().add("before", "sleep", "1000")
    daemon.add("other", "sleep", "1000")
    running = daemon.run("before")
    daemon.run("other")
    with injected(daemon.process.pid, "fsync,fdatasync", "EIO"):
        try:
            daemon.add("during", "sleep", "1000")
            expect(False, "an addition is acknowledged that was not saved")
        except Refused as refused:
            expect(refused.code == "storage_failed", f"an addition is refused with {refused.code}: {refused}")
        expect(daemon.get("before")["pid"] == running["pid"], "a service that ran has ended")
        daemon.stop("other")
        daemon.wait("other", "ended")
        expect(Processes.of(daemon.instance.id) and daemon.get("other")["state"] == "STOPPED", "a stop does not work")
    # It tries again once a second.
    deadline = time.monotonic() + SOON
    while True:
        try:
            daemon.add("afterwards", "sleep", "1000")
            break
        except Refused as refused:
            expect(time.monotonic() < deadline, f"an addition is refused for ever: {refused}")
            time.sleep(0.1)
    daemon.kill(daemon.process.pid)
    daemon.connection.close()
    daemon.begin()
    expect(daemon.get("before")["pid"] == running["pid"], "a service is not found again")
    expect(daemon.get("other")["state"] == "STOPPED", "a stop was forgotten")
    daemon.run("afterwards")


# ---- processes ----

@fault
def fork_bomb(daemon):
    """As many processes as there may be, each of which makes others: a stop ends them all."""
    daemon.begin().add("bomb", "bash", "-c", "trap '' TERM; bomb() { bomb | bomb & }; bomb; sleep 1000")
    with process_limit("bomb", daemon.keeper, 300) as folder:
        daemon.run("bomb")
        deadline = time.monotonic() + SOON
        # A cgroup of version 1 tells nobody how many there are.
        while int((folder / "pids.current").read_text()) < 250 and time.monotonic() < deadline:
            time.sleep(0.01)
        begin = time.monotonic()
        daemon.ends("bomb")
        took = time.monotonic() - begin
        expect(not Processes.of(daemon.instance.id), "processes are left")
        return f"stopped within {took:.1f} s"


@fault
def process_that_cannot_be_killed(daemon):
    """Uninterruptible sleep: the stop ends, says so, and once the process is gone all is well."""
    need_root()
    for program in ("fsfreeze", "mkfs.ext4", "mount"):
        need(program)
    image, mount = daemon.scratch / "image", daemon.scratch / "frozen"
    mount.mkdir()
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    if subprocess.run(["mount", "-o", "loop", image, mount], capture_output=True).returncode != 0:
        raise Skipped("there is no loop device")
    daemon.cleanups.callback(subprocess.run, ["umount", "--lazy", mount])
    daemon.begin().add("stuck", "bash", "-c", f"while :; do echo x >>{mount}/log; done")
    running = daemon.run("stuck")
    subprocess.run(["fsfreeze", "-f", mount], check=True)
    thaw = daemon.cleanups.enter_context(contextlib.ExitStack())
    thaw.callback(subprocess.run, ["fsfreeze", "-u", mount])
    deadline = time.monotonic() + SOON
    # /proc tells nobody when it changes.
    while Processes.stat(running["pid"])[0] != "D" and time.monotonic() < deadline:
        time.sleep(0.01)
    begin = time.monotonic()
    daemon.stop("stuck")
    record = daemon.wait("stuck", "settled")
    took = time.monotonic() - begin
    expect(record["state"] == "ERROR" and "after SIGKILL" in record["error"], f"the error does not say why: {record}")
    # Which process it is becomes known a moment later, from the keeper.
    while str(running["pid"]) not in record["error"] and time.monotonic() < begin + SOON:
        time.sleep(0.01)
        record = daemon.get("stuck")
    expect(str(running["pid"]) in record["error"] and "state D" in record["error"], f"the error does not name it: {record['error']}")
    thaw.close()
    daemon.ends("stuck")
    expect(not Processes.of(daemon.instance.id), "a process is left")
    daemon.run("stuck")
    daemon.ends("stuck")
    return f"given up after {took:.1f} s"


@fault
def pid_of_somebody_else(daemon):
    """All are dead, and the service's pid is another process's now: it is not touched, and the end is on record, unknown how."""
    need_root()
    if os.getpid() != 1:
        return in_own_namespace("pid-of-somebody-else", daemon)
    daemon.begin().add("service", "sleep", "1000")
    running = daemon.run("service")
    daemon.kill(daemon.keeper, daemon.process.pid, running["pid"])
    daemon.connection.close()
    # Starts are told apart by ticks of 10 ms; no kernel goes through all pids in one.
    time.sleep(0.05)
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(running["pid"] - 1))
    stranger = subprocess.Popen(["sleep", "1001"])
    daemon.cleanups.callback(stranger.kill)
    expect(stranger.pid == running["pid"], f"the pid was not given again: {stranger.pid} instead of {running['pid']}")
    daemon.begin()
    record = daemon.wait("service", "settled")
    expect(record["state"] == "ERROR" and not record.get("pid"), f"it is not said that it has ended: {record}")
    end = record["exit"] or {}
    expect(end.get("code") is None and end.get("signal") is None, f"an end is told that nobody saw: {end}")
    daemon.ends("service")
    daemon.run("service")
    daemon.ends("service")
    expect(stranger.poll() is None, "a stranger was killed")
    return None


def in_own_namespace(name, daemon):
    """Where a pid can be chosen; whoever runs there is its init, and must reap."""
    need("unshare")
    inside = [sys.executable, os.path.abspath(__file__), "--bin", str(daemon.instance.programs), "--only", name]
    done = subprocess.run(
        ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *inside], capture_output=True, text=True, timeout=SOON * 3)
    expect(done.returncode == 0, done.stdout + done.stderr)
    return "in a namespace of its own"


# ---- a file system that does not answer ----

class DeadFolder:
    """A folder that nothing behind answers, for processes that are run with `prefix`."""

    def __init__(self, daemon, path, *options):
        need_root()
        need("nsenter")
        path.mkdir(exist_ok=True)
        self.path = path
        self.helper = subprocess.Popen(
            [sys.executable, Path(__file__).resolve().parent / "hang-fs.py", path, *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        pid = self.helper.stdout.readline().strip()
        if not pid:
            raise Skipped(self.helper.communicate()[1].strip())
        daemon.cleanups.callback(self.end)
        self.prefix = ["nsenter", "--mount", "--target", pid, "--"]

    def end(self):
        """What hangs there gets an error."""
        self.helper.communicate("")


def others_are_served(daemon, name, asked=None):
    """A second client's questions and another service's start are answered, before the connection `asked` is."""
    other = daemon.instance.connect()
    other.socket.settimeout(SOON)
    other.call("daemon.status")
    other.call("service.start", service=daemon.reference(name))
    record = other.call("service.wait", service=daemon.reference(name), goal="running", timeout_s=SOON)
    expect(record["state"] == "RUNNING", f"another service does not start: {record}")
    other.call("service.stop", service=daemon.reference(name))
    other.call("service.wait", service=daemon.reference(name), goal="ended", timeout_s=SOON)
    other.call("daemon.status")
    other.close()
    if asked:
        expect(not select.select([asked.socket], [], [], 0)[0], "another service waited for a look at a dead file system")


@fault
def paths_that_do_not_answer(daemon):
    """Folder, command, PATH, interpreter, log and socket of a service on a dead file system: its start fails, and nobody else waits."""
    dead = DeadFolder(daemon, daemon.scratch / "dead")
    daemon.begin(prefix=dead.prefix).add("other", "sleep", "1000")
    script = daemon.scratch / "script"
    script.write_text(f"#!{dead.path}/python\n")
    script.chmod(0o755)
    kinds = {
        "folder": (["sleep", "1000"], {"folder": f"{dead.path}/folder"}),
        "command": ([f"{dead.path}/run"], {}),
        "entry": (["sleep", "1000"], {"environment": {"PATH": f"{dead.path}/bin:/usr/bin:/bin"}}),
        "interpreter": ([str(script)], {}),
    }
    asking = daemon.instance.connect()
    asking.socket.settimeout(SOON)
    for name, (command, definition) in kinds.items():
        daemon.add(name, *command, **definition)
        number = asking.send("service.start", service=daemon.reference(name))
        others_are_served(daemon, "other", asking)
        reply = asking.receive()
        refusal = reply.get("error", {})
        code, path = refusal.get("data", {}).get("code"), refusal.get("data", {}).get("path", "")
        expect(reply["id"] == number and code == "file_system_unresponsive", f"{name}: the start is not refused: {reply}")
        expect(path.startswith(str(dead.path)), f"{name}: the error names another path: {refusal}")
        record = daemon.get(name)
        expect(record["state"] == "ERROR" and "does not answer" in record["error"], f"{name}: the record does not say why: {record}")
    number = asking.send(
        "service.add", **daemon.reference("log"),
        definition={"run": {"kind": "command", "arguments": ["sleep", "1000"]}, "log": {"stdout": f"{dead.path}/log"}})
    others_are_served(daemon, "other", asking)
    reply = asking.receive()
    expect(reply.get("error", {}).get("data", {}).get("code") == "file_system_unresponsive", f"the addition is not refused: {reply}")
    for name, readiness in (("socket", {"unix": {"path": f"{dead.path}/socket"}}), ("probe", {"command": {"arguments": [f"{dead.path}/probe"]}})):
        daemon.add(name, "sleep", "1000", readiness={**readiness, "timeout_s": 1000}, health=None, stop={"grace_s": 0.3})
        daemon.start(name)
        others_are_served(daemon, "other")
        expect(daemon.get(name)["state"] == "STARTING", f"{name}: it is said to be ready: {daemon.get(name)}")
        daemon.ends(name)
    dead.end()
    record = daemon.get("folder")
    expect(record["state"] == "ERROR", f"{record}")
    try:
        daemon.start("folder")
        expect(False, "a start in a folder that is not there is not refused")
    except Refused as refused:
        expect(refused.code == "folder_not_found", f"what answers again is not looked at: {refused}")
    asking.close()


def await_release(lock):
    """Waits until a daemon that was killed has let go of its lock, though threads of it may be left."""
    limit = time.monotonic() + SOON
    while time.monotonic() < limit:
        with open(lock) as file, contextlib.suppress(BlockingIOError):
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.01)
    expect(False, f"{lock} is still locked {SOON:.0f} s after SIGKILL")


@fault
def logs_that_do_not_answer(daemon, *options):
    """With the logs of six running services on a dead file system, xpmd is killed and started again: it serves, and they go on."""
    logs = daemon.scratch / "logs"
    logs.mkdir()
    daemon.begin().add("other", "sleep", "1000")
    names = [f"job{number}" for number in range(6)]
    script = "while :; do echo line; echo line >&2; sleep 0.2; done"
    for name in names:
        daemon.add(name, "bash", "-c", script, log={"stdout": f"{logs}/{name}.out", "stderr": f"{logs}/{name}.err"})
    pids = {name: daemon.run(name)["pid"] for name in names}
    daemon.add("unready", "sleep", "1000", log={"stdout": f"{logs}/unready.out"}, readiness={"log": {"pattern": "never"}, "timeout_s": 1000})
    daemon.start("unready")
    dead = DeadFolder(daemon, logs, *options)
    for turn in range(2):
        # A thread that cannot be killed while it waits for an answer is not waited for; all others are.
        if options:
            Killer.signal(daemon.process.pid)
            await_release(daemon.scratch / "run/xpmd.lock")
        else:
            daemon.kill(daemon.process.pid)
        daemon.connection.close()
        daemon.begin(prefix=dead.prefix)
        others_are_served(daemon, "other")
        expect({name: daemon.get(name)["pid"] for name in names} == pids, "a service is not found again")
        asking = daemon.instance.connect()
        asking.send("service.logs", service=daemon.reference(names[0]), stream="stdout")
        others_are_served(daemon, "other", asking)
        asking.close()
    for name in [*names[:2], "unready"]:
        daemon.ends(name)
    dead.end()
    others_are_served(daemon, "other")
    for name in names[2:]:
        expect(daemon.get(name)["pid"] == pids[name], "a service has ended")
        daemon.ends(name)


@fault
def logs_that_do_not_let_go(daemon):
    """The same where what waits for the file system cannot be killed."""
    logs_that_do_not_answer(daemon, "--reading")


def refused(connection, method, **parameters):
    """The refusal of a request that waits for a look at a dead file system, `data` with its code."""
    try:
        reply = connection.call(method, **parameters)
    except Refused as refusal:
        return refusal
    expect(False, f"{method} is not refused: {reply}")


def listed_templates(daemon):
    return {template["name"]: template.get("fault") for template in daemon.connection.call("template.list")["templates"]}


@fault
def templates_and_settings_that_do_not_answer(daemon):
    """Settings and a template on a dead file system: xpmd starts, names them, and takes them once they answer. Others are usable."""
    dead = DeadFolder(daemon, daemon.scratch / "dead")
    templates = daemon.scratch / "config/templates"
    templates.mkdir(parents=True)
    (templates / "good.toml").write_text("command = ['sleep', '1000']\n")
    (templates / "dead.toml").symlink_to(dead.path / "template.toml")
    (daemon.scratch / "config/config.toml").symlink_to(dead.path / "config.toml")
    daemon.begin(prefix=dead.prefix).add("other", "sleep", "1000")
    others_are_served(daemon, "other")
    fault = daemon.connection.call("daemon.status").get("settings_fault", "")
    expect("config.toml" in fault and "does not answer" in fault, f"the settings' fault is not told: {fault}")
    found = listed_templates(daemon)
    expect(found["good"] is None and "tensorboard" in found, f"a template that answers is not usable: {found}")
    expect(str(templates / "dead.toml") in found["dead"] and "does not answer" in found["dead"], f"{found}")
    run = {"kind": "template", "parameters": {}}
    refusal = refused(
        daemon.connection, "service.add", **daemon.reference("dead"), definition={"run": {**run, "template": "dead"}})
    expect(refusal.code == "file_system_unresponsive" and "dead.toml" in str(refusal), f"{refusal}")
    daemon.connection.call("service.add", **daemon.reference("good"), definition={"run": {**run, "template": "good"}})
    daemon.run("good")
    dead.end()
    # What a file system that has ended answers is an answer.
    limit = time.monotonic() + SOON
    while "does not answer" in daemon.connection.call("daemon.status").get("settings_fault", ""):
        expect(time.monotonic() < limit, "what answers again is not read")
    (daemon.scratch / "config/config.toml").unlink()
    (templates / "dead.toml").unlink()
    (templates / "dead.toml").write_text("command = ['sleep', '1000']\n")
    found = listed_templates(daemon)
    expect(found["dead"] is None, f"what answers again is not read: {found}")
    expect("settings_fault" not in daemon.connection.call("daemon.status"), "the fault of settings that are gone is told")
    daemon.ends("good")


@fault
def templates_that_stop_answering(daemon):
    """A whole folder of templates dies while xpmd runs: those who need it are told after a while, nobody else waits."""
    dead = DeadFolder(daemon, daemon.scratch / "dead")
    templates = daemon.scratch / "config/templates"
    templates.mkdir(parents=True)
    (templates / "mine.toml").write_text("command = ['sleep', '1000']\n")
    daemon.begin(prefix=dead.prefix).add("other", "sleep", "1000")
    run = {"kind": "template", "parameters": {}}
    daemon.connection.call("service.add", **daemon.reference("mine"), definition={"run": {**run, "template": "mine"}})
    templates.rename(daemon.scratch / "config/before")
    templates.symlink_to(dead.path)
    asking, starting = daemon.instance.connect(), daemon.instance.connect()
    for connection in asking, starting:
        connection.socket.settimeout(SOON)
    asking.send("template.list")
    starting.send("service.start", service=daemon.reference("mine"))
    others_are_served(daemon, "other", asking)
    found = asking.receive()["result"]["templates"]
    faults = {template["name"]: template.get("fault") for template in found}
    expect("does not answer" in faults["mine"] and faults["tensorboard"] is None, f"{faults}")
    refusal = starting.receive().get("error", {}).get("data", {})
    expect(refusal.get("code") == "file_system_unresponsive" and refusal["path"] == str(templates), f"{refusal}")
    # Those that come now wait for nothing.
    daemon.connection.socket.settimeout(4)
    expect("does not answer" in listed_templates(daemon)["mine"], "the template is said to be usable")
    daemon.connection.call(
        "service.add", **daemon.reference("board"), definition={"run": {**run, "template": "tensorboard", "parameters": {"logdir": "runs"}}})
    said = daemon.instance.xpmctl("templates").stdout
    expect(str(templates) in said, f"xpmctl templates does not name the folder: {said}")
    daemon.kill(daemon.process.pid)
    daemon.connection.close()
    # All of the configuration is there now, and nothing of it was ever read.
    daemon.begin(prefix=dead.prefix, XPMD_CONFIG_DIR=str(dead.path))
    others_are_served(daemon, "other")
    faults = daemon.connection.call("template.list").get("faults", [])
    expect(len(faults) == 1 and f"{dead.path}/templates" in faults[0], f"the folder is not named: {faults}")
    said = daemon.instance.xpmctl("templates")
    expect(f"{dead.path}/templates" in said.stderr, f"xpmctl templates does not name the folder: {said}")
    for connection in asking, starting:
        connection.close()
    dead.end()


@fault
def workspaces_that_do_not_answer(daemon):
    """A workspace on a dead file system can neither be watched nor unwatched; one of which a part hangs says so."""
    dead = DeadFolder(daemon, daemon.scratch / "dead")
    daemon.begin(prefix=dead.prefix).add("other", "sleep", "1000")
    asking = daemon.instance.connect()
    asking.socket.settimeout(SOON)
    for method in "workspace.watch", "workspace.unwatch":
        asking.send(method, workspace=f"{dead.path}/ws")
        others_are_served(daemon, "other", asking)
        refusal = asking.receive().get("error", {}).get("data", {})
        expect(refusal.get("code") == "file_system_unresponsive" and refusal["path"] == f"{dead.path}/ws", f"{method}: {refusal}")
    asking.close()
    workspace = daemon.scratch / "watched"
    (workspace / "experiments").mkdir(parents=True)
    (workspace / "experiments/e2").symlink_to(dead.path / "e2")
    daemon.connection.call("workspace.watch", workspace=str(workspace))
    limit = time.monotonic() + SOON
    while not (error := daemon.connection.call("workspace.list")["workspaces"][0].get("error")):
        expect(time.monotonic() < limit, "a workspace that hangs does not say so")
        time.sleep(0.1)
    expect(f"{workspace}/experiments/e2" in error and "does not answer" in error, f"{error}")
    others_are_served(daemon, "other")
    daemon.connection.call("workspace.unwatch", workspace=str(workspace))
    dead.end()


@fault
def paths_given_to_xpmctl_that_do_not_answer(daemon):
    """xpmctl says which path does not answer, and ends."""
    dead = DeadFolder(daemon, daemon.scratch / "dead")
    daemon.begin(prefix=dead.prefix).add("other", "sleep", "1000")
    xpmctl = [*dead.prefix, str(daemon.instance.programs / "xpmctl")]
    kinds = {
        "template": ["start", "tensorboard", "--logdir", f"{dead.path}/runs"],
        "workspace": ["start", "x", "--workspace", f"{dead.path}/ws"],
        "folder": ["add", "x", "--folder", f"{dead.path}/a/../b", "--", "sleep", "1"],
        "prune": ["prune", "--workspace", f"{dead.path}/ws", "--yes"],
        # Last, for xpmd goes on looking, and the kernel keeps others out of the same folder of FUSE until that is over.
        "watch": ["watch", f"{dead.path}/ws"],
    }
    for name, arguments in kinds.items():
        done = subprocess.run(
            [*xpmctl, *arguments], env=daemon.instance.environment, cwd=daemon.instance.workspace, capture_output=True, text=True,
            timeout=SOON)
        told = str(dead.path) in done.stderr and "does not answer" in done.stderr
        expect(done.returncode == 5 and told, f"{name}: {done.returncode} {done.stderr}")
    # What is looked at by nobody is no reason to wait.
    others_are_served(daemon, "other")
    dead.end()


# ---- watched workspaces ----

class Workspace:
    """One of experimaestro's as `daemon` sees it, with ended runs of a service each."""

    def __init__(self, daemon, name="watched"):
        self.daemon, self.path = daemon, daemon.scratch / name
        (self.path / "experiments").mkdir(parents=True)
        (self.path / ".__experimaestro__").touch()

    def add(self, experiment, run):
        folder = self.path / "experiments" / experiment / run
        folder.mkdir(parents=True)
        state = {"__path__": str(folder)}
        service = {"service_id": "board", "description": "", "class": "boards.Board", "state_dict": {"path": state}}
        status = {"version": 1, "experiment_id": experiment, "run_id": run, "status": "done", "services": {"board": service}}
        (folder / "status.json").write_text(json.dumps(status))

    def watch(self, state, seen_at=None):
        """Has it watched, perhaps by another path; returns once that has come to `state`, with what is said of it."""
        self.seen_at = str(seen_at or self.path)
        self.daemon.connection.call("workspace.watch", workspace=self.seen_at)
        return self.until(state)

    def until(self, state):
        def record():
            return self.daemon.connection.call("workspace.list")["workspaces"][0]

        # No event tells of it.
        deadline = time.monotonic() + SOON
        while record()["state"] != state:
            expect(time.monotonic() < deadline, f"it is not {state}: {record()}")
            time.sleep(0.05)
        return record()

    def lists(self, *runs):
        def listed():
            services = self.daemon.connection.call("service.list", workspace=self.seen_at)["services"]
            return {(service["experiment"], service["run"]) for service in services}

        self.comes(lambda: listed() == set(runs), lambda: f"not {runs} are listed, but {listed()}")

    def comes(self, condition, what):
        """Returns once a condition holds: from its first look on each change is an event."""
        events = self.daemon.instance.connect()
        events.call("events.subscribe")
        events.socket.settimeout(SOON)
        try:
            while not condition():
                events.receive()
        except TimeoutError:
            raise AssertionError(what()) from None
        finally:
            events.close()


@fault
def workspace_without_watches(daemon):
    """The user has too few watches of inotify: it is said, the workspace is read again and again, and watched as soon as it can be."""
    need_user_namespaces()
    limit = "/proc/sys/user/max_inotify_watches"
    # In a user namespace of its own the limit is its own, too.
    script = f"echo 8 >{limit} && exec \"$0\" \"$@\""
    daemon.begin(prefix=["unshare", "--user", "--map-root-user", "sh", "-c", script])
    workspace, runs = Workspace(daemon), [(f"experiment{number}", "20260101_000000") for number in range(20)]
    for run in runs[:-1]:
        workspace.add(*run)
    error = workspace.watch("polling")["error"]
    expect("max_user_watches" in error, f"it is not said why: {error}")
    workspace.lists(*runs[:-1])
    workspace.add(*runs[-1])
    workspace.lists(*runs)
    subprocess.run(
        ["nsenter", "--user", "--target", str(daemon.process.pid), "sh", "-c", f"echo 1000 >{limit}"], check=True)
    expect(not workspace.until("watching").get("error"), "the complaint stays")
    more = ("experiment0", "20260102_000000")
    workspace.add(*more)
    workspace.lists(*runs, more)


@fault
def workspace_with_more_changes_than_are_told(daemon):
    """The kernel drops what its queue has no room for: everything is read again, and nothing is missed."""
    daemon.begin()
    workspace, first, lost = Workspace(daemon), ("experiment", "20260101_000000"), ("experiment", "20260102_000000")
    workspace.add(*first)
    workspace.watch("watching")
    workspace.lists(first)
    room = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    daemon.process.send_signal(signal.SIGSTOP)
    daemon.cleanups.callback(daemon.process.send_signal, signal.SIGCONT)
    noise = workspace.path / "experiments" / "experiment" / "noise"
    for _ in range(room // 2 + 100):
        noise.touch()
        noise.unlink()
    workspace.add(*lost)
    daemon.process.send_signal(signal.SIGCONT)
    workspace.lists(first, lost)
    expect(not workspace.until("watching").get("error"), "it complains")
    return f"{room:,} changes fit"


@fault
def workspace_on_a_network(daemon):
    """What the kernel does not tell of is read again and again, and it is said so."""
    need_root()
    need("bindfs")
    workspace, first, second = Workspace(daemon, "source"), ("experiment", "20260101_000000"), ("other", "20260102_000000")
    workspace.add(*first)
    seen_at = daemon.scratch / "mounted"
    seen_at.mkdir()
    if subprocess.run(["bindfs", workspace.path, seen_at], stderr=subprocess.DEVNULL).returncode != 0:
        raise Skipped("no file system can be mounted by FUSE")
    daemon.cleanups.callback(subprocess.run, ["umount", "--lazy", seen_at], check=True)
    daemon.begin()
    error = workspace.watch("polling", seen_at)["error"]
    expect("FUSE" in error, f"it is not said why: {error}")
    workspace.lists(first)
    # On another machine, as it were.
    workspace.add(*second)
    workspace.lists(first, second)
    shutil.rmtree(workspace.path / "experiments" / "experiment")

    def is_one_gone():
        return any(run.get("gone") for run in daemon.connection.call("experiment.list")["experiments"])

    workspace.comes(is_one_gone, lambda: "no run is gone")
    # Never written to.
    expect(sorted(path.name for path in workspace.path.iterdir()) == [".__experimaestro__", "experiments"], "it was written to")


# ---- time ----

@fault
def clock_that_is_set(daemon):
    """Graces, timeouts and delays last as long as ever, whatever the wall clock does meanwhile."""
    need("cc")
    library, offset = daemon.scratch / "clock-step.so", daemon.scratch / "offset"
    subprocess.run(
        ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library,
         Path(__file__).resolve().parent / "clock-step.c"], check=True)
    offset.write_text("0")
    daemon.begin(LD_PRELOAD=str(library), CLOCK_STEP_FILE=str(offset))
    # It is RUNNING once it ignores SIGTERM, not before.
    daemon.add(
        "stubborn", "bash", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done", stop={"grace_s": 1},
        readiness={"log": {"pattern": "deaf"}})
    daemon.add("unready", "sleep", "1000", readiness={"log": {"pattern": "never"}, "timeout_s": 1})
    daemon.run("stubborn")
    revision = 0
    for step in (86_400, -86_400):
        begin = time.monotonic()
        daemon.stop("stubborn")
        daemon.start("unready")
        offset.write_text(str(step))
        expect(daemon.wait("stubborn", "ended")["state"] == "STOPPED", "a stop does not end")
        took = time.monotonic() - begin
        expect(0.9 < took < 5, f"a grace of 1 s took {took:.1f} s, with the clock set by {step} s")
        record = daemon.wait("unready", "ended")
        took = time.monotonic() - begin
        expect(record["state"] == "ERROR" and 0.9 < took < 5, f"a timeout of 1 s took {took:.1f} s: {record}")
        expect("not ready" in record["error"], f"the error does not say why: {record['error']}")
        since = datetime.datetime.fromisoformat(record["since"].replace("Z", "+00:00"))
        told = (since - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        expect(abs(told - step) < 60, f"the clock was not set for xpmd: {record['since']}")
        expect(record["revision"] > revision, f"a later change has an earlier revision than {revision}: {record}")
        revision = record["revision"]
        daemon.run("stubborn")
        begin = time.monotonic()
        offset.write_text("0")
        try:
            daemon.connection.call("service.wait", service=daemon.reference("stubborn"), goal="ended", timeout_s=0.5)
            expect(False, "a service has ended by itself")
        except Refused as refused:
            expect(refused.code == "timed_out", f"{refused}")
        took = time.monotonic() - begin
        expect(0.4 < took < 5, f"a wait of 0.5 s took {took:.1f} s")
    daemon.ends("stubborn")


@fault
def restart_of_the_machine(daemon):
    """With another boot id, nothing on record is anybody's process any more: nothing is signalled."""
    need_root()
    need("unshare")
    daemon.begin().add("service", "sleep", "1000")
    daemon.add("returning", "sleep", "1000", restart={"policy": "never", "after_reboot": True})
    running, returning = daemon.run("service"), daemon.run("returning")
    daemon.kill(daemon.keeper, daemon.process.pid)
    daemon.connection.close()
    old = [process for process in Processes.of(daemon.instance.id)]
    expect({process.pid for process in old} == {running["pid"], returning["pid"]}, f"not what ran: {old}")
    boot = daemon.scratch / "boot_id"
    boot.write_text("00000000-1111-2222-3333-444444444444\n")
    script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"'
    daemon.begin(prefix=["unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(boot)])
    record = daemon.get("service")
    expect(record["state"] == "STOPPED" and not record.get("pid"), f"it is not said that it has ended: {record}")
    record = daemon.wait("returning", "running")
    if record["state"] == "RUNNING":
        expect(record["attempt"] != returning["attempt"], f"it is said to have gone on: {record}")
        daemon.ends("returning")
    else:
        print("    SKIPPED: this xpmd knows no restart.after_reboot")
    for process in old:
        expect(Processes.lives(process, daemon.instance.id), f"{process} was ended though it may be anybody's")
        Killer.signal(process.pid)


def run_one(name, programs):
    scratch = tempfile.mkdtemp(prefix="xpmf-", dir="/tmp")
    daemon = Daemon(programs, scratch)
    begin = time.monotonic()
    try:
        said = FAULTS[name](daemon)
        verdict, kept = f"passed{f', {said}' if said else ''}", False
    except Skipped as skipped:
        verdict, kept = f"SKIPPED: {skipped}", False
    except Exception as error:
        traceback.print_exc()
        verdict, kept = f"FAILED: {error}; all is kept in {scratch}", True
    try:
        daemon.close()
    except Exception as error:
        traceback.print_exc()
        verdict, kept = f"FAILED: {error!r} at the end; all is kept in {scratch}", True
    if not kept:
        shutil.rmtree(scratch)
    print(f"{name}: {verdict} ({time.monotonic() - begin:.1f} s)", flush=True)
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=str(Path(__file__).resolve().parent.parent / ".build/release"),
                        help="where xpmd, xpmctl, xpm-keeper and xpm-logger are")
    parser.add_argument("--only", action="append", choices=FAULTS, help="only this fault; may be given several times")
    arguments = parser.parse_args()
    programs = os.path.abspath(arguments.bin)
    failures = [name for name in arguments.only or FAULTS if run_one(name, programs)]
    if failures:
        print(f"test-faults: failed: {', '.join(failures)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
