"""What README and the pages of this package show in Python runs as it stands, block after block, against an xpmd of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from instance import LIMIT, Instance
from xpmd import Client, Definition, Readiness, State

from .program import awaited, environment

pytest.importorskip("tensorboard")

ROOT = Path(__file__).resolve().parents[4]
PAGES = ["README.md", "protocol/python/README.md", "protocol/python/EXPERIMAESTRO.md"]
#: A block that is only a part of a program has this before it, and says of what.
_FRAGMENT = re.compile(r"<!-- fragment: (.+) -->\s*\Z")


def blocks(page: str) -> list[tuple[str, str]]:
    """The page's blocks of Python, each with the text before it."""
    before, found = "", list[tuple[str, str]]()
    for piece in re.split(r"^(```python\n.*?^```)$", (ROOT / page).read_text(), flags=re.DOTALL | re.MULTILINE):
        if piece.startswith("```python\n"):
            found.append((before, piece.removeprefix("```python\n").removesuffix("```")))
        before = piece
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs_as_it_stands(instance: Instance, client: Client, page: str) -> None:
    shown = blocks(page)
    assert shown
    home = instance.root
    for number, (before, block) in enumerate(shown):
        if _FRAGMENT.search(before):
            continue
        script = home / f"block{number}.py"
        script.write_text(block)
        if "NOTIFY_SOCKET" in block:  # It is for a service of xpmd's, which has one.
            runs_as_a_service(client, home, script)
            continue
        done = subprocess.run(
            [sys.executable, script], env=environment(instance, hook=False), cwd=home, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=3 * LIMIT,
        )
        assert done.returncode == 0, f"{page}, block {number + 1}:\n{block}\n{done.stderr}"
        assert "get_url" not in block or "http://" in done.stdout


def runs_as_a_service(client: Client, folder: Path, script: Path) -> None:
    run = client.open_experiment(folder, "notifies")
    definition = Definition.of_command([sys.executable, str(script)]).replace(readiness=Readiness(notify=True), watchdog_s=20)
    client.add(folder, "notifies", run.run, "block", definition)
    with client.events() as events:
        client.start("notifies:block")
        assert awaited(events, "service.changed", id="block", state=State.RUNNING).url == "http://127.0.0.1:8000/"
    assert client.wait("notifies:block", "ended", LIMIT).state is State.STOPPED


def test_no_example_listens_where_others_can_reach_it() -> None:
    kinds = ("*.md", "protocol/**/*.md", "man/*", "Examples/**/*", "share/**/*.toml", "Sources/XPMCommands/**/*.swift")
    # What recognizes the addresses of pages shows none.
    reads = ROOT / "Sources/XPMCommands/Checking"
    for path in (path for kind in kinds for path in ROOT.glob(kind) if path.is_file() and path.parent != reads):
        for line in path.read_text(errors="replace").splitlines():
            assert "0.0.0.0" not in line, path
            if "http.server" in line:
                assert re.search(r"(bind|-b)\W+127\.0\.0\.1", line), f"{path}: {line}"


def test_the_example_in_swift_runs_as_its_page_says(instance: Instance, client: Client) -> None:
    if not (Path(instance.programs) / "example-experiment").exists():
        pytest.skip("XPM_TEST_BIN has no example-experiment")
    shown = re.findall(r"^```sh\n(.*?)^```", (ROOT / "Examples/experiment/README.md").read_text(), re.DOTALL | re.MULTILINE)
    # The programs and TensorBoard are there already, and /tmp is everybody's.
    lines = [line for line in shown[0].splitlines() if not re.match("make |python3 -m venv|export|.*/pip ", line)]
    script = "\n".join(lines).replace("/tmp/", f"{instance.root}/")
    assert len(lines) == 3
    done = subprocess.run(
        ["bash", "-euxc", script], env=environment(instance, hook=False), cwd=instance.root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=3 * LIMIT,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^http://127\.0\.0\.1:\d+/", done.stdout, re.MULTILINE) and "RUNNING" in done.stdout
    assert client.status("example:tensorboard").service.state is State.STOPPED
