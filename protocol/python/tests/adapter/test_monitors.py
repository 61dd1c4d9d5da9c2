"""Experiments without a line for xpmd, and experimaestro's own monitors (EXPERIMAESTRO.md's L13, L14, L21)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from instance import LIMIT, Instance
from xpmd import Client, State

from .program import awaited, environment, program

EXPERIMAESTRO = Path(sys.executable).parent / "experimaestro"


def services(instance: Instance, *words: str) -> str:
    """What `experimaestro experiments services …` prints in a process of its own."""
    done = subprocess.run(
        [EXPERIMAESTRO, "experiments", "--workdir", str(instance.root / "ws"), "services", *words],
        env=environment(instance, hook=True), cwd=instance.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=2 * LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("made", ["Web()", "OfMain()"])
def test_a_monitor_shows_and_drives_what_xpmd_has(instance: Instance, client: Client, made: str) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "nothing", hook=True) as driver:
        driver.hear()
        driver.ask(f"add({made})")
        id = client.list()[0].id
        assert "STOPPED" in services(instance, "list")
        client.start(f"exp:{id}")
        client.wait(f"exp:{id}", "running", 60)
        listed = services(instance, "list")
        assert "RUNNING" in listed and "http://127.0.0.1:1/" in listed
        driver.go("end")
        assert driver.hear()["ended"]
    client.stop(f"exp:{id}")
    client.wait(f"exp:{id}", "ended", 60)
    # Started by a monitor of a finished experiment: it runs under xpmd, in one instance.
    with client.events() as events, subprocess.Popen(
        [EXPERIMAESTRO, "experiments", "--workdir", str(instance.root / "ws"), "services", "start", id],
        env=environment(instance, hook=True), cwd=instance.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as monitor:
        try:
            assert awaited(events, "service.changed", id=id, state=State.RUNNING).url == "http://127.0.0.1:1/"
            monitor.kill()
            monitor.wait()
            assert client.status(f"exp:{id}").service.state.value == "RUNNING"
        finally:
            monitor.kill()
    assert len(client.list()) == 1


def test_two_monitors_share_one_instance(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "nothing", hook=True) as driver:
        driver.hear()
        driver.ask("add(Web())")
        driver.go("end")
        assert driver.hear()["ended"]
    command = [EXPERIMAESTRO, "experiments", "--workdir", str(instance.root / "ws"), "services", "start", "web"]
    monitors = []
    try:
        for _ in range(2):
            monitors.append(
                subprocess.Popen(
                    command, env=environment(instance, hook=True), cwd=instance.root, text=True, stdout=subprocess.PIPE
                )
            )
        for monitor in monitors:
            assert monitor.stdout is not None
            # Each says where it is.
            assert any("http://127.0.0.1:1/" in line for line in monitor.stdout)
        service = client.status("exp:web").service
        assert service.state is State.RUNNING and service.attempt == 1
        assert len(client.list()) == 1
    finally:
        for monitor in monitors:
            monitor.kill()
            monitor.communicate()


def test_the_hook_is_off_where_nobody_turned_it_on(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "nothing") as driver:
        driver.hear()
        assert driver.ask("add(Web())")["state"] == "STOPPED"
    assert client.list() == []


def test_it_is_off_by_its_variable_and_in_hosts_and_on_by_the_settings(tmp_path: Path) -> None:
    from xpmd._hook import is_on

    here = {"XPMD_CONFIG_DIR": str(tmp_path)}
    assert not is_on(here)
    assert is_on({**here, "XPMD_SOCKET": "/s"})
    assert not is_on({**here, "XPMD_SOCKET": "/s", "XPMD_ATTACH": "0"})
    assert not is_on({**here, "XPMD_SOCKET": "/s", "XPM_HOST": "/f"})
    for text, on in [
        ("[python]\nattach = true # yes\n", True), ("[python]\nattach = false\n", False), ("python.attach = true\n", True),
        ("[other]\nattach = true\n", False), ('[python]\ninterpreter = "/p"\nattach=true\n', True),
    ]:
        (tmp_path / "config.toml").write_text(text)
        assert is_on(here) is on, text


def test_the_hook_imports_nothing(instance: Instance) -> None:
    code = "import sys; print(sorted(m for m in sys.modules if m.startswith('xpmd') or m in ('re', 'json', 'pathlib')))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(instance, hook=True), text=True, stdout=subprocess.PIPE, check=True
    )
    assert done.stdout.strip() == "['xpmd', 'xpmd._hook']"


@pytest.mark.parametrize("kind", ["fifo", "folder", "nothing", "bytes"])
def test_settings_that_cannot_be_read_leave_the_hook_off(tmp_path: Path, kind: str) -> None:
    from xpmd._hook import is_on

    settings = tmp_path / "config.toml"
    match kind:
        case "fifo":
            os.mkfifo(settings)
        case "folder":
            settings.mkdir()
        case "bytes":
            settings.write_bytes(b"[python]\n\xff\xfe = 1\n")
    assert not is_on({"XPMD_CONFIG_DIR": str(tmp_path)})


def test_an_experiment_that_the_hook_cannot_attach_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from xpmd.experimaestro import attaching, hooked

    class experiment:
        name = "exp"

        def __enter__(self) -> experiment:
            return self

    def attach(xp: object) -> None:
        raise OSError(24, "too many open files")

    module = ModuleType("of-experiments")
    vars(module)["experiment"] = experiment
    monkeypatch.setattr(attaching, "attach", attach)
    hooked.experiments(module)
    one = experiment()
    assert one.__enter__() is one
    assert "cannot attach 'exp' to xpmd: [Errno 24]" in caplog.text
