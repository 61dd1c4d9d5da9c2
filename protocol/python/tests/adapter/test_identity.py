"""Workspace, experiment, run and id: equal ids never meet (EXPERIMAESTRO.md's I1 to I4); runs and their ends."""

from __future__ import annotations

import pytest

from instance import Instance
from xpmd import Client

from .program import awaited, program


def test_equal_ids_in_experiments_runs_and_workspaces_never_meet(instance: Instance, client: Client) -> None:
    first, second = str(instance.root / "ws"), str(instance.root / "other")
    where = [(first, "exp"), (first, "exp-b"), (second, "exp"), (first, "exp")]
    for number, (workspace, name) in enumerate(where):
        with program(instance, "driver.py", workspace, name, "attach") as driver:
            driver.hear()
            driver.ask(f"add(Web('http://127.0.0.1:{number}/'))")
            assert driver.ask("get('web').get_url()") == f"http://127.0.0.1:{number}/"
            driver.go("end")
            assert driver.hear()["ended"]
    services = client.list()
    assert len({(service.workspace, service.experiment, service.run) for service in services}) == 4
    assert sorted(str(service.url) for service in services) == [f"http://127.0.0.1:{n}/" for n in range(4)]


@pytest.mark.parametrize("mode", ["DRY_RUN", "GENERATE_ONLY", "PREPARE"])
def test_nothing_is_registered_for_what_is_not_run(instance: Instance, client: Client, mode: str) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach", mode) as driver:
        driver.hear()
        assert driver.ask("add(Web())")["state"] == "STOPPED"
        driver.go("end")
        assert driver.hear()["ended"]
    assert client.list() == [] and client.experiments() == []


@pytest.mark.parametrize(("word", "status"), [("end", "done"), ("fail", "failed")])
def test_the_end_of_the_experiment_is_that_of_the_run(
    instance: Instance, client: Client, word: str, status: str
) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "experiment") as driver:
        driver.hear()
        assert client.experiments()[0].status.value == "open"
        driver.ask("add(Web())")
        driver.go(word)
        driver.end() if word == "fail" else driver.hear()
    assert client.experiments()[0].status.value == status


def test_a_lifetime_may_end_with_the_experiment(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "late", "attach") as driver:
        driver.hear()
        assert driver.ask("attach(xp, lifetime='stop')") is None
        driver.ask("add(Web())")
        driver.ask("get('web').get_url()")
        with client.events() as events:
            driver.go("end")
            awaited(events, "experiment.closed")
            assert client.wait("late:web", "ended", 60).state.value == "STOPPED"
