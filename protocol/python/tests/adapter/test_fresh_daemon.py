"""Another xpmd, that knows nothing, comes to the same socket: an attached experiment makes itself known again."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from instance import LIMIT, Instance
from xpmd import Client, Definition, State

from .program import Program, awaited, program


@pytest.fixture
def driver(instance: Instance) -> Iterator[Program]:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        yield driver


def replace(instance: Instance, client: Client, *heard: Callable[[], object]) -> None:
    """Ends the daemon with its services, forgets all that it knew, and starts another one, once that was `heard` of."""
    instance.stop(client)
    for wait in heard:
        wait()
    shutil.rmtree(instance.places.state_folder)
    client.daemon_status()


def test_services_are_made_known_to_a_daemon_that_knows_nothing(
    instance: Instance, client: Client, driver: Program
) -> None:
    driver.hear()
    made = {"web": "Web()", "local": "local()", "monitoring": "Composite()"}
    for one in made.values():
        driver.ask(f"add({one})")
    for id in ("web", "local", "monitoring/board"):
        client.start(f"exp:{id}")
        client.wait(f"exp:{id}", "running", LIMIT)
    for id in made:
        driver.ask(f"Recorder().reached(get('{id}'), 'RUNNING')")
    # What it has not heard the end of, it would have started again.
    replace(instance, client, *(partial(driver.ask, f"Recorder().reached(get('{id}'), 'STOPPED')") for id in made))
    with client.events(since=0) as events:
        for id in made:
            awaited(events, "service.added", id=id)
    # As the new one has them: none runs.
    for id in made:
        assert driver.ask(f"Recorder().reached(get('{id}'), 'STOPPED')")["url"] is None
    assert client.experiments()[0].status.value == "open"
    # They run again, here and there, and the experiment hears of it.
    assert driver.ask("get('local').get_url()") == "http://127.0.0.1:1/"
    client.start("exp:web")
    client.start("exp:monitoring/board")
    for id in made:
        driver.ask(f"Recorder().reached(get('{id}'), 'RUNNING')")
    # The end of the experiment is told to the new one.
    with client.events() as events:
        driver.go("end")
        awaited(events, "experiment.closed")
    assert client.experiments()[0].status.value == "done"
    assert client.status("exp:web").service.state is State.RUNNING


def test_a_service_that_cannot_be_made_known_says_so_and_the_others_are(
    instance: Instance, client: Client, driver: Program
) -> None:
    run = driver.hear()["run"]
    driver.ask("add(Web())")
    driver.ask("add(OneShot())")
    # While it does not look, somebody else has the service's name in the new daemon.
    driver.process.send_signal(signal.SIGSTOP)
    replace(instance, client)
    workspace = os.path.realpath(instance.root / "ws")
    client.open_experiment(workspace, "exp", run)
    client.add(workspace, "exp", run, "web", Definition.of_command(["sleep", "1000"]))
    client.start("exp:web")
    with client.events(since=0) as events:
        driver.process.send_signal(signal.SIGCONT)
        awaited(events, "service.added", id="one-shot")
    assert "exp" in driver.ask("facts(get('web'))")["error"]
    assert "cannot make the service 'web' known to xpmd again" in driver.log
    assert driver.ask("facts(get('one-shot'))")["error"] is None


def test_services_of_an_experiment_that_has_ended_are_made_known_too(
    instance: Instance, client: Client, driver: Program
) -> None:
    driver.hear()
    driver.ask("add(Web())")
    driver.ask("get('web').get_url()")
    driver.go("end")
    assert driver.hear()["ended"]
    replace(instance, client, partial(driver.ask, "Recorder().reached(xp.services['web'], 'STOPPED')"))
    with client.events(since=0) as events:
        awaited(events, "experiment.closed")
    assert client.experiments()[0].status.value == "done"
    client.start("exp:web")
    assert client.wait("exp:web", "running", LIMIT).url == "http://127.0.0.1:1/"
