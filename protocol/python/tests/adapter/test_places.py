"""Where a service belongs is what xpmd knows, not what a class says that keeps its base out of it (EXPERIMAESTRO.md's 1.1, L13)."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from instance import LIMIT, Instance
from xpmd import Client, State

from .program import Program, awaited, environment, program

EXPERIMAESTRO = Path(sys.executable).parent / "experimaestro"
#: The documentation's own, which does not call its base's `set_experiment` either.
SEED = pytest.param(
    "__import__('tbservice').TensorboardService(xp.workdir / 'runs')", id="seed",
    marks=pytest.mark.skipif(find_spec("tensorboard") is None, reason="there is no tensorboard"),
)


def services(instance: Instance, *words: str, hook: bool = True) -> subprocess.CompletedProcess[str]:
    """`experimaestro experiments services …` in a process of its own."""
    done = subprocess.run(
        [EXPERIMAESTRO, "experiments", "--workdir", str(instance.root / "ws"), "services", *words],
        env=environment(instance, hook=hook), cwd=instance.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=2 * LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return done


def recorded(driver: Program) -> dict[str, Any]:
    """What experimaestro has written of the only service."""
    found: dict[str, Any] = json.loads(Path(driver.ask("str(xp.workdir / 'status.json')")).read_text())["services"]
    (entry,) = found.values()
    return entry  # type: ignore[no-any-return]


def shown_and_driven(instance: Instance, client: Client, id: str, hook: bool = True) -> None:
    """experimaestro's command line shows the one that runs in xpmd, and starts no other."""
    before = client.status(f"exp:{id}").service
    assert before.state is State.RUNNING and before.url is not None
    for words in (["list"], ["list", "exp", "--run", before.run]):
        listed = services(instance, *words, hook=hook)
        assert "RUNNING" in listed.stdout and before.url in listed.stdout
        assert "WARNING" not in listed.stderr
    with client.events() as events, subprocess.Popen(
        [EXPERIMAESTRO, "experiments", "--workdir", str(instance.root / "ws"), "services", "start", id],
        env=environment(instance, hook=hook), cwd=instance.root, text=True, stdout=subprocess.PIPE,
    ) as monitor:
        try:
            assert monitor.stdout is not None
            assert any(before.url in line for line in monitor.stdout)
            after = client.status(f"exp:{id}").service
            assert (after.pid, after.attempt) == (before.pid, before.attempt)
            # It stays until its service ends, whoever ends it.
            client.stop(f"exp:{id}")
            awaited(events, "service.changed", id=id, state=State.STOPPED)
            assert monitor.wait(LIMIT) == 0
        finally:
            monitor.kill()
    assert len(client.list()) == 1


@pytest.mark.parametrize("made", [SEED, "Elsewhere()"])
@pytest.mark.parametrize("how", ["attach", "experiment", "nothing"])
def test_however_it_is_attached_monitors_show_and_drive_the_one_there_is(
    instance: Instance, client: Client, how: str, made: str
) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", how, hook=how == "nothing") as driver:
        run = driver.hear()["run"]
        driver.ask(f"add({made})")
        id = client.list()[0].id
        assert driver.ask(f"get({id!r}).get_url()")
        shown_and_driven(instance, client, id)
        client.start(f"exp:{id}")
        client.wait(f"exp:{id}", "running", 60)
        # What the program writes at its end is what it has heard until then.
        assert driver.ask(f"get({id!r}).get_url()")
        path = driver.ask("str(xp.workdir / 'status.json')")
        driver.go("end")
        assert driver.hear()["ended"]
        entry = json.loads(Path(path).read_text())["services"][id]
        assert (entry["experiment_id"], entry["run_id"], entry["state"]) == ("exp", run, "RUNNING")
        assert entry["url"] == client.status(f"exp:{id}").service.url
        assert str(driver.ask(f"get({id!r}).stdout")).endswith(f"/services/{id}/logs.out")
    shown_and_driven(instance, client, id)


@pytest.mark.parametrize("made", ["Web()", SEED])
def test_of_a_watched_workspace_too(instance: Instance, client: Client, made: str) -> None:
    client.list()  # Starts it.
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "nothing") as driver, client.events(0) as events:
        driver.hear()
        client.watch_workspace(instance.root / "ws")
        driver.ask(f"add({made})")
        id = str(awaited(events, "service.added").id)
        driver.go("end")
        assert driver.hear()["ended"]
        awaited(events, "experiment.closed")
    client.start(f"exp:{id}")
    client.wait(f"exp:{id}", "running", 60)
    shown_and_driven(instance, client, id)


def test_monitors_that_nobody_has_attached_show_and_drive_what_xpmd_has(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Aloof())")
        assert driver.ask("get('aloof').get_url()")
        shown_and_driven(instance, client, "aloof", hook=False)


def test_and_leave_alone_what_it_has_not(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "nothing") as driver:
        driver.hear()
        driver.ask("add(Web())")
        driver.go("end")
        assert driver.hear()["ended"]
    # Where none runs it is not started; where one does, it is told of nothing.
    listed = services(instance, "list", hook=False)
    assert "STOPPED" in listed.stdout and "WARNING" not in listed.stderr
    assert not Path(instance.places.socket).exists()
    assert client.list() == []
    assert "STOPPED" in services(instance, "list", hook=False).stdout
    assert client.list() == []


def test_what_a_class_cannot_say_costs_its_experiment_no_record(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        run = driver.hear()["run"]
        driver.ask("add(Mute())")
        path = driver.ask("str(xp.workdir / 'status.json')")
        driver.go("end")
        assert driver.hear()["ended"]
        entry = json.loads(Path(path).read_text())["services"]["mute"]
        assert (entry["experiment_id"], entry["run_id"], entry["class"]) == ("exp", run, "kinds.Mute")
        assert "the service 'mute' cannot be recorded" in driver.log
    client.start("exp:mute")
    assert client.wait("exp:mute", "running", 60).url == "http://127.0.0.1:1/"


def test_one_added_to_a_second_experiment_belongs_to_that(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("names.setdefault('one', Aloof()) and add(one)")
        assert driver.ask("[one.experiment_id, one.run_id == xp.run_id]") == ["exp", True]
