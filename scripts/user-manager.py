#!/usr/bin/env python3
"""user-manager.py COMMAND [ARGUMENT ...]

Runs COMMAND as root beside a systemd user manager of its own and ends with COMMAND's exit code, or with 77 where this
machine cannot hold such a manager. Inside, HOME and XDG_RUNTIME_DIR are empty folders that exist nowhere else.

systemd is a user manager only where /run/systemd/system exists, and takes the cgroup that it begins in for its root.
Hence a private /run, a subtree of cgroups (with a twin in the named hierarchy, where the layout is hybrid), and a PID
namespace, whose end is the end of everything inside it. A journal of its own goes with it: journald finds the root of
all cgroups by PID 1, which is taken to be in init.scope, and tells units apart only below the usual slices.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SKIPPED = 77
DEADLINE = 30.0
INSIDE = "XPM_USER_MANAGER_TREES"
JOURNALS = ("/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald")
MANAGERS = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")


def skip(reason):
    print(f"SKIPPED: {reason}", file=sys.stderr)
    sys.exit(SKIPPED)


def hierarchies():
    """The mount points of the unified hierarchy and, in the hybrid layout, of systemd's named one."""
    unified = named = None
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, right = line.split(" - ", 1)
        point, kind, options = left.split()[4], right.split()[0], right.split()[2].split(",")
        if kind == "cgroup2":
            unified = unified or point
        elif kind == "cgroup" and "name=systemd" in options:
            named = named or point
    return unified, named


def wait_until_empty(tree):
    """Waits for the kernel to say that the last process is gone: killing only begins it."""
    limit = time.monotonic() + DEADLINE
    with open(tree / "cgroup.events") as events:
        poll = select.poll()
        poll.register(events, select.POLLPRI | select.POLLERR)
        while "populated 0" not in events.read():
            if not poll.poll(max(0.0, limit - time.monotonic()) * 1000):
                sys.exit(f"cannot remove {tree}: processes are left in it")
            events.seek(0)


def remove(tree):
    if (tree / "cgroup.kill").exists():
        (tree / "cgroup.kill").write_text("1")
        wait_until_empty(tree)
    for folder, _, _ in os.walk(tree, topdown=False):
        os.rmdir(folder)


def outside(arguments):
    if os.geteuid() != 0:
        skip("only root can give a user manager a world of its own")
    if not any(os.access(path, os.X_OK) for path in MANAGERS):
        skip("systemd is not installed")
    unified, named = hierarchies()
    if unified is None:
        skip("there is no unified cgroup hierarchy")
    trees = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        for mount in filter(None, (unified, named)):
            trees.append(Path(mount) / f"xpmd-test-{os.getpid()}")
            try:
                trees[-1].mkdir()
            except OSError as error:
                trees.pop()
                skip(f"cannot make a cgroup below {mount}: {error.strerror}")
        probe = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True)
        if probe.returncode != 0:
            skip(f"cannot make namespaces: {probe.stderr.strip()}")
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "--pid", "--fork"]
        command += ["--kill-child=KILL", "--mount-proc", sys.executable, os.path.realpath(__file__), *arguments]
        return subprocess.run(command, env={**os.environ, INSIDE: ":".join(map(str, trees))}).returncode
    finally:
        for tree in trees:
            remove(tree)


def enter(trees, name):
    for tree in trees:
        (tree / name).mkdir(parents=True, exist_ok=True)
        (tree / name / "cgroup.procs").write_text("0")


def start_journal(trees):
    """Starts a journald that keeps its files in /run, and returns once it takes messages."""
    if os.path.isdir("/var/log/journal"):
        # This machine's own is nobody's business inside.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/var/log/journal"], check=True)
    for folder in ("systemd/journal", "systemd/journald.conf.d"):
        Path("/run", folder).mkdir(parents=True)
    Path("/run/systemd/journald.conf.d/test.conf").write_text(
        "[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\nRateLimitIntervalSec=0\nForwardToSyslog=no\n"
        "ForwardToWall=no\nForwardToConsole=no\n")
    journal = subprocess.Popen(
        [next(path for path in JOURNALS if os.access(path, os.X_OK))], stdin=subprocess.DEVNULL,
        preexec_fn=lambda: enter(trees, "system.slice/systemd-journald.service"))
    # Without a service manager it announces its sockets by nothing else.
    limit = time.monotonic() + DEADLINE
    while not os.path.exists("/run/systemd/journal/stdout"):
        if journal.poll() is not None or time.monotonic() > limit:
            sys.exit("cannot start a journal")
        time.sleep(0.01)
    return journal


def start_manager(trees, environment):
    """Starts the manager and returns once it says that it is ready."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notifications:
        notifications.bind("/run/notify")
        notifications.settimeout(DEADLINE)
        manager = subprocess.Popen(
            [next(path for path in MANAGERS if os.access(path, os.X_OK)), "--user", "--log-target=console"],
            env={**environment, "NOTIFY_SOCKET": "/run/notify"}, stdin=subprocess.DEVNULL,
            stdout=open("/run/manager.log", "wb"), stderr=subprocess.STDOUT, preexec_fn=lambda: enter(trees, "user.slice/user-0.slice/user@0.service"))
        try:
            while b"READY=1" not in notifications.recv(65536).split(b"\n"):
                pass
        except TimeoutError:
            sys.exit(f"cannot start a user manager:\n{Path('/run/manager.log').read_text()}")
    return manager


def inside(trees, arguments):
    enter(trees, "init.scope")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)
    for folder in ("systemd/system", "lock", "home", "user/0"):
        Path("/run", folder).mkdir(parents=True)
    os.chmod("/run/user/0", 0o700)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TERM")}
    kept.update(HOME="/run/home", USER="root", LOGNAME="root", SHELL="/bin/sh", XDG_RUNTIME_DIR="/run/user/0")
    journal = start_journal(trees)
    manager = start_manager(trees, kept)
    session = "user.slice/user-0.slice/session-1.scope"
    status = subprocess.run(arguments, env=kept, preexec_fn=lambda: enter(trees, session)).returncode
    # What a session's end does: exit.target, with every unit's own way of stopping.
    manager.send_signal(signal.SIGTERM)
    manager.wait(DEADLINE)
    journal.terminate()
    journal.wait(DEADLINE)
    return status


def main():
    arguments = sys.argv[1:]
    if not arguments:
        sys.exit(__doc__)
    trees = os.environ.pop(INSIDE, None)
    sys.exit(outside(arguments) if trees is None else inside([Path(tree) for tree in trees.split(":")], arguments))


if __name__ == "__main__":
    main()
