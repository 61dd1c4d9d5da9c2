#!/usr/bin/env python3
"""Tests the HTTP API of a real xpm-web in front of a real xpmd: streams, a killed xpmd, metrics, and what schemathesis makes of the document.

    scripts/test-web-api.py --bin .build/release [--seconds 60]

Needs the PyPI packages prometheus-client and schemathesis, and a folder of its own, which it removes.
"""

import argparse
import hashlib
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "protocol/python"))

from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

PATIENCE = 120
# What ends xpmd, runs commands of any kind, or takes as long as it is told to.
LEFT_OUT = ["daemon.stop", "daemon.reexec", "web.start", "web.stop", "service.add", "service.wait", "live", "events"]


class Instance:
    """An xpmd and an xpm-web in a folder of their own."""

    def __init__(self, programs):
        self.programs = os.path.abspath(programs)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="xpm-api."))
        (self.root / "ws").mkdir()
        names = {"RUNTIME": "r", "STATE": "s", "CONFIG": "c", "CACHE": "k"}
        own = {f"XPMD_{name}_DIR": str(self.root / folder) for name, folder in names.items()}
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("XPM", "XDG_", "NOTIFY_"))}
        self.environment = {**outer, **own, "XPMD_CGROUP": "none"}
        self.ctl("daemon", "start")
        self.web = subprocess.Popen([f"{self.programs}/xpm-web"], env=self.environment, stderr=subprocess.PIPE, text=True)
        self.url = self.web.stderr.readline().split()[-1]
        self.port = int(self.url.rpartition(":")[2])
        self.token = self.make_token("all")

    def ctl(self, *arguments):
        subprocess.run(
            [f"{self.programs}/xpmctl", *arguments], env=self.environment, cwd=self.root / "ws", check=True,
            stdout=subprocess.DEVNULL, timeout=PATIENCE)

    def make_token(self, scope):
        secret = "xpm_" + secrets.token_urlsafe(32)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        folder = self.root / "s/web/tokens"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = {"id": digest[:12], "name": scope, "scope": scope, "created_at": "2026-01-01T00:00:00.000Z"}
        file = folder / digest
        file.write_text(json.dumps(text))
        file.chmod(0o600)
        return secret

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method, path, body=None, token=None, headers=None):
        connection = self.connect()
        fields = {"Host": f"localhost:{self.port}", "Authorization": f"Bearer {token or self.token}", **(headers or {})}
        if body is not None:
            fields["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection.request(method, path, body, fields)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content

    def call(self, method, **params):
        status, content = self.ask("POST", f"/api/v1/{method}", params)
        return status, json.loads(content)

    def result(self, method, **params):
        status, value = self.call(method, **params)
        assert status == 200, (method, status, value)
        return value

    def stream(self, path, **headers):
        return Stream(self, path, headers)

    def daemon(self):
        return self.result("daemon.status")["pid"]

    def end(self):
        self.web.send_signal(signal.SIGTERM)
        assert self.web.wait(PATIENCE) == 0, "xpm-web did not end as it should"
        self.ctl("daemon", "stop", "--force")
        shutil.rmtree(self.root)


class Stream:
    """An event stream, as a browser reads it."""

    def __init__(self, instance, path, headers):
        self.connection = instance.connect()
        fields = {"Host": f"localhost:{instance.port}", "Authorization": f"Bearer {instance.token}", **headers}
        self.connection.request("GET", path, headers=fields)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, (self.response.status, self.response.read())
        self.last = None

    def next(self):
        """The next event: its name and its data."""
        name, data = "message", None
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("id: "):
                self.last = line[4:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif not line and data is not None:
                return name, data

    def until(self, condition):
        while True:
            name, data = self.next()
            if condition(name, data):
                return name, data

    def close(self):
        self.connection.close()


def add(instance, service, command, **definition):
    run = {"workspace": str(instance.root / "ws"), "experiment": "e", "run": "r"}
    instance.result("experiment.open", **run)
    instance.result(
        "service.add", **run, id=service, definition={"run": {"kind": "command", "arguments": command}, **definition})


def has(service, state):
    return lambda name, data: any(
        each["id"] == service and each["state"] == state for each in data.get("services", []) if isinstance(each, dict))


def test_streams(instance):
    live = instance.stream("/api/v1/live")
    name, data = live.next()
    assert (name, data["first"]) == ("snapshot", True), (name, data)
    add(instance, "a", ["sleep", "1000"])
    instance.result("service.start", service="a")
    live.until(has("a", "RUNNING"))
    assert instance.result("service.wait", service="a", goal="running")["state"] == "RUNNING"
    # A crash is seen by itself.
    instance.result("service.signal", service="a", signal="KILL")
    live.until(has("a", "ERROR"))
    live.close()
    # A view goes on where it was, with nothing but what has changed.
    instance.result("service.start", service="a")
    resumed = instance.stream("/api/v1/live", **{"Last-Event-ID": live.last})
    name, data = resumed.next()
    assert name == "change", name
    if not has("a", "RUNNING")(name, data):
        resumed.until(has("a", "RUNNING"))
    events = instance.stream("/api/v1/events?since=0&service=e:a")
    kinds = [events.next()[1]["kind"] for _ in range(3)]
    assert kinds[0] == "service.added" and set(kinds[1:]) == {"service.changed"}, kinds
    events.close()
    resumed.close()


def test_named_services(instance):
    run = {"workspace": str(instance.root / "ws"), "experiment": "e", "run": "r"}
    named = [{**run, "id": "a"}, {**run, "id": "none"}, "e:a"]
    found = instance.result("service.list", services=named)
    assert [each["id"] for each in found["services"]] == ["a"], found
    assert "definition" not in found["services"][0] and "usage" not in found["services"][0]
    assert instance.result("service.list", services=[])["services"] == []
    assert instance.result("service.list", services=named, usage=True)["services"][0]["usage"]["processes"] >= 1
    status, value = instance.call("service.list", services=["a"] * 257)
    assert (status, value["error"]["code"]) == (400, "limit_exceeded"), value


def test_usage(instance):
    live = instance.stream("/api/v1/live?usage=1")
    _, data = live.until(lambda name, data: name == "usage" and data["services"])
    assert data["services"][0][1] > 0, data
    live.until(lambda name, data: name == "usage" and data["services"] and data["services"][0][2] is not None)
    live.close()
    status, content = instance.ask("GET", "/api/v1/usage")
    assert status == 200 and json.loads(content)["services"][0]["id"] == "a", content


def test_metrics(instance):
    status, content = instance.ask("GET", "/metrics")
    assert status == 200
    families = {family.name: family for family in text_string_to_metric_families(content.decode())}
    assert families["xpm_up"].samples[0].value == 1
    assert [sample.value for sample in families["xpm_service_up"].samples] == [1]
    assert families["xpm_service_memory_bytes"].samples[0].labels["service"] == "a"


def test_scopes(instance):
    reader = instance.make_token("read")
    for method, body, expected in (
        ("service.list", {}, 200), ("service.get", {"service": "a"}, 403), ("service.stop", {"service": "a"}, 403),
    ):
        status, content = instance.ask("POST", f"/api/v1/{method}", body, token=reader)
        assert status == expected, (method, status, content)
    status, _ = instance.ask("POST", "/api/v1/service.list", {}, token="xpm_wrong")
    assert status == 401, status
    status, _ = instance.ask("POST", "/api/v1/service.list", {}, headers={"Host": "evil.example"})
    assert status == 421, status


def test_killed_daemon(instance):
    """xpmd is killed under open streams: they say so, refuse clearly, and go on with the next xpmd."""
    live = instance.stream("/api/v1/live")
    live.until(lambda name, data: name == "snapshot" and not data["more"])
    events = instance.stream("/api/v1/events")
    os.kill(instance.daemon(), signal.SIGKILL)
    live.until(lambda name, data: data.get("connection") == "reconnecting")
    status, value = instance.call("service.list")
    assert status == 503 and value["error"]["code"] == "unreachable", (status, value)
    status, content = instance.ask("GET", "/metrics")
    assert status == 200 and b"xpm_up 0\n" in content, content
    instance.ctl("daemon", "start")
    live.until(lambda name, data: data.get("connection") == "connected")
    assert events.until(lambda name, data: data["kind"] == "daemon.started")
    instance.result("service.stop", service="a")
    live.until(has("a", "STOPPED"))
    events.until(lambda name, data: data["kind"] == "service.changed" and data["state"] == "STOPPED")
    live.close()
    events.close()


def test_slow_reader(instance):
    """Who asks for everything and reads nothing costs xpm-web nothing."""
    def memory():
        text = pathlib.Path(f"/proc/{instance.web.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0])

    add(instance, "b", ["sh", "-c", "sleep 1000"])
    lazy = [instance.stream("/api/v1/live") for _ in range(8)] + [instance.stream("/api/v1/events?since=0") for _ in range(8)]
    before = memory()
    for _ in range(60):
        instance.result("service.start", service="b")
        instance.result("service.stop", service="b", force=True)
    instance.result("service.wait", service="b", goal="ended")
    assert memory() < before + 20_000, (before, memory())
    for stream in lazy:
        stream.close()


def test_document(instance, seconds):
    """Requests that the document allows, and others: none is a fault of the server, and every answer is as it says."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{instance.url}/api/v1/openapi.json",
        "-H", f"Authorization: Bearer {instance.token}", "--phases", "examples,coverage,fuzzing",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method",
        "--max-examples", "20", "--suppress-health-check", "all", "--seed", "1", "--max-time", str(seconds),
    ]
    for name in LEFT_OUT:
        command += ["--exclude-operation-id", name]
    done = subprocess.run(command, cwd=instance.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit("schemathesis has found something")
    if os.environ.get("VERBOSE"):
        print(done.stdout)
    print(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seconds", type=int, default=60, help="how long schemathesis may take")
    parser.add_argument("--only", help="one test")
    options = parser.parse_args()
    instance = Instance(options.bin)
    try:
        for test in (
            test_streams, test_named_services, test_usage, test_metrics, test_scopes, test_slow_reader, test_killed_daemon,
        ):
            if options.only in (None, test.__name__):
                began = time.monotonic()
                test(instance)
                print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        if options.only in (None, "test_document"):
            test_document(instance, options.seconds)
    finally:
        instance.end()


if __name__ == "__main__":
    main()
