"""A daemon that a test plays by hand: it sees each request and says what is answered, when, or not at all."""

from __future__ import annotations

import socket
from pathlib import Path

from xpmd import frames
from xpmd.json import JSON, read, write

# Seconds after which a test is given up for hanging.
LIMIT = 60
RECORD = {
    "workspace": "/ws", "experiment": "e", "run": "r", "id": "s", "name": "e@r:s", "run_mode": "NORMAL", "description": "",
    "class": None, "template": None, "sub_services": [], "state": "STARTING", "wanted": True,
    "since": "2026-11-22T10:15:00.000Z", "attempt": 1, "pid": None, "url": None, "error": None, "exit": None,
    "waiting_for": None, "stdout": None, "stderr": None,
}


class Peer:
    """The daemon's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        connection.settimeout(LIMIT)
        self._splitter = frames.Splitter(frames.REQUEST_LIMIT)
        self._messages: list[JSON] = []

    def receive(self) -> JSON:
        """The client's next message; None at the end."""
        while not self._messages:
            data = self.socket.recv(1 << 16)
            if not data:
                return None
            self._messages += [read(payload) for payload in self._splitter.feed(data)]
        return self._messages.pop(0)

    def expect(self, method: str) -> JSON:
        """The next message, which must be a request for ``method``."""
        message = self.receive()
        assert message is not None and message["method"] == method, message
        return message

    def send(self, message: JSON) -> None:
        self.socket.sendall(frames.encode(write({"jsonrpc": "2.0", **message}), frames.REPLY_LIMIT))

    def reply(self, request: JSON, **result: JSON) -> None:
        self.send({"id": request["id"], "result": result})

    def event(self, seq: int, **fields: JSON) -> None:
        event = {"at": "2026-11-22T10:15:00.000Z", "kind": "daemon.started", "seq": seq, "pid": 1, **fields}
        self.send({"method": "event", "params": event})

    def close(self) -> None:
        self.socket.close()


class FakeDaemon:
    """Listens at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._peers: list[Peer] = []
        self.listen()

    def listen(self) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.settimeout(LIMIT)
        self._listening.bind(str(self.path))
        self._listening.listen()

    def accept(self, instance: str = "one", **greeting: JSON) -> Peer:
        """The next connection, greeted."""
        peer = Peer(self._listening.accept()[0])
        self._peers.append(peer)
        fields = {
            "version": 1, "daemon": "fake", "pid": 1, "instance": instance, "request_limit": 1 << 20,
            "reply_limit": 16 << 20, **greeting,
        }
        peer.reply(peer.expect("hello"), **fields)
        return peer

    def drop(self) -> None:
        """The next connection, lost while it is greeted."""
        peer = Peer(self._listening.accept()[0])
        peer.expect("hello")
        peer.close()

    def __enter__(self) -> FakeDaemon:
        return self

    def stop_listening(self) -> None:
        self._listening.close()
        self.path.unlink(missing_ok=True)

    def __exit__(self, *_: object) -> None:
        for peer in self._peers:
            peer.close()
        self.stop_listening()
