"""The dashboard on the real programs: xpm-web, xpmd and services that live."""
import hashlib
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import ROOT, eventually, row
from playwright.sync_api import expect

BIN = pathlib.Path(os.environ.get("XPM_TEST_BIN", ROOT / ".build/debug"))
SERVER = """
import http.server, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
port = int(sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler)
print("\\x1b[32mserving\\x1b[0m", port, flush=True)
server.serve_forever()
"""


class Programs:
    """xpmd, its services and xpm-web, in folders of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.workspace = folder / "ws"
        self.workspace.mkdir()
        # A socket's path has 107 bytes at most.
        self.environment = {**os.environ, "XPMD_RUNTIME_DIR": str(folder / "run"), "XPMD_STATE_DIR": str(folder / "state"), "XPMD_CONFIG_DIR": str(folder / "config"),
                            "XPMD_CACHE_DIR": str(folder / "cache"), "PATH": f"{BIN}:{os.environ['PATH']}", "SWIFT_BACKTRACE": "enable=no"}
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.run("daemon", "start")
        self.web = None
        self.serve()

    def run(self, *arguments, check=True):
        done = subprocess.run([BIN / "xpmctl", *arguments], env=self.environment, cwd=self.workspace, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def serve(self):
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        place = self.folder / "notify"
        place.unlink(missing_ok=True)
        told.bind(str(place))
        told.settimeout(60)
        self.web = subprocess.Popen(
            [BIN / "xpm-web", "--port", str(self.port)], env={**self.environment, "NOTIFY_SOCKET": str(place)},
            stdout=subprocess.DEVNULL, stderr=open(self.folder / "web.log", "ab"))
        try:
            while b"READY=1" not in told.recv(4096):
                pass
        except TimeoutError:
            raise AssertionError("xpm-web is not ready: " + (self.folder / "web.log").read_text()) from None
        finally:
            told.close()

    def kill_web(self):
        self.web.kill()
        self.web.wait()

    @property
    def link(self):
        """What `xpmctl web` prints: a code is a file that is named by its hash."""
        code, codes = secrets.token_urlsafe(32), self.folder / "state/web/codes"
        codes.mkdir(mode=0o700, parents=True, exist_ok=True)
        expiry = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
        (codes / hashlib.sha256(code.encode()).hexdigest()).write_text(json.dumps({"expires_at": expiry}))
        return f"http://localhost:{self.port}/sign-in#code={code}"

    def end(self):
        if self.web.poll() is None:
            self.web.terminate()
            self.web.wait(10)
        self.run("daemon", "stop", "--force", check=False)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    if not (BIN / "xpm-web").exists():
        pytest.skip(f"there is no xpm-web in {BIN}")
    programs = Programs(tmp_path_factory.mktemp("w"))
    yield programs
    programs.end()


@pytest.fixture
def gateway(programs):
    class Address:
        address = f"http://localhost:{programs.port}"

    return Address


@pytest.fixture
def page(programs, visit):
    page = visit(programs.link.removeprefix(f"http://localhost:{programs.port}"))
    page.wait_for_url(f"http://localhost:{programs.port}/")
    expect(page.locator("#line-text")).to_have_text("Live")
    return page


def add_server(programs, id):
    programs.run("add", id, "--port", "0", "--url", "http://127.0.0.1:{port}/", "--", sys.executable, "-c", SERVER, "{port}")
    programs.run("start", id)


def test_services_of_a_real_daemon_are_shown_measured_opened_and_stopped(programs, page, screenshot):
    add_server(programs, "real")
    expect(row(page, "real").locator(".word")).to_have_text("Running")
    expect(row(page, "real").locator(".remark")).to_have_text(re.compile("serving \\d+"))
    expect(row(page, "real").locator(".c-memory")).to_have_text(re.compile("MB"), timeout=30_000)
    expect(row(page, "real").locator("a")).to_have_attribute("href", re.compile(rf"^http://real-[\w-]+\.localhost:{programs.port}/"))
    row(page, "real").locator(".names").click()
    expect(page.locator(".facts")).to_contain_text("http.server")
    expect(page.locator(".event").first).to_be_visible()
    screenshot(page, "real")
    page.locator("#detail").get_by_role("button", name="Stop").click()
    expect(row(page, "real").locator(".word")).to_have_text("Stopped")
    page.locator("#detail").get_by_role("button", name="Start", exact=True).click()
    expect(row(page, "real").locator(".word")).to_have_text("Running")


def test_a_real_crash_turns_red_by_itself_and_says_why(programs, page, screenshot):
    add_server(programs, "doomed")
    expect(row(page, "doomed").locator(".word")).to_have_text("Running")
    pid = json.loads(programs.run("status", "doomed", "--output", "json"))["pid"]
    os.kill(pid, signal.SIGSEGV)
    expect(row(page, "doomed").locator(".word")).to_have_text("Error")
    row(page, "doomed").locator(".names").click()
    expect(page.locator(".facts")).to_contain_text("it crashed: invalid memory access")
    screenshot(page, "real-crash")


def test_a_real_log_follows_and_is_searched(programs, page):
    programs.run("add", "writer", "--", "sh", "-c", 'i=0; while :; do i=$((i+1)); printf "\\033[36mstep\\033[0m %d\\n" $i; sleep 0.05; done')
    programs.run("start", "writer")
    row(page, "writer").locator(".names").click()
    page.locator("#tab-logs").click()
    expect(page.locator(".log-text").last).to_have_text(re.compile(r"step \d\d"))
    number = lambda: int(page.locator(".log-text").last.inner_text().split()[1])
    first = number()
    eventually(lambda: page.evaluate(f"Number([...document.querySelectorAll('.log-text')].at(-1).textContent.split(' ')[1]) > {first} + 5"), page)
    page.get_by_label("Show only lines that match a regular expression").fill(" 1[0-9]$")
    expect(page.locator(".log-text").last).to_have_text("step 19")
    expect(page.locator(".log-text")).to_have_count(10)
    programs.run("stop", "writer")


def test_the_page_survives_a_sigkill_of_xpm_web_and_of_xpmd(programs, page):
    add_server(programs, "steady")
    expect(row(page, "steady").locator(".word")).to_have_text("Running")
    programs.kill_web()
    programs.run("stop", "steady")
    expect(page.locator("#banner")).to_contain_text("Not connected to xpm-web")
    programs.serve()
    expect(page.locator("#line-text")).to_have_text("Live", timeout=30_000)
    expect(row(page, "steady").locator(".word")).to_have_text("Stopped")
    os.kill(json.loads(programs.run("daemon", "status", "--output", "json"))["pid"], signal.SIGKILL)
    expect(page.locator("#banner")).to_contain_text("xpmd does not answer")
    programs.run("daemon", "start")
    expect(page.locator("#line-text")).to_have_text("Live", timeout=30_000)


def test_a_template_is_started_for_real_and_errors_are_told_in_place(programs, page):
    page.locator("#create").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Template").select_option(label="tensorboard")
    dialog.get_by_label("Belongs to").select_option("folder")
    dialog.get_by_label("Folder", exact=True).fill(str(programs.folder / "missing"))
    dialog.get_by_label("logdir (required)").fill("runs")
    dialog.get_by_role("button", name="Start").click()
    # Its folder is not there: that stands at the service, which was added.
    told = page.locator("#detail .notice.bad, #detail .said p, dialog .notice.bad, dialog .problem").filter(visible=True)
    expect(told.first).to_contain_text("does not exist")


def test_the_files_of_the_page_are_compiled_in_as_they_stand(programs, page):
    for file in sorted((ROOT / "Sources/XPMWeb/Dashboard/assets").iterdir()):
        answer = page.request.get(f"http://localhost:{programs.port}/" + ("" if file.name == "index.html" else f"assets/{file.name}"))
        assert answer.ok and answer.body() == file.read_bytes(), file.name
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_signing_out_for_real_ends_the_session(programs, page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("body")).to_contain_text("xpmctl web")
