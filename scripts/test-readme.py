#!/usr/bin/env python3
"""test-readme.py [--bin FOLDER] [--venv FOLDER]

Runs the shell commands of README.md as they stand, in their order, on a scratch instance: with a home, a project and a network of its own,
in which the ports that README names are free. Programs that README takes as examples (`postgres`, `./api.py`, …) are stand-ins that listen
where the real ones would. Each service that a command adds is started and stopped. What is not run is listed below, with the reason.
"""

import argparse
import ctypes
import fcntl
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

# Commands by how they begin, and why they are not run here.
NOT_RUN = {
    "make demo": "the demo is a test of its own",
    "make test": "it runs this test",
    "make build": "the programs are there already",
    "sudo ": "nobody is asked for a password",
    "systemctl --user": "test-user-manager.sh does it under a real user manager",
    "loginctl": "test-linger.sh does it in a container",
    "pip install": "the environment of the tests has it",
}
# Commands that go on until somebody ends them: their first line is enough.
FOLLOWS = re.compile(r"^xpmctl (logs|events) (.* )?(-f|--follow)\b|^xpmctl list .*--watch")

LISTENER = """#!/usr/bin/env python3
import http.server, os, signal, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *_): pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Page)
print("http://127.0.0.1:%d/" % server.server_port, flush=True)
server.serve_forever()
"""
SLEEPER = "#!/bin/sh\necho it has begun\ntrap 'exit 0' TERM\nsleep 1000000 & wait\n"
SUCCESS = "#!/bin/sh\nexit 0\n"


def stand_ins(project, programs):
    """The programs that README's examples run, in the project's folder and in a folder of PATH."""
    for name, port in {"postgres": 5432, "redis-server": 6379, "jupyter": 0}.items():
        write(programs / name, LISTENER.format(port=port))
    for name in ("redis-cli", "notify-send", "curl"):
        write(programs / name, SUCCESS)
    write(project / "api.py", LISTENER.format(port=8000))
    for name in ("sync.sh", "page.py", "crawl", "board", "train.py", "train.sh", "nightly.sh", "tune.py"):
        write(project / name, SLEEPER)
    write(project / "prepare.sh", SUCCESS)


def write(path, content):
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755)


def commands(readme):
    """Every command of every shell block, in order; a line that ends in a backslash goes on in the next one."""
    for block in re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield line.strip()


def own_network():
    """A network with nothing but a loopback device, so that every port is free and nobody else is met."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "this machine lets nobody make a network namespace")
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        request = struct.pack("16sh22x", b"lo", 0)
        state = struct.unpack("16sh22x", fcntl.ioctl(device, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(device, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", state | IFF_UP))


class Shell:
    """Runs commands one after the other, each in the folder that the one before has left."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment

    def run(self, command, check=True):
        after = Path(self.environment["HOME"]) / "folder"
        script = f"{command}\nstatus=$?; pwd >{shlex.quote(str(after))}; exit $status"
        if FOLLOWS.match(command):
            return self.first_line(command)
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180)
        self.folder = after.read_text(encoding="utf-8").strip()
        if check and done.returncode != 0:
            raise RuntimeError(f"`{command}` ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def first_line(self, command):
        process = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=self.folder, env=self.environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   # As on a terminal, also where this runs in the background.
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        try:
            return process.stdout.readline()
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def added(command):
    """The service that a command adds without starting it."""
    words = shlex.split(command, comments=True)
    if words[:2] != ["xpmctl", "add"] or "--start" in words:
        return None
    return words[2]


def run(arguments, scratch):
    home, project, programs = scratch / "home", scratch / "home/my_project", scratch / "programs"
    for folder in (home, project, project / "runs", programs, home / "experiments/experiments", scratch / "run"):
        folder.mkdir(parents=True, exist_ok=True)
    stand_ins(project, programs)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("XPM", "XDG", "NOTIFY", "LISTEN"))}
    environment.update(
        HOME=str(home), XDG_RUNTIME_DIR=str(scratch / "run"), XPMD_CGROUP="none",
        PATH=f"{home}/.local/bin:{programs}:{arguments.venv}/bin:{os.environ['PATH']}")
    (scratch / "run").chmod(0o700)
    subprocess.run(["make", "--silent", "-C", ROOT, "install", f"PREFIX={home}/.local", f"BIN={arguments.bin}"], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    shell, held = Shell(str(home), environment), 0
    try:
        for command in commands((ROOT / "README.md").read_text(encoding="utf-8")):
            reason = next((why for start, why in NOT_RUN.items() if command.startswith(start)), None)
            if command.startswith("make install"):
                reason = "it was done first, as it stands for one's own home"
            if reason:
                print(f"  not run: {command} ({reason})", flush=True)
                continue
            shell.run(command)
            if service := added(command):
                shell.run(f"xpmctl start {shlex.quote(service)}")
            held += 1
            print(f"  {command}", flush=True)
    finally:
        shell.run("xpmctl daemon stop", check=False)
    print(f"test-readme.py: {held} claims held")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=str(ROOT / ".build/release"), help="the programs that are installed")
    parser.add_argument("--venv", default=str(ROOT / ".build/venv"), help="a Python environment with TensorBoard")
    arguments = parser.parse_args()
    try:
        own_network()
    except OSError as error:
        print(f"test-readme.py: SKIPPED: {error.strerror}", file=sys.stderr)
        return 0
    scratch = Path(tempfile.mkdtemp(prefix="xpmd-readme."))
    try:
        run(arguments, scratch)
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
