"""experimaestro's terminal monitor, in tmux, drives what xpmd owns (EXPERIMAESTRO.md's L13, L15, L16)."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from instance import LIMIT, Instance
from xpmd import Client, State

from .program import awaited, environment, program

EXPERIMAESTRO = Path(sys.executable).parent / "experimaestro"


class Terminal:
    """A terminal of tmux's, in a server of its own."""

    def __init__(self, instance: Instance, command: list[str]) -> None:
        self._socket = str(instance.root / "tmux")
        self._environment = environment(instance, hook=True) | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self._cwd = instance.root
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "40", shlex.join(command))

    def tmux(self, *words: str) -> str:
        done = self._run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["tmux", "-S", self._socket, *words], env=self._environment, cwd=self._cwd, text=True, timeout=LIMIT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def shows(self, *texts: str, pressing: tuple[str, ...] = ()) -> None:
        """Returns once the screen has all these texts; presses keys until then."""
        deadline = time.monotonic() + 2 * LIMIT
        while time.monotonic() < deadline:
            screen = self.tmux("capture-pane", "-p")
            if all(text in screen for text in texts):
                return
            if pressing:
                self.press(*pressing)
            time.sleep(0.3)  # tmux tells nobody what a screen shows
        raise AssertionError(f"the terminal does not show {texts}:\n{screen}")

    def close(self) -> None:
        self._run("kill-server")


@pytest.fixture
def monitor(instance: Instance, client: Client, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """The monitor of a finished experiment with the service of the test's parameter, at its tab of services."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    workspace = instance.root / "ws"
    with program(instance, "driver.py", str(workspace), "exp", "nothing", hook=True) as driver:
        driver.hear()
        driver.ask(f"add({request.param})")
        driver.go("end")
        assert driver.hear()["ended"]
    terminal = Terminal(
        instance, [str(EXPERIMAESTRO), "experiments", "--workdir", str(workspace), "monitor", "--console"]
    )
    try:
        # It opens the only experiment by itself, once it has found it.
        terminal.shows("exp", "Jobs", "Services", "Actions")
        # Again if the monitor was not ready for keys.
        terminal.shows("Description", "Sync", pressing=("s",))
        yield terminal
    finally:
        terminal.close()


# The second one does not call its base's set_experiment.
@pytest.mark.parametrize("monitor", ["Web()", "Aloof()"], indirect=True)
def test_the_terminal_monitor_starts_and_stops_in_xpmd(client: Client, monitor: Terminal) -> None:
    id = client.list()[0].id
    monitor.shows(id, "STOPPED")
    with client.events() as events:
        monitor.press("C-s")
        assert awaited(events, "service.changed", id=id, state=State.RUNNING).url == "http://127.0.0.1:1/"
        monitor.shows("RUNNING", "http://127.0.0.1:1/")
        pid = client.status(f"exp:{id}").service.pid
        # A host of xpmd's runs it, not the monitor.
        assert pid is not None and pid != int(monitor.tmux("display-message", "-p", "#{pane_pid}"))
        monitor.press("C-k")
        awaited(events, "service.changed", id=id, state=State.STOPPED)
    monitor.shows(id, "STOPPED")


@pytest.mark.parametrize("monitor", ["NeverReady()"], indirect=True)
def test_the_terminal_monitor_stops_what_is_starting(client: Client, monitor: Terminal) -> None:
    monitor.shows("never-ready", "STOPPED")
    with client.events() as events:
        monitor.press("C-s")
        awaited(events, "service.changed", id="never-ready", state=State.STARTING)
        monitor.press("C-k")
        awaited(events, "service.changed", id="never-ready", state=State.STOPPED)
        # It is not frozen: it shows that, and hears the next key.
        monitor.shows("never-ready", "STOPPED")
        monitor.press("C-s")
        awaited(events, "service.changed", id="never-ready", state=State.STARTING)


@pytest.mark.parametrize("monitor", ["NeverReady()"], indirect=True)
def test_the_terminal_monitor_shows_what_others_do(client: Client, monitor: Terminal) -> None:
    """Nobody presses a key meanwhile; so a stop that takes longer than the monitor waits for it is seen to end, too."""
    monitor.shows("never-ready", "STOPPED")
    with client.events() as events:
        monitor.press("C-s")
        awaited(events, "service.changed", id="never-ready", state=State.STARTING)
        monitor.shows("never-ready", "STARTING")
        client.stop("exp:never-ready")
        awaited(events, "service.changed", id="never-ready", state=State.STOPPED)
        monitor.shows("never-ready", "STOPPED")


@pytest.mark.parametrize("monitor", ["Noisy()"], indirect=True)
def test_what_a_service_writes_is_in_its_log_and_not_on_the_terminal_monitor(client: Client, monitor: Terminal) -> None:
    monitor.shows("noisy", "STOPPED")
    monitor.press("C-s")
    monitor.shows("RUNNING", "http://127.0.0.1:1/")
    log = client.status("exp:noisy").service.stderr
    assert log is not None
    # The second of the lines to come is written with the screen as it is now.
    with subprocess.Popen(["tail", "-n", "0", "-f", log], stdout=subprocess.PIPE, text=True) as lines:
        assert lines.stdout is not None
        assert all("painted over the screen" in lines.stdout.readline() for _ in range(2))
        lines.terminate()
    assert "painted over" not in monitor.tmux("capture-pane", "-p")
