"""supervisord with a configuration of its own in a scratch folder."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client

VERSION = "supervisor==4.3.0"


def install(folder):
    """The folder of supervisord's programs, or the reason why there is none."""
    programs = os.path.join(folder, "bin")
    if os.path.exists(os.path.join(programs, "supervisord")):
        return programs, None
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, capture_output=True, text=True)
        pip = [os.path.join(programs, "pip"), "install", "--quiet", "--disable-pip-version-check", VERSION]
        subprocess.run(pip, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as failure:
        said = (getattr(failure, "stderr", None) or str(failure)).strip().splitlines()
        return None, f"cannot install {VERSION}: {said[-1] if said else failure}"
    return programs, None


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(120)
        self.sock.connect(self.path)


class Transport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket, on one connection."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        if not self._connection or self._connection[0] != host:
            self._connection = host, Connection(self.path)
        return self._connection[1]


class Supervisord:
    """A running supervisord with `count` programs `service0` …, all started. Use it as a context."""

    def __init__(self, programs, scratch, count, arguments, listener=None):
        self.folder = tempfile.mkdtemp(prefix="supervisord-")
        self.scratch = tempfile.mkdtemp(prefix="peer-", dir=scratch)
        self.socket = os.path.join(self.folder, "peer.sock")
        self.programs, self.count, self.process = programs, count, None
        self.configuration = os.path.join(self.folder, "supervisord.conf")
        sections = [
            f"[unix_http_server]\nfile={self.socket}",
            f"[supervisord]\nnodaemon=true\nuser={os.getuid()}\nminfds=16384\nlogfile={self.scratch}/log\npidfile={self.folder}/pid\n"
            f"childlogdir={self.scratch}",
            "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            f"[supervisorctl]\nserverurl=unix://{self.socket}",
        ]
        if listener:
            sections.append(f"[eventlistener:listener]\ncommand={listener}\nevents=PROCESS_STATE_EXITED,PROCESS_STATE_RUNNING\nstderr_logfile=NONE")
        sections += [
            f"[program:service{number}]\ncommand={' '.join(arguments)}\nstartsecs=0\nautorestart=true\nstartretries=1000000"
            for number in range(count)
        ]
        with open(self.configuration, "w") as file:
            file.write("\n\n".join(sections) + "\n")
        self.server = xmlrpc.client.ServerProxy("http://localhost", transport=Transport(self.socket))
        self.started_in = None

    def __enter__(self):
        begin = time.monotonic_ns()
        with open(os.path.join(self.scratch, "output"), "w") as output:
            self.process = subprocess.Popen(
                [os.path.join(self.programs, "supervisord"), "-c", self.configuration], stdout=output, stderr=output
            )
        deadline = time.monotonic() + 300
        while self.running() < self.count:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"cannot start supervisord with {self.count} programs, see {self.scratch}")
            time.sleep(0.02)
        self.started_in = time.monotonic_ns() - begin
        return self

    def running(self):
        """How many programs are RUNNING; none before it answers."""
        try:
            return sum(
                process["statename"] == "RUNNING" and process["group"].startswith("service")
                for process in self.server.supervisor.getAllProcessInfo()
            )
        except (OSError, http.client.HTTPException):
            self.server("close")()
            return 0

    def __exit__(self, *_):
        self.server("close")()
        self.process.terminate()
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)
        shutil.rmtree(self.scratch)
