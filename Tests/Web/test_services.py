"""What people have a web page for: real tools in a real browser, started, used, left alone, woken and stopped; and what one service's page can do to the others."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import pytest
from conftest import ROOT, SIZES, eventually, row
from playwright.sync_api import TimeoutError, expect

BIN = pathlib.Path(os.environ.get("XPM_TEST_BIN", ROOT / ".build/debug"))
# Where scripts/test-templates.py installs tools.
TOOLS = pathlib.Path(os.environ.get("XPM_TEST_TOOLS", ROOT / ".build/templates"))
# The environments of tools: their own, else this Python's.
PYTHON = {name: own if (own := TOOLS / name / "bin/python").exists() else pathlib.Path(sys.executable) for name in ("tensorboard", "jupyterlab")}
# Tools read tens of megabytes of Python and JavaScript before they show anything.
PATIENCE = 90_000


class World:
    """xpmd and the web page that it starts, in folders of their own, as a person has them."""

    def __init__(self, folder):
        self.folder, self.workspace = folder, folder / "ws"
        for place in (self.workspace, folder / "home"):
            place.mkdir()
        tools = dict.fromkeys([BIN, *(python.parent for python in PYTHON.values())])
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XPM", "JUPYTER"))}
        self.environment = {**kept, **{f"XPMD_{name}_DIR": str(folder / name.lower()) for name in ("RUNTIME", "STATE", "CONFIG", "CACHE")},
                            "HOME": str(folder / "home"), "PATH": ":".join([*map(str, tools), os.environ["PATH"]]), "SWIFT_BACKTRACE": "enable=no"}

    def run(self, *words, check=True, folder=None):
        done = subprocess.run([BIN / "xpmctl", *words], env=self.environment, cwd=folder or self.workspace, capture_output=True, text=True, timeout=180)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def status(self, id, **options):
        return json.loads(self.run("status", id, "--output", "json", **options))

    def url(self, id, **options):
        return self.run("url", id, "--web", **options)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    if not (BIN / "xpm-web").exists():
        pytest.skip(f"there is no xpm-web in {BIN}")
    world = World(tmp_path_factory.mktemp("s"))
    yield world
    world.run("daemon", "stop", "--force", check=False)


@pytest.fixture
def person(world, chromium):
    """A browser that is signed in by the link of `xpmctl web`, and looks at the dashboard."""
    context = chromium.new_context(viewport=SIZES["screen"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(world.run("web"))
    expect(page.locator("#line-text")).to_have_text("Live")
    yield page
    context.close()


def follow(page, id):
    """Opens a service's page as people do: by the link of its row, which is a tab of its own."""
    word(page, id).to_have_text("Running", timeout=PATIENCE)
    with page.context.expect_page() as opened:
        row(page, id).locator("a").click()
    return opened.value


def word(page, id):
    return expect(row(page, id).locator(".word"))


def test_tensorboard_is_started_seen_stopped_and_its_crash_turns_red(world, person, screenshot):
    if not shutil.which("tensorboard", path=world.environment["PATH"]):
        pytest.skip("NOT TESTED: there is no tensorboard beside this Python")
    subprocess.run([PYTHON["tensorboard"], ROOT / "scripts/write-events.py", "runs"], cwd=world.workspace, check=True, capture_output=True)
    person.locator("#create").click()
    dialog = person.get_by_role("dialog")
    dialog.get_by_label("Template").select_option(label="tensorboard")
    dialog.get_by_label("Belongs to").select_option("folder")
    dialog.get_by_label("Folder", exact=True).fill(str(world.workspace))
    dialog.get_by_label("logdir (required)").fill("runs")
    dialog.get_by_role("button", name="Start").click()
    word(person, "tensorboard").to_have_text("Running", timeout=PATIENCE)

    board = follow(person, "tensorboard")
    assert re.match(r"http://tensorboard-[\w-]+\.localhost:\d+/services/tensorboard/", board.url), board.url
    for tag in ("accuracy", "loss"):
        card = board.locator("scalar-card", has_text=tag)
        expect(card.locator("line-chart").first).to_be_visible(timeout=PATIENCE)
        eventually(lambda: drawn(card), board, timeout=60)
    expect(board.locator("runs-data-table")).to_contain_text("lr=0.01")
    screenshot(board, "tensorboard")

    row(person, "tensorboard").locator(".names").click()
    person.locator("#detail").get_by_role("button", name="Stop").click()
    word(person, "tensorboard").to_have_text("Stopped", timeout=PATIENCE)
    assert world.status("tensorboard")["state"] == "STOPPED"
    # What its user has stopped is not started by a visit, but by a button.
    board.reload()
    expect(board.get_by_role("status")).to_have_text("tensorboard was stopped")
    board.get_by_role("button", name="Start").click()
    expect(board.locator("scalar-card").first).to_be_visible(timeout=PATIENCE)
    word(person, "tensorboard").to_have_text("Running")

    # Its policy would start it again.
    world.run("add", "doomed", "--port", "0", "--url", "http://127.0.0.1:{port}/", "--", "tensorboard", "--logdir", "runs", "--host", "127.0.0.1", "--port", "{port}")
    world.run("start", "doomed")
    word(person, "doomed").to_have_text("Running", timeout=PATIENCE)
    colour = lambda: row(person, "doomed").locator(".word").evaluate("(one) => getComputedStyle(one).color")
    before = colour()
    os.kill(world.status("doomed")["pid"], signal.SIGSEGV)
    word(person, "doomed").to_have_text("Error")
    red, green, blue = map(int, re.findall(r"\d+", colour())[:3])
    assert red > 1.5 * max(green, blue) and colour() != before
    screenshot(person, "tensorboard-crash")


def drawn(card):
    """Whether lines stand in a chart: pixels of a canvas, or paths of SVG where there is no WebGL."""
    return card.evaluate("""(card) => [...card.querySelectorAll("line-chart svg:not([viewBox]) path")].some((one) => one.getTotalLength() > 100)
      || [...card.querySelectorAll("line-chart canvas")].some((one) => {
        const copy = new OffscreenCanvas(one.width, one.height).getContext("2d");
        copy.drawImage(one, 0, 0);
        return new Set(new Uint32Array(copy.getImageData(0, 0, one.width, one.height).data.buffer)).size > 8;
      })""")


@pytest.fixture
def jupyter():
    if not PYTHON["jupyterlab"].with_name("jupyter-lab").exists():
        pytest.skip(f"NOT TESTED: there is no JupyterLab in {TOOLS}; `scripts/test-templates.py jupyterlab` installs it")
    return ["jupyterlab", *(["--allow_root"] if os.getuid() == 0 else [])]


@pytest.fixture
def desktop(world, chromium, tmp_path):
    """A browser as people have it, whose tabs in the background are hidden: elsewhere Playwright shows all of them to be in front."""
    folder = tmp_path / "profile"
    browser = subprocess.Popen([os.environ.get("CHROMIUM") or shutil.which("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--window-size=1360,860",
                                "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: (folder / "DevToolsActivePort").exists() and "\n" in (folder / "DevToolsActivePort").read_text(), timeout=60)
        port = (folder / "DevToolsActivePort").read_text().split()[0]
        connection = chromium.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}", no_defaults=True)
        context = connection.contexts[0]
        context.set_default_timeout(PATIENCE)
        page = context.pages[0]
        page.goto(world.run("web"))
        expect(page.locator("#line-text")).to_have_text("Live")
        yield page
        connection.close()
    finally:
        browser.terminate()
        browser.wait(20)


def folder_of(world, name, code=""):
    folder = world.folder / name
    folder.mkdir()
    cell = {"cell_type": "code", "id": "one", "source": code, "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    (folder / f"{name}.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": [cell]}))
    return folder


def run_cell(page, name):
    """Opens the notebook and runs its cell, as people do; its output is what stands below."""
    listed(page, name).dblclick()
    output = page.locator(".jp-Notebook:visible .jp-OutputArea-output").first
    # What is asked of it while the notebook is still being set up is lost: then people press again.
    for _ in range(PATIENCE // 5_000):
        page.locator(".jp-Notebook:visible .jp-CodeCell .jp-InputPrompt").first.click()
        page.get_by_role("button", name="Run this cell and advance").filter(visible=True).click()
        try:
            output.wait_for(timeout=5_000)
            break
        except TimeoutError:
            continue
    return output


def listed(page, name):
    return page.locator(".jp-DirListing-itemText", has_text=f"{name}.ipynb")


def test_two_jupyterlabs_side_by_side_run_cells_and_stay_signed_in(world, person, jupyter, screenshot):
    folders = {name: folder_of(world, name, f"print('{name}', 6 * 7)") for name in ("left", "right")}
    for name, folder in folders.items():
        world.run("start", *jupyter, "--name", name, folder=folder)
    labs = {name: follow(person, name) for name in folders}
    sockets = {name: [] for name in folders}
    for name, lab in labs.items():
        lab.on("websocket", lambda socket, name=name: sockets[name].append(socket.url))
        expect(run_cell(lab, name)).to_have_text(re.compile(f"^{name} 42"), timeout=PATIENCE)
        host = lab.evaluate("location.host")
        assert any(re.match(rf"ws://{re.escape(host)}/services/{name}/api/kernels/[^/]+/channels", url) for url in sockets[name]), sockets[name]
    screenshot(labs["right"], "jupyterlab")
    # Each after the other was opened: none has put the other out.
    for name, lab in labs.items():
        lab.reload()
        expect(listed(lab, name)).to_be_visible(timeout=PATIENCE)
        assert "/login" not in lab.url
    assert len({lab.evaluate("location.origin") for lab in labs.values()}) == 2
    for name, folder in folders.items():
        world.run("stop", name, folder=folder)


def test_a_jupyterlab_sleeps_behind_its_open_tab_and_wakes_on_the_same_url(world, desktop, jupyter):
    folder = folder_of(world, "sleeper", "print(6 * 7)")
    # Longer than a tab that is seen waits before it asks again.
    world.run("start", *jupyter, "--name", "sleeper", "--idle", "12s", folder=folder)
    lab = follow(desktop, "sleeper")
    lab.bring_to_front()
    expect(run_cell(lab, "sleeper")).to_have_text(re.compile("^42"), timeout=PATIENCE)
    url = lab.url
    desktop.bring_to_front()
    eventually(lambda: lab.evaluate("document.visibilityState") == "hidden", lab)
    eventually(lambda: world.status("sleeper", folder=folder).get("asleep"), desktop, timeout=90)
    word(desktop, "sleeper").to_have_text("Asleep")
    # It has lost its socket and tries again and again: that starts nothing, nor does what its page asks for.
    answer = lab.evaluate("fetch('/services/sleeper/api/kernels').then((answer) => [answer.status, answer.headers.get('Retry-After')])")
    assert answer[0] == 503 and answer[1]
    closed = lab.evaluate("new Promise((done) => { const one = new WebSocket(location.origin.replace('http', 'ws') + '/services/sleeper/api/kernels/x/channels'); one.onclose = () => done('closed'); one.onopen = () => done('open'); })")
    assert closed == "closed"
    asleep = world.status("sleeper", folder=folder)
    assert asleep["asleep"] and asleep["exit"]["by"] == "idle"
    # Whoever opens it again has it.
    lab.bring_to_front()
    lab.goto(url)
    expect(listed(lab, "sleeper")).to_be_visible(timeout=PATIENCE)
    assert lab.url.split("?")[0].split("/tree")[0] == url.split("?")[0].split("/tree")[0]
    desktop.bring_to_front()
    word(desktop, "sleeper").to_have_text("Running")
    woken = world.status("sleeper", folder=folder)
    assert woken["idle"]["woken_by"] == "woken by a visit" and woken["attempt"] > asleep["attempt"]
    world.run("stop", "sleeper", folder=folder)


COMPUTE = """async ([base, token, code]) => {
  const answer = await fetch(base + "api/kernels", {method: "POST", body: "{}", headers: {Authorization: `token ${token}`, "Content-Type": "application/json"}});
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}${base}api/kernels/${(await answer.json()).id}/channels?session_id=s&token=${token}`);
  await new Promise((done, fail) => { socket.onopen = done; socket.onclose = () => fail(new Error("it is closed")); });
  socket.send(JSON.stringify({channel: "shell", header: {msg_id: "m", username: "", session: "s", msg_type: "execute_request", version: "5.3"}, parent_header: {}, metadata: {},
    content: {code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false}}));
  await new Promise((done) => { socket.onmessage = (event) => { if (String(event.data).includes("it computes")) done(); }; });
}"""


def test_while_a_cell_computes_it_does_not_sleep_though_nobody_looks(world, person, jupyter):
    folder = folder_of(world, "worker")
    world.run("start", *jupyter, "--name", "worker", "--idle", "3s", folder=folder)
    token = re.search(r"token=(\w+)", world.run("url", "worker", folder=folder))[1]
    page = person.context.new_page()
    page.goto(world.url("worker", folder=folder).rstrip("/") + "/services/worker/login")
    # Three times as long as it may be idle.
    page.evaluate(COMPUTE, ["/services/worker/", token, "import time; print('it computes', flush=True); time.sleep(10); open('done', 'w').write('x')"])
    page.close()
    eventually(lambda: (folder / "done").exists() or world.status("worker", folder=folder)["state"] != "RUNNING", person, timeout=60)
    assert (folder / "done").exists(), world.run("why", "worker", folder=folder)
    eventually(lambda: world.status("worker", folder=folder).get("asleep"), person, timeout=60)


# A service's page that says what its visitor sees, and writes down who asks for it. What it serves has nothing that protects it.
NEIGHBOUR = """
import http.server, json, sys
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "png": "image/svg+xml", "live": "text/event-stream"}
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        with open("asked.jsonl", "a") as log:
            log.write(json.dumps([self.command, self.path, dict(self.headers)]) + chr(10))
        name = self.path.rsplit("/", 1)[1]
        kind = KINDS.get(name.rpartition(".")[2], "text/html")
        body = {"text/event-stream": "data: secret\\n\\n", "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "text/css": "", "text/javascript": "globalThis.onconnect = null",
                "text/html": f"<title>{sys.argv[2]}</title><p>the secret of {sys.argv[2]}"}[kind].encode()
        if name in ("attack.js", "worker.js"):
            body = open(name, "rb").read()
        self.send_response(200)
        for name, value in (("Content-Type", kind), ("Content-Length", len(body)), ("Service-Worker-Allowed", "/"), ("Access-Control-Allow-Origin", "*")):
            self.send_header(name, str(value))
        if sys.argv[2] == "hostile":
            for cookie in (f"{sys.argv[3]}=evil; Path=/; Secure", f"{sys.argv[3]}=evil; Domain=localhost; Path=/; Secure", "xpm=evil; Domain=localhost; Path=/", "other=evil; Domain=.localhost; Path=/"):
                self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")
    do_GET = do_POST = do_PUT = do_OPTIONS = do_HEAD = do_DELETE = answer
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

# Catches whatever its worker is asked for, and keeps it.
WORKER = """
const caught = [];
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => { caught.push(event.request.url); });
self.addEventListener("message", (event) => event.ports[0].postMessage(caught));
"""

# All that a page can try to read or change at another origin. Each attempt tells what it got, and null if it got nothing.
ATTACK = """
const got = async (attempt) => { try { return (await attempt()) ?? null; } catch { return null; } };
const soon = (ms) => new Promise((done) => setTimeout(done, ms));
const text = async (url, options) => { const answer = await fetch(url, {credentials: "include", ...options}); return answer.type === "opaque" || answer.type === "opaqueredirect" ? null : `${answer.status} ${await answer.text()}`; };
const loaded = (name, url, parts = {}) => new Promise((done) => {
  const one = Object.assign(document.createElement(name), parts);
  one.onload = () => done(`${name} is loaded`);
  one.onerror = () => done(null);
  one[name === "link" ? "href" : "src"] = url;
  document.body.append(one);
  setTimeout(() => done(null), 4000);
});
const framed = async (url) => {
  const frame = document.createElement("iframe");
  const done = new Promise((done) => { frame.onload = done; setTimeout(done, 4000); });
  frame.src = url;
  document.body.append(frame);
  await done;
  return frame.contentDocument?.documentElement.outerHTML ?? frame.contentWindow.document.documentElement.outerHTML;
};
const opened = async (url) => {
  const heard = [];
  const listen = (event) => { if (event.origin !== location.origin) heard.push(String(event.data)); };
  addEventListener("message", listen);
  const other = open(url);
  await soon(1500);
  const read = await got(() => other.document.documentElement.outerHTML);
  const named = await got(() => other.location.href);
  for (const message of ["hello", {type: "stop"}, {data: {method: "service.stop"}}, JSON.stringify({event: "snapshot", services: []})]) await got(() => other.postMessage(message, "*"));
  await soon(300);
  removeEventListener("message", listen);
  await got(() => other.close());
  return [read, named, ...heard].filter((one) => one !== null && one !== "about:blank").join() || null;
};
const streamed = (make) => new Promise((done) => {
  const one = make();
  one.onopen = () => done("it is open");
  one.onmessage = (event) => done(event.data);
  one.onerror = () => done(null);
});
const posted = (url, body, options = {}) => () => text(url, {method: "POST", body, ...options});
const submitted = (url) => async () => {
  const frame = Object.assign(document.createElement("iframe"), {name: "f" + Math.random()});
  const form = Object.assign(document.createElement("form"), {action: url, method: "post", enctype: "text/plain", target: frame.name});
  form.append(Object.assign(document.createElement("input"), {name: '{"service":' + JSON.stringify(victim) + ',"x":"', value: '"}'}));
  document.body.append(frame, form);
  form.submit();
  await soon(800);
  return frame.contentDocument?.body?.textContent || null;
};
let victim;

async function attack(dashboard, sibling, label, service) {
  victim = service;
  const stop = JSON.stringify({service}), api = `${dashboard}/api/v1/`, header = {"X-XPM-Request": "1", "Content-Type": "application/json"};
  const socket = (url) => () => streamed(() => new WebSocket(url.replace("http", "ws")));
  const attempts = {
    opener: () => window.opener && "there is an opener",
    referrer: () => document.referrer.replace(location.origin, "").includes("localhost") ? document.referrer : null,
    cookie: () => document.cookie.includes("__Host-xpm") ? document.cookie : null,
    "the dashboard by fetch": () => text(dashboard + "/"),
    "the dashboard without cors": () => text(dashboard + "/", {mode: "no-cors"}),
    "the dashboard in a frame": () => framed(dashboard + "/"),
    "the dashboard in a window": () => opened(dashboard + "/"),
    "the session": () => text(api + "session"),
    "the list": posted(api + "service.list", "{}", {headers: header}),
    "the list without the header": posted(api + "service.list", "{}"),
    "a stop": posted(api + "service.stop", stop, {headers: header}),
    "a stop without the header": posted(api + "service.stop", stop),
    "a stop without cors": posted(api + "service.stop", stop, {mode: "no-cors", headers: {"Content-Type": "text/plain"}}),
    "a stop by a beacon": async () => { navigator.sendBeacon(api + "service.stop", stop); await soon(300); return null; },
    "a stop by a form": submitted(api + "service.stop"),
    "a stop by GET": () => text(`${api}service.stop?service=${encodeURIComponent(JSON.stringify(service))}`),
    "a sign-out": posted(dashboard + "/api/sign-out", "", {headers: {"X-XPM-Request": "1"}}),
    "a sign-out by a form": submitted(dashboard + "/api/sign-out"),
    "the live stream": () => streamed(() => new EventSource(api + "live", {withCredentials: true})),
    "a socket to the dashboard": socket(api + "live"),
    "metrics": () => text(dashboard + "/metrics"),
    "a script of the dashboard": () => loaded("script", dashboard + "/assets/api.js", {type: "module"}),
    "a plain script of the dashboard": () => loaded("script", dashboard + "/assets/api.js"),
    "a style of the dashboard": () => loaded("link", dashboard + "/assets/base.css", {rel: "stylesheet"}),
    "a picture of the dashboard": () => loaded("img", dashboard + "/assets/icon.svg"),
    "a module of the dashboard": async () => Object.keys(await import(dashboard + "/assets/api.js")).join(),
    "a worker of the dashboard": () => new SharedWorker(dashboard + "/assets/live-worker.js") && "there is a worker",
    "a code for the sibling": () => text(`${dashboard}/enter?label=${label}&to=/`),
    "a code for the sibling, its redirect": async () => (await fetch(`${dashboard}/enter?label=${label}&to=/`, {credentials: "include", redirect: "manual"})).headers.get("Location"),
    "a code for the sibling in a frame": () => framed(`${dashboard}/enter?label=${label}&to=/`),
    "a code for the sibling in a window": () => opened(`${dashboard}/enter?label=${label}&to=/`),
    "the sibling by fetch": () => text(sibling),
    "the sibling without cookies": () => text(sibling, {credentials: "omit"}),
    "the sibling without cors": () => text(sibling, {mode: "no-cors"}),
    "the sibling, posted to": posted(sibling, "x", {mode: "no-cors"}),
    "the sibling by way of the dashboard": () => text(dashboard + new URL(sibling).pathname),
    "the sibling in a frame": () => framed(sibling),
    "the sibling in a window": () => opened(sibling),
    "the sibling's picture": () => loaded("img", sibling + "a.png"),
    "the sibling's script": () => loaded("script", sibling + "attack.js"),
    "a socket to the sibling": socket(sibling),
    "a start of the sibling": posted(new URL("/.xpm/start", sibling), "", {headers: {"X-XPM-Request": "1"}}),
    "the sibling's state": () => text(new URL("/.xpm/wait", sibling)),
    "a worker of the dashboard's own": async () => (await navigator.serviceWorker.register(dashboard + "/assets/live-worker.js")).scope,
    "a worker for the dashboard": async () => (await navigator.serviceWorker.register("worker.js", {scope: dashboard + "/"})).scope,
    "a worker for the sibling": async () => (await navigator.serviceWorker.register("worker.js", {scope: sibling})).scope,
  };
  const found = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    const one = await got(attempt);
    if (one !== null) found[name] = String(one).slice(0, 300);
  }
  return [Object.keys(attempts), found];
}

async function set_cookies(name) {
  for (const domain of ["localhost", ".localhost", "", location.hostname])
    for (const one of [name, "xpm", "anything"])
      for (const more of ["", "; Secure", "; Secure; SameSite=None"]) document.cookie = `${one}=evil; Path=/${domain && `; Domain=${domain}`}${more}`;
  // More than a browser keeps of a site: the oldest would go.
  for (let number = 0; number < 400; number += 1) document.cookie = `fill${number}=${"x".repeat(50)}; Domain=localhost; Path=/`;
}

async function take_requests() {
  const worker = await navigator.serviceWorker.register("worker.js", {scope: "/"});
  await navigator.serviceWorker.ready;
  return worker.scope;
}

async function caught() {
  const channel = new MessageChannel(), said = new Promise((done) => { channel.port1.onmessage = (event) => done(event.data); });
  (await navigator.serviceWorker.ready).active.postMessage("", [channel.port2]);
  return said;
}
"""


# What a page at its own origin has nothing of, or what is told by what it changes.
CANNOT_TELL = {"opener", "referrer", "cookie", "a stop by a beacon", "a code for the sibling, its redirect", "a socket to the dashboard", "a socket to the sibling"}


def add_page(world, id, cookie):
    folder = folder_of(world, id)
    for name, script in (("server.py", NEIGHBOUR), ("worker.js", WORKER), ("attack.js", ATTACK)):
        (folder / name).write_text(script)
    world.run("add", id, "--port", "0", "--url", "http://127.0.0.1:{port}/", "--", sys.executable, "server.py", "{port}", id, cookie, folder=folder)
    world.run("start", id, folder=folder)
    return folder


def asked(folder):
    return [json.loads(line) for line in (folder / "asked.jsonl").read_text().splitlines()]


def test_a_hostile_page_reads_and_changes_nothing_of_others(world, person):
    name = next(one["name"] for one in person.context.cookies() if one["domain"] == "localhost")
    folders = {id: add_page(world, id, name) for id in ("victim", "hostile")}
    victim = follow(person, "victim")
    expect(victim.locator("p")).to_have_text("the secret of victim")
    hostile = follow(person, "hostile")
    expect(hostile.locator("p")).to_have_text("the secret of hostile")
    assert hostile.evaluate("window.opener") is None
    sibling, dashboard = victim.url, person.url.rstrip("/")
    service = {part: world.status("victim", folder=folders["victim"])[part] for part in ("workspace", "experiment", "run", "id")}
    records = lambda: [world.status(id, folder=folder) for id, folder in folders.items()]
    # Idle times and use change by themselves.
    facts = lambda: [[one[part] for part in ("id", "state", "attempt", "since", "pid")] for one in records()]
    # Whoever is led to the sibling again has a new session there instead of the old one.
    sessions = lambda: sorted(json.loads(path.read_text()).get("label", "") for path in (world.folder / "state/web/sessions").iterdir())
    cookies = lambda: {(one["domain"], one["name"]): one["value"] for one in person.context.cookies() if one["domain"] == "localhost"}
    before, jar = facts(), cookies()
    hostile.add_script_tag(url=hostile.url + "attack.js")
    # At its own origin they do get something, or they would show nothing.
    own, label = hostile.url.removesuffix("/services/hostile/"), lambda url: url.split("//")[1].split(".")[0]
    tried, found = hostile.evaluate("(given) => attack(...given)", [own, hostile.url, label(hostile.url), service])
    assert set(tried) - set(found) <= CANNOT_TELL
    hostile.evaluate("navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((one) => one.unregister())))")
    hostile.reload()
    hostile.add_script_tag(url=hostile.url + "attack.js")
    kept, seen = sessions(), len(asked(folders["victim"]))
    _, found = hostile.evaluate("(given) => attack(...given)", [dashboard, sibling, label(sibling), service])
    assert found == {}
    assert facts() == before and sessions() == kept and cookies() == jar
    # Whole windows are its visitor's own; of the sibling nothing else was asked.
    others = [one for one in asked(folders["victim"])[seen:] if one[2].get("Sec-Fetch-Mode") != "navigate" or one[2].get("Sec-Fetch-Dest") != "document" or one[0] != "GET"]
    assert [one for one in others if not one[1].endswith("favicon.ico")] == []

    # Cookies, set by its server and by its scripts, reach nobody else, and displace none.
    hostile.evaluate("set_cookies", name)
    assert cookies() == jar
    hostile.reload()
    expect(hostile.locator("p")).to_have_text("the secret of hostile")
    victim.reload()
    expect(victim.locator("p")).to_have_text("the secret of victim")
    assert not any("evil" in one[2].get("Cookie", "") for one in asked(folders["victim"]))
    assert not any("__Host-xpm" in one[2].get("Cookie", "") or "code=" in one[1] for folder in folders.values() for one in asked(folder))

    # A worker of its own sees its own requests alone.
    hostile.add_script_tag(url=hostile.url + "attack.js")
    assert hostile.evaluate("take_requests()") == hostile.evaluate("location.origin + '/'")
    for page in (person, victim, hostile):
        page.reload()
    expect(person.locator("#line-text")).to_have_text("Live")
    hostile.add_script_tag(url=hostile.url + "attack.js")
    caught = hostile.evaluate("caught()")
    assert caught and all(url.startswith(hostile.evaluate("location.origin") + "/") for url in caught)
    assert person.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert victim.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    # Its visitor is signed in still, and may do what the page could not.
    assert facts() == before and sessions() == kept
    word(person, "victim").to_have_text("Running")
    answer = person.evaluate("(service) => fetch('api/v1/service.get', {method: 'POST', body: JSON.stringify({service}), headers: {'X-XPM-Request': '1', 'Content-Type': 'application/json'}}).then((answer) => answer.status)", service)
    assert answer == 200
