#!/usr/bin/env python3
"""test-templates.py [--bin FOLDER] [--tools FOLDER] [TEMPLATE…]

Starts real tools by the shipped templates and uses them through the web page: signed in by a code, by a bearer token, and not at all;
their pages with all assets, their APIs, their WebSockets; stopped and gone. Each tool is installed into an environment of its own below
--tools, once. Without names every template is tested.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.dont_write_bytecode = True
from template_tools import TOOLS, Site  # noqa: E402
from web_client import NAVIGATION, SAME_ORIGIN, Browser  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"


class Environments:
    """Of each tool a Python environment that is made once, and anew when its packages change."""

    def __init__(self, folder):
        self.folder = folder
        lines = (ROOT / "scripts/template-tools").read_text(encoding="utf-8").splitlines()
        pairs = [line.partition(":") for line in lines if line.strip() and not line.startswith("#")]
        self.packages = {name: packages.split() for name, _, packages in pairs}

    def python(self, name):
        """The interpreter of a tool's environment."""
        packages = self.packages[name]
        if not packages:
            return sys.executable
        return self.made(name, packages, lambda place: (
            [self.uv(), "venv", "--quiet", "--clear", "--python", sys.executable, place],
            [self.uv(), "pip", "install", "--quiet", "--python", f"{place}/bin/python", *packages]))

    def uv(self):
        python = self.made("uv", [UV], lambda place: (
            [sys.executable, "-m", "venv", "--clear", place],
            [f"{place}/bin/pip", "install", "--quiet", "--disable-pip-version-check", UV]))
        return python.removesuffix("python") + "uv"

    def made(self, name, packages, commands):
        place, mark = self.folder / name, self.folder / name / ".ready"
        wanted = " ".join(packages)
        if not mark.exists() or mark.read_text() != wanted:
            self.folder.mkdir(parents=True, exist_ok=True)
            for command in commands(str(place)):
                subprocess.run(command, check=True, timeout=600, env={**os.environ, "UV_CACHE_DIR": str(self.folder / "cache")})
            mark.write_text(wanted)
        return f"{place}/bin/python"


class World:
    """A daemon and a web page of their own."""

    def __init__(self, programs):
        self.programs = programs
        self.scratch = Path(tempfile.mkdtemp(prefix="xpm-templates-"))
        places = {f"XPMD_{name}_DIR": str(self.scratch / name.lower()) for name in ("RUNTIME", "STATE", "CONFIG", "CACHE")}
        home = self.scratch / "home"
        home.mkdir()
        # Tools keep settings at home, and ask about being used without a terminal.
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("XPM", "JUPYTER", "STREAMLIT", "GRADIO"))},
            **places, "HOME": str(home), "DO_NOT_TRACK": "1", "NO_COLOR": "1"}

    def xpmctl(self, *words, folder=None, path=None, check=True):
        environment = dict(self.environment)
        if path:
            environment["PATH"] = f"{path}:{environment['PATH']}"
        found = subprocess.run(
            [f"{self.programs}/xpmctl", *words], cwd=folder or self.scratch, env=environment, capture_output=True, text=True,
            timeout=300, stdin=subprocess.DEVNULL)
        if check and found.returncode != 0:
            raise AssertionError(f"xpmctl {' '.join(words)}: exit code {found.returncode}: {found.stderr.strip()}")
        return found

    def data(self, *words, **options):
        return json.loads(self.xpmctl(*words, "--output", "json", **options).stdout)

    def end(self):
        self.xpmctl("daemon", "stop", check=False)
        shutil.rmtree(self.scratch, ignore_errors=True)


def claims(world, name, python):
    """Everything that must be true of one template."""
    tool = TOOLS[name]
    folder = world.scratch / "projects" / name
    folder.mkdir(parents=True)
    tool.prepare(folder, python)
    here = {"folder": folder, "path": str(Path(python).parent)}
    start = ["start", name, *tool.words]
    world.xpmctl(*start, **here)
    record = world.data("status", name, **here)
    yield "it is started", record["state"] == "RUNNING"

    url = world.xpmctl("url", name, "--web", **here).stdout.strip()
    parts = urlsplit(url)
    yield "it has an origin of its own", parts.hostname.endswith(".localhost")

    stranger = Browser().request(url, headers=NAVIGATION)
    yield "a stranger is sent to the sign-in", stranger.status == 302 and f"://localhost:{parts.port}/" in stranger.headers["Location"]
    yield "a stranger gets nothing else", Browser().request(url, headers=SAME_ORIGIN).status == 401

    browser = Browser()
    browser.sign_in(world.xpmctl("web").stdout.strip())
    page = browser.open(url)
    yield "its page loads after a sign-in by code", page.status == 200 and tool.title in page.text
    prefix = tool.prefix.format(name=name)
    place = urlsplit(page.url)
    yield "its page is on that origin, below its prefix", place.netloc == parts.netloc and place.path.startswith(prefix + "/")

    bearer = world.xpmctl("web", "token", "add", name, "--scope", "all").stdout.strip()
    program = Browser().request(f"http://{parts.netloc}{prefix}/", headers={"Authorization": f"Bearer {bearer}"})
    yield f"a program's token opens it: {program.status}", program.status in (200, 302, 303, 307)

    checked = world.xpmctl("check", name, "--output", "json", check=False, **here)
    report = json.loads(checked.stdout)
    yield f"xpmctl check finds no fault {report['faults']}", checked.returncode == 0 and report["requests"] > 1

    yield from tool.claims(Site(browser, page.url, prefix), folder, python)
    yield from stopped(world, name, record, here)


def stopped(world, name, record, here):
    begin = time.monotonic()
    world.xpmctl("stop", name, **here)
    took = time.monotonic() - begin
    with socket.socket() as probe:
        yield f"after {took:.1f} s of stopping nobody listens", probe.connect_ex(("127.0.0.1", record["port"])) != 0
    exit_report = world.data("status", name, **here)
    yield "it was not killed", exit_report["state"] == "STOPPED" and (exit_report["exit"] or {}).get("signal") != "SIGKILL"


def tested(world, name, environments):
    """Tests one template and prints a line of it; gives how many claims held, and those that did not."""
    begin = installed = time.monotonic()
    count, failures = 0, []
    folder = world.scratch / "projects" / name
    try:
        python = environments.python(name)
        installed = time.monotonic()
        for claim, holds in claims(world, name, python):
            count += holds
            if not holds:
                failures.append(claim)
    except Exception as error:  # one that fails keeps no other from being tested
        failures.append(f"{type(error).__name__}: {error}")
    packages = " ".join(environments.packages[name]) or "Python's http.server"
    times = f"installed in {installed - begin:.1f} s, tested in {time.monotonic() - installed:.1f} s"
    print(f"  {name:17} {packages:36} {count:3} claims, {times}", flush=True)
    for claim in failures:
        print(f"FAILED: {name}: {claim}", flush=True)
    if folder.exists():
        if failures:
            print(world.xpmctl("logs", name, folder=folder, check=False).stdout[-1500:], flush=True)
        world.xpmctl("stop", name, folder=folder, check=False)
    return count, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=str(ROOT / ".build/release"), help="folder of the programs")
    parser.add_argument("--tools", default=str(ROOT / ".build/templates"), help="folder of the tools' environments")
    parser.add_argument("templates", nargs="*", help="templates to test (default: all)")
    options = parser.parse_args()
    shipped = {path.stem for path in (ROOT / "share/xpmd/templates").glob("*.toml")}
    environments = Environments(Path(options.tools))
    if shipped != set(TOOLS) or shipped != set(environments.packages):
        sys.exit(f"cannot test every template: shipped are {sorted(shipped)}, tested {sorted(TOOLS)}, installed {sorted(environments.packages)}")
    unknown = set(options.templates) - shipped
    if unknown:
        sys.exit(f"there is no template {', '.join(sorted(unknown))}")

    world = World(options.bin)
    held, failed = 0, []
    try:
        world.xpmctl("web")
        for name in options.templates or TOOLS:
            count, failures = tested(world, name, environments)
            held += count
            if failures:
                failed.append(name)
    finally:
        world.end()
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")
    print(f"test-templates.py: {held} claims held")


if __name__ == "__main__":
    main()
