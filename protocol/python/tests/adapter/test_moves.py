"""Service objects and experiment objects that are used twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instance import Instance
from xpmd import Client

from .program import Program, program

URL = "http://127.0.0.1:1/"
OTHER = "names.update(other=experiment(xp.workspace.path, 'other', no_environmental_impact=True))"


@pytest.fixture
def driver(instance: Instance) -> Iterator[Program]:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        yield driver


def enter_another(driver: Program) -> None:
    driver.hear()
    driver.ask(OTHER)
    driver.ask("str(other.__enter__())")
    driver.ask("attach(other)")


@pytest.mark.parametrize("made", ["Web()", "Composite()"])
def test_a_service_of_two_experiments_is_of_the_one_that_it_was_added_to_last(
    client: Client, driver: Program, made: str
) -> None:
    enter_another(driver)
    driver.ask(f"names.update(one={made}, part=lambda: one.subservices()[0])")
    driver.ask("add(one)")
    assert driver.ask("part().get_url()") == URL
    first = driver.ask("[type(one).__mro__[1].__qualname__, part().state.name]")
    assert driver.ask("facts(other.add_service(one))")["state"] == "STOPPED"
    # Nothing was swapped twice.
    assert driver.ask("[type(one).__mro__[1].__qualname__, 'RUNNING']") == first
    assert driver.ask("part().get_url()") == URL
    running = {(one.experiment, one.id) for one in client.list() if one.state.value == "RUNNING" and one.attempt}
    assert {experiment for experiment, _ in running} == {"exp", "other"}
    # It says what becomes of the second, whatever becomes of the first.
    id = driver.ask("part().id if part() is not one else None")
    name = driver.ask("one.id") + (f"/{id}" if id else "")
    client.stop(f"exp:{name}")
    client.wait(f"exp:{name}", "ended", 60)
    assert driver.ask("part().state.name") == "RUNNING"
    driver.ask("part().stop()")
    assert client.wait(f"other:{name}", "ended", 60).state.value == "STOPPED"
    driver.ask("other.__exit__(None, None, None)")


def test_one_that_runs_here_runs_on_when_another_experiment_has_it(client: Client, driver: Program) -> None:
    enter_another(driver)
    driver.ask("names.update(one=local())")
    driver.ask("add(one)")
    assert driver.ask("one.get_url()") == URL
    driver.ask("names.update(thread=one.thread)")
    driver.ask("facts(other.add_service(one))")
    assert driver.ask("one.get_url()") == URL and driver.ask("one.thread is thread") is True
    assert client.status("other:local").service.state.value == "RUNNING"
    driver.ask("one.stop()")
    assert driver.ask("thread.join(60) or thread.is_alive()") is False
    for name in ("exp", "other"):
        assert client.wait(f"{name}:local", "ended", 60).state.value == "STOPPED"
    driver.ask("other.__exit__(None, None, None)")


def test_an_experiment_that_is_entered_again_is_another_run(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask(OTHER)
    driver.ask("names.update(both=local())")
    runs = []
    for number in (1, 2):
        driver.ask("str(other.__enter__())")
        driver.ask("attach(other)")
        driver.ask("attach(other)")
        runs.append(driver.ask("other.run_id"))
        assert driver.ask(f"facts(other.add_service(Web('http://127.0.0.1:{number}/')))")["state"] == "STOPPED"
        assert driver.ask("other.services['web'].get_url()") == f"http://127.0.0.1:{number}/"
        # The same object is of both.
        driver.ask("facts(other.add_service(both))")
        assert driver.ask("both.get_url()") == URL
        driver.ask("other.__exit__(None, None, None)")
    # It has ended: what is added now is of no run.
    assert driver.ask("facts(other.add_service(OneShot()))")["state"] == "STOPPED"
    assert {one.run: one.status.value for one in client.experiments(experiment="other")} == dict.fromkeys(runs, "done")
    assert {(one.run, one.id) for one in client.list() if one.experiment == "other"} == {
        (run, id) for run in runs for id in ("web", "local")
    }
