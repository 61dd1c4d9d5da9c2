"""An xpmd of its own in a scratch folder, and the frames that it is asked with."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile


def frame(method, number=1, **parameters):
    """The frame of a request in the canonical form."""
    request = {"id": number, "jsonrpc": "2.0", "method": method, "params": parameters}
    body = json.dumps(request, sort_keys=True, separators=(",", ":")).encode()
    return struct.pack(">I", len(body)) + body


MEMORY = "/dev/shm"
HELLO = frame("hello", client="benchmark 1", versions={"max": 1, "min": 1})


class Daemon:
    """A running xpmd. Use it as a context: it ends with its services and leaves nothing behind."""

    experiment, run = "bench", "1"

    def __init__(self, programs, scratch):
        # In memory, as a user's own runtime folder is; the state lies on the disk that is measured.
        self.runtime = tempfile.mkdtemp(prefix="xpmd-bench-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
        self.state = tempfile.mkdtemp(prefix="state-", dir=scratch)
        self.socket = os.path.join(self.runtime, "xpmd.sock")
        self.environment = dict(
            {key: value for key, value in os.environ.items() if not key.startswith("XPMD_")},
            XPMD_RUNTIME_DIR=self.runtime,
            XPMD_STATE_DIR=self.state,
            XPMD_CONFIG_DIR=os.path.join(self.state, "config"),
        )
        self.programs = programs
        self.process = None
        self.connection = None

    def __enter__(self):
        reading, writing = os.pipe()
        log = open(os.path.join(self.state, "xpmd.log"), "w")
        with log:
            self.process = subprocess.Popen(
                [os.path.join(self.programs, "xpmd"), "--ready-fd", str(writing)],
                env=self.environment, pass_fds=[writing], stderr=log, stdout=log, stdin=subprocess.DEVNULL,
            )
        os.close(writing)
        with os.fdopen(reading) as said:
            line = said.readline().strip()
        if line != "ready":
            raise SystemExit(f"cannot start xpmd: {line or 'it ended at once'}")
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(self.socket)
        self.connection.settimeout(120)
        self.connection.sendall(HELLO)
        self.receive()
        self.call("experiment.open", workspace=self.workspace, experiment=self.experiment, run=self.run)
        return self

    def __exit__(self, *_):
        try:
            self.connection.sendall(frame("daemon.stop"))
            self.process.wait(timeout=120)
        except (OSError, subprocess.TimeoutExpired):
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            raise
        finally:
            self.connection.close()
            shutil.rmtree(self.runtime)
            shutil.rmtree(self.state)

    @property
    def workspace(self):
        """The folder of the experiment and of its services."""
        return self.state

    def call(self, method, **parameters):
        """Asks and waits for the answer."""
        self.connection.sendall(frame(method, **parameters))
        reply = json.loads(self.receive())
        if "error" in reply:
            raise SystemExit(f"cannot go on: {method}: {reply['error']['message']}")
        return reply["result"]

    def receive(self):
        """The next payload's bytes."""
        (length,) = struct.unpack(">I", self.exactly(4))
        return self.exactly(length)

    def exactly(self, count):
        """So many bytes off the connection."""
        chunks = []
        while count > 0:
            chunk = self.connection.recv(min(count, 1 << 20))
            if not chunk:
                raise SystemExit("cannot go on: xpmd ended the connection")
            chunks.append(chunk)
            count -= len(chunk)
        return b"".join(chunks)

    def file(self, name, *frames):
        """A file of frames for the C programs."""
        path = os.path.join(self.state, name + ".frames")
        with open(path, "wb") as file:
            file.write(b"".join(frames))
        return path

    def reference(self, service):
        """A service as requests name it."""
        return {"experiment": self.experiment, "id": service, "run": self.run, "workspace": self.workspace}

    def request(self, verb, service, number=1):
        """The frame that asks for `verb` of a service."""
        return frame("service." + verb, number, service=self.reference(service))

    def addition(self, service, arguments, number=1, **definition):
        """The frame that adds a service; `definition` is what it has beside its command."""
        return frame(
            "service.add", number, workspace=self.workspace, experiment=self.experiment, run=self.run, id=service,
            description="a service to be measured",
            definition=definition
            | {"run": {"kind": "command", "arguments": list(arguments)}, "environment": {"PATH": "/usr/bin:/bin"}},
        )

    def add(self, floors, names, arguments, **definition):
        """Adds services by pipelined requests; returns the nanoseconds until all were acknowledged."""
        frames = [self.addition(name, arguments, number, **definition) for number, name in enumerate(names, 2)]
        path = self.file("add", HELLO, *frames)
        return floors.run("exchange", self.socket, path, len(names), '"added":true')[0][0]

    def each(self, floors, verb, names, state):
        """Asks for `verb` of many services by pipelined requests; returns the nanoseconds until each was in `state`."""
        subscribe = frame("events.subscribe", 2)
        frames = [self.request(verb, name, number) for number, name in enumerate(names, 3)]
        path = self.file(verb, HELLO, subscribe, *frames)
        return floors.run("exchange", self.socket, path, len(names), '"method":"event"', f'"state":"{state}"')[0][0]
