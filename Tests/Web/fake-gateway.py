#!/usr/bin/env python3
"""A stand-in for xpm-web that serves the dashboard and the API it uses, with services that live in memory.

    fake-gateway.py --services 1000 --port 8080 --busy 20

Tests import it (`Gateway`), and make faults happen through it: `crash`, `restart`, `sign_out`.
"""
import argparse
import bisect
import hashlib
import itertools
import json
import pathlib
import random
import re
import socket
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "Sources/XPMWeb/Dashboard/assets"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
SLICE = 500
# It is there below this path as well, as behind JupyterHub.
PREFIX = "/user/ada/proxy"


def moment(at=None):
    return datetime.fromtimestamp(time.time() if at is None else at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Refused(Exception):
    def __init__(self, status, code, message, **data):
        super().__init__(message)
        self.status, self.code, self.data = status, code, data


def at_us(entry):
    return entry["at_us"]


class LongLog:
    """A log of so many lines that are made when they are read, and what is written after them."""

    def __init__(self, lines, width=100, ends=None):
        self.lines, self.width, self.end, self.later = lines, width, time.time() if ends is None else ends, []

    def __len__(self):
        return self.lines + len(self.later)

    def __getitem__(self, place):
        if place >= self.lines:
            return self.later[place - self.lines]
        # 2,000 lines a second, so that many have the same millisecond.
        text = f"line {place} of {self.lines} "
        return {"stream": "stderr" if place % 50 == 7 else "stdout", "attempt": 1, "at_us": int((self.end - (self.lines - place) / 2000) * 1e6),
                "text": text + "." * (self.width - len(text))}

    def append(self, entry):
        self.later.append(entry)


class Gateway:
    """The state, and what may be done to it; `lock` is held while anything of it is read or changed."""

    def __init__(self, services=10, port=0, seed=1):
        self.lock = threading.Condition()
        self.random = random.Random(seed)
        self.services, self.runs, self.logs, self.events, self.definitions = {}, {}, {}, [], {}
        self.epoch, self.number, self.ring = "e1", 0, []
        self.places = itertools.count(1)
        self.revisions = itertools.count(1)
        self.attempts = itertools.count(1)
        self.calls, self.open_streams, self.measuring, self.resumed = [], 0, 0, []
        self.signed_in, self.connection, self.port = True, "connected", port
        self.refusals, self.server, self.sockets, self.sizes = {}, None, set(), []
        self.generation, self.path_mode = 0, False
        self.templates = [
            {"name": "jupyterlab", "description": "JupyterLab: notebooks, terminals and files of a folder", "path": "/usr/share/xpmd/jupyterlab.toml",
             "parameters": [{"name": "folder", "kind": "path", "description": "folder to show", "required": False, "default": "."},
                            {"name": "allow_root", "kind": "boolean", "description": "allow running as root", "required": False}]},
            {"name": "tensorboard", "description": "TensorBoard: scalars, graphs and more of training runs", "path": "/usr/share/xpmd/tensorboard.toml",
             "parameters": [{"name": "logdir", "kind": "path", "description": "folder with the event files; each subfolder with event files is a run", "required": True},
                            {"name": "reload_interval", "kind": "integer", "description": "seconds between reloads of the data (TensorBoard's default: 5)", "required": False}]},
            {"name": "broken", "description": "", "path": "/home/ada/.config/xpmd/templates/broken.toml", "parameters": [], "fault": "line 3: expected a value"},
        ]
        if services:
            self.populate(services)

    # What there is

    def populate(self, count):
        names = ["tensorboard", "jupyterlab", "mlflow", "optuna", "monitor", "server"]
        experiments = ["mnist", "translation", "protein-folding", "ablation", "speech"]
        run_size = max(4, min(40, count // 10))
        made = 0
        for number in itertools.count():
            if made >= count:
                break
            experiment = experiments[number % len(experiments)] if count < 50 else f"{experiments[number % len(experiments)]}-{number // 5 % 40:02}"
            began = time.time() - 1800 - 7200 * number
            run = datetime.fromtimestamp(began, timezone.utc).strftime("%Y%m%d_%H%M%S")
            self.add_run("/home/ada/workspace", experiment, run, began, "open" if number < 3 else self.random.choice(["done", "failed", "done"]))
            end = min(made + run_size, count)
            for place in itertools.count():
                if made >= end:
                    break
                base = names[place % len(names)]
                id = base if place < len(names) else f"{base}-{place}"
                state = self.random.choice(["RUNNING"] * 5 + ["STOPPED"] * (3 if number > 1 else 1) + ["STARTING", "ERROR"])
                self.add("/home/ada/workspace", experiment, run, id, state, template=base if base in ("tensorboard", "jupyterlab") else None)
                made += 1
                if base == "monitor" and made < end:
                    self.add("/home/ada/workspace", experiment, run, f"{id}/wandb", "RUNNING")
                    made += 1

    def add_run(self, workspace, experiment, run, began=None, status="open"):
        self.runs[workspace, experiment, run] = {
            "workspace": workspace, "experiment": experiment, "run": run, "run_mode": "NORMAL", "status": status,
            "opened_at": moment(began), "closed_at": None if status == "open" else moment(), "services": 0,
            "place": int(time.time() if began is None else began),
        }

    def add(self, workspace, experiment, run, id, state="STOPPED", **fields):
        key = (workspace, experiment, run, id)
        label = re.sub("[^a-z0-9]+", "-", f"{id}-{experiment}-{run}".lower())[:50].strip("-") + "-" + hashlib.sha256(repr(key).encode()).hexdigest()[:8]
        self.services[key] = {
            "workspace": workspace, "experiment": experiment, "run": run, "id": id, "name": f"{experiment}@{run}:{id}", "run_mode": "NORMAL",
            "description": "", "class": None, "template": None, "sub_services": [], "wanted": False, "attempt": None, "pid": None, "url": None,
            "error": None, "exit": None, "waiting_for": None, "stdout": f"/home/ada/.local/state/xpmd/logs/{len(self.services)}/stdout.log",
            "stderr": f"/home/ada/.local/state/xpmd/logs/{len(self.services)}/stderr.log", "label": label, "web": None,
            "place": next(self.places), "state": "STOPPED", "since": moment(time.time() - self.random.randrange(60, 90000)), "revision": next(self.revisions), **fields,
        }
        if "/" in id:
            parent = self.services.get((workspace, experiment, run, id.split("/")[0]))
            if parent:
                parent["sub_services"].append(id)
        self.definitions[key] = {"run": {"kind": "command", "arguments": ["python", "-m", id.split("/")[0], "--run", run]}, "folder": f"{workspace}/{experiment}"}
        self.logs[key] = []
        self.enter(key, state, None, quiet=True)
        return key

    def enter(self, key, state, cause, quiet=False, **fields):
        """A service goes to another state; the lock is held unless it is `quiet`, before anybody looks."""
        service = dict(self.services[key])
        previous = service["state"]
        service.update(state=state, revision=next(self.revisions), wanted=state in ("RUNNING", "STARTING"), error=None, waiting_for=None)
        service.pop("retry", None)
        if not quiet:
            service["since"] = moment()
        if state == "STARTING":
            service.update(attempt=next(self.attempts), waiting_for="its page to answer")
        if state == "RUNNING":
            service.update(pid=4000 + service["revision"] % 30000, url=f"http://127.0.0.1:{20000 + service['revision'] % 9000}/", attempt=service["attempt"] or next(self.attempts))
            service["web"] = f"http://{service['label']}.localhost:{self.port}/services/{key[3]}/"
            if not self.logs[key]:
                self.write(key, f"\x1b[32mINFO\x1b[0m {key[3]} is listening at {service['url']}")
        elif state in ("STOPPED", "ERROR"):
            service.update(pid=None, url=None)
        if state == "ERROR":
            service.update(error="exit code 1", exit={"at": moment(), "code": 1})
            self.write(key, "Traceback (most recent call last):", "stderr")
            self.write(key, '\x1b[31mRuntimeError\x1b[0m: CUDA error: out of memory', "stderr")
        service.update(fields)
        self.services[key] = service
        if quiet:
            return
        event = {"at": moment(), "kind": "service.changed", "previous": previous, "state": state, "cause": cause or "start requested", "seq": len(self.events) + 1,
                 **{name: service[name] for name in ("workspace", "experiment", "run", "id", "error", "exit", "attempt") if service[name] is not None}}
        self.events.append(event)
        self.publish("change", {"services": [service], "removed": [], "runs": [], "removed_runs": []})

    def write(self, key, text, stream="stdout", at=None):
        with self.lock:
            self.logs[key].append({"stream": stream, "attempt": self.services[key]["attempt"] or 1, "at_us": int((time.time() if at is None else at) * 1e6), "text": text})
            self.lock.notify_all()

    def publish(self, kind, data):
        self.number += 1
        self.ring.append((self.number, kind, json.dumps(data)))
        del self.ring[:-5000]
        self.lock.notify_all()

    # Faults, for tests

    def crash(self, key, error="exit code 139"):
        with self.lock:
            self.enter(key, "ERROR", "it exited", error=error, exit={"at": moment(), "signal": "SIGSEGV"})

    def change(self, key, **fields):
        with self.lock:
            self.services[key] = {**self.services[key], **fields, "revision": next(self.revisions)}
            self.publish("change", {"services": [self.services[key]], "removed": [], "runs": [], "removed_runs": []})

    def remove(self, key):
        with self.lock:
            self.services.pop(key)
            self.publish("change", {"services": [], "removed": [dict(zip(("workspace", "experiment", "run", "id"), key))], "runs": [], "removed_runs": []})

    def start(self):
        handler = type("Handler", (Handler,), {"gateway": self})
        ThreadingHTTPServer.allow_reuse_address = True
        self.server = Server(("127.0.0.1", self.port), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        """As SIGKILL: all connections end at once."""
        self.server.shutdown()
        self.server.server_close()
        with self.lock:
            self.generation += 1
            for one in list(self.sockets):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.lock.notify_all()

    def restart(self, keeps_ring=False):
        self.stop()
        if not keeps_ring:
            self.epoch, self.ring = f"e{int(self.epoch[1:]) + 1}", []
        self.start()

    @property
    def address(self):
        return f"http://localhost:{self.port}"

    def busy(self, changes):
        """Changes so many services a second, for ever."""
        while True:
            time.sleep(1 / changes)
            with self.lock:
                key = self.random.choice(list(self.services))
                if self.services[key]["state"] == "RUNNING" and self.random.random() < 0.8:
                    self.write(key, f"epoch {self.random.randrange(99)}: \x1b[36mloss\x1b[0m={self.random.random():.4f}")
                else:
                    self.enter(key, self.random.choice(["RUNNING", "RUNNING", "STARTING", "STOPPED", "ERROR"]), "it is busy")

    # Methods

    def key(self, params):
        service = params.get("service")
        if not isinstance(service, dict):
            raise Refused(400, "invalid_parameters", "cannot read the parameters of the request: 'service' is missing")
        key = tuple(service.get(part) for part in ("workspace", "experiment", "run", "id"))
        if key not in self.services:
            raise Refused(404, "not_found", f"cannot find the service '{service.get('id')}'", name=service.get("id"))
        return key

    def call(self, method, params):
        self.calls.append((method, params))
        if refusal := self.refusals.get(method):
            raise refusal
        handler = getattr(self, "do_" + method.replace(".", "_"), None)
        if not handler:
            raise Refused(404, "unknown_method", f"cannot do '{method}': there is no such method")
        with self.lock:
            return handler(params)

    def later(self, seconds, key, state, cause):
        def happen():
            with self.lock:
                if key in self.services and self.services[key]["state"] in ("STARTING", "STOPPING"):
                    self.enter(key, state, cause)

        threading.Timer(seconds, happen).start()

    def do_service_start(self, params):
        key = self.key(params)
        self.enter(key, "STARTING", "start requested")
        self.later(0.3, key, "RUNNING", "its page answered")
        return self.services[key]

    def do_service_stop(self, params):
        key = self.key(params)
        if self.services[key]["state"] == "ERROR":
            self.enter(key, "STOPPED", "stop requested")
        elif self.services[key]["state"] != "STOPPED":
            self.enter(key, "STOPPING", "stop requested")
            self.later(0.3, key, "STOPPED", "it exited")
        return self.services[key]

    def do_service_restart(self, params):
        key = self.key(params)
        self.enter(key, "STARTING", "restart requested")
        self.later(0.3, key, "RUNNING", "its page answered")
        return self.services[key]

    def do_service_remove(self, params):
        key = self.key(params)
        if self.services[key]["pid"]:
            raise Refused(409, "not_stopped", f"cannot remove '{key[3]}': it has a process")
        record = self.services[key]
        for other in [one for one in self.services if one[:3] == key[:3] and one[3].startswith(key[3] + "/")] + [key]:
            self.services.pop(other)
            self.publish("change", {"services": [], "removed": [dict(zip(("workspace", "experiment", "run", "id"), other))], "runs": [], "removed_runs": []})
        return record

    def do_service_get(self, params):
        key = self.key(params)
        return {"service": self.services[key], "definition": self.definitions[key]}

    def do_experiment_open(self, params):
        if not params["workspace"].startswith("/"):
            raise Refused(400, "invalid_parameters", f"cannot use '{params['workspace']}' as a workspace: it is not an absolute path", parameter="workspace")
        key = params["workspace"], params["experiment"], params["run"]
        if key not in self.runs:
            self.add_run(*key)
            self.publish("change", {"services": [], "removed": [], "runs": [self.runs[key]], "removed_runs": []})
        return self.runs[key]

    def do_service_add(self, params):
        run = params["workspace"], params["experiment"], params["run"]
        if run not in self.runs:
            raise Refused(404, "not_found", f"cannot find the run '{params['run']}'")
        key = (*run, params["id"])
        if key not in self.services:
            self.add(*key, template=params["definition"]["run"].get("template"))
            self.definitions[key] = params["definition"]
            # As of a gateway that gathers changes: the answer comes first.
            threading.Timer(0.2, lambda: self.change(key)).start()
        return {"service": self.services[key], "added": True}

    def do_template_list(self, params):
        return {"templates": self.templates}

    def do_events_list(self, params):
        events = self.events
        if "service" in params:
            key = self.key(params)
            events = [event for event in events if tuple(event.get(part) for part in ("workspace", "experiment", "run", "id")) == key]
        events = [event for event in events if params.get("since", 0) < event["seq"] < params.get("before", 1 << 60)]
        page = events[-params.get("limit", 100):]
        reply = {"events": page, "last": len(self.events)}
        if len(page) < len(events):
            reply["before"] = page[0]["seq"]
        return reply

    def do_service_logs(self, params):
        key = self.key(params)
        if key[3] == "journal":
            raise Refused(422, "unsupported", "cannot read its log: it is in the journal", command="journalctl --user -t journal")
        log = self.logs[key]
        time_of = lambda name: int(datetime.fromisoformat(params[name].replace("Z", "+00:00")).timestamp() * 1000) * 1000
        first = bisect.bisect_left(log, time_of("since"), key=at_us) if "since" in params else 0
        end = bisect.bisect_right(log, time_of("until"), key=at_us) if "until" in params else len(log)
        try:
            pattern = re.compile(params.get("grep", ""))
        except re.error as fault:
            raise Refused(400, "invalid_parameters", f"cannot use the pattern '{params['grep']}': {fault}", parameter="grep")
        fits = lambda entry: entry["stream"] in params["streams"] and pattern.search(entry["text"])
        if "cursor" in params:
            place = int(params["cursor"])
            if params.get("wait_s") and place >= len(log):
                generation = self.generation
                self.lock.wait_for(lambda: len(log) > place or self.generation != generation, params["wait_s"])
                end = len(log)
        elif "lines" in params or "since" not in params:
            place, left = end, params.get("lines", 100)
            for before in range(end - 1, first - 1, -1):
                if left == 0:
                    break
                if fits(log[before]):
                    place, left = before, left - 1
        else:
            place = first
        entries, size, looked = [], 0, 0
        while place < end and len(entries) < 16384 and size < 256 * 1024 and looked < 50_000:
            if fits(log[place]):
                entries.append(log[place])
                size += len(log[place]["text"])
            place, looked = place + 1, looked + 1
        return {"entries": entries, "attempts": [], "cursor": str(place), "more": place < end, "paths": {}}


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def setup(self):
        super().setup()
        self.gateway.sockets.add(self.connection)

    def finish(self):
        self.gateway.sockets.discard(self.connection)
        super().finish()

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="application/json", **fields):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in {"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
                            "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-cache", **fields}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, refused):
        body = {"error": {"code": refused.code, "message": str(refused), "data": {"code": refused.code, **refused.data}}}
        self.answer(refused.status, json.dumps(body).encode())

    def do_GET(self):
        path, _, query = self.path.removeprefix(PREFIX).partition("?")
        asset = ASSETS / ("index.html" if path == "/" else path.removeprefix("/assets/"))
        if path == "/api/v1/live":
            self.live(query)
        elif path == "/api/v1/session":
            self.answer(200, json.dumps({"user": "ada", "version": "0.3.0", "port": self.gateway.port, "path_mode": self.gateway.path_mode}).encode())
        elif (path == "/" or path.startswith("/assets/")) and asset.parent == ASSETS and asset.is_file():
            self.answer(200, asset.read_bytes(), TYPES[asset.suffix])
        else:
            self.answer(404)

    def do_POST(self):
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("X-XPM-Request") != "1":
            return self.refuse(Refused(403, "forbidden", "cannot do that: the header X-XPM-Request is missing"))
        if self.path.removeprefix(PREFIX) == "/api/sign-out":
            self.gateway.signed_in = False
            return self.answer(204)
        try:
            if not self.gateway.signed_in:
                raise Refused(401, "signed_out", "cannot do that: nobody is signed in")
            result = self.gateway.call(self.path.removeprefix(PREFIX).removeprefix("/api/v1/"), json.loads(content or b"{}"))
            body = json.dumps(result).encode()
            self.gateway.sizes.append(len(body))
            self.answer(200, body)
        except Refused as refused:
            self.refuse(refused)

    def live(self, query):
        gateway = self.gateway
        if not gateway.signed_in:
            return self.refuse(Refused(401, "signed_out", "cannot do that: nobody is signed in"))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with gateway.lock:
            gateway.open_streams += 1
            gateway.measuring += "usage=1" in query
            generation = gateway.generation
        try:
            self.stream(query, generation)
        except OSError:
            pass
        finally:
            with gateway.lock:
                gateway.open_streams -= 1
                gateway.measuring -= "usage=1" in query

    def stream(self, query, generation):
        gateway, last = self.gateway, self.headers.get("Last-Event-ID", "")
        epoch, _, number = last.partition(".")
        with gateway.lock:
            oldest = gateway.ring[0][0] - 1 if gateway.ring else gateway.number
            resumes = epoch == gateway.epoch and number.isdigit() and oldest <= int(number) <= gateway.number
            gateway.resumed.append(resumes)
            place = int(number) if resumes else gateway.number
            pieces = [] if resumes else self.snapshot()
        for piece in pieces:
            # Who comes back in the middle of it gets another one.
            self.send("snapshot", piece, place if piece is pieces[-1] else None)
        measured = 0
        while True:
            with gateway.lock:
                gateway.lock.wait_for(lambda: gateway.generation != generation or gateway.number > place, 1)
                if gateway.generation != generation:
                    return
                fresh = [one for one in gateway.ring if one[0] > place]
                connection = gateway.connection
            for place, kind, data in fresh:
                self.send(kind, data, place)
            if connection != getattr(self, "told", "connected"):
                self.told = connection
                self.send("change", json.dumps({"services": [], "removed": [], "runs": [], "removed_runs": [], "connection": connection}), place)
            if "usage=1" in query and time.monotonic() - measured > 1:
                measured = time.monotonic()
                self.send("usage", json.dumps({"at": moment(), "services": self.usage()}), place)
            self.wfile.write(b": \n\n")

    def snapshot(self):
        services, runs = list(self.gateway.services.values()), list(self.gateway.runs.values())
        # In the order of their last changes, whatever that is.
        random.shuffle(services)
        random.shuffle(runs)
        pieces = []
        for at in range(0, max(1, len(services)), SLICE):
            more = at + SLICE < len(services)
            pieces.append(json.dumps({"services": services[at:at + SLICE], "runs": [] if more else runs, "more": more, "first": at == 0, "removed": [], "removed_runs": [], "connection": self.gateway.connection}))
        return pieces

    def usage(self):
        with self.gateway.lock:
            running = [service for service in self.gateway.services.values() if service["state"] == "RUNNING"][:2000]
        tick = time.time()
        return [[service["place"], 180_000_000 + service["revision"] % 97 * 9_100_000, max(0, 40 + 35 * (service["revision"] % 3) + 25 * random.random() - tick % 7)] for service in running]

    def send(self, kind, data, number):
        id = "" if number is None else f"id: {self.gateway.epoch}.{number}\n"
        self.wfile.write(f"event: {kind}\n{id}data: {data}\n\n".encode())


def main():
    parser = argparse.ArgumentParser(description="Serves the dashboard with services that are not there.")
    parser.add_argument("--services", type=int, default=24)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--busy", type=float, default=2, help="changes a second; 0 for none")
    options = parser.parse_args()
    gateway = Gateway(options.services, options.port).start()
    print(gateway.address, flush=True)
    if options.busy:
        gateway.busy(options.busy)
    threading.Event().wait()


if __name__ == "__main__":
    main()
