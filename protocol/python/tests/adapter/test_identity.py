"""Workspace, experiment, run and id: equal ids never meet (EXPERIMAESTRO.md's I1 to I4, I6); runs and their ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from instance import Instance
from xpmd import Client

from .program import awaited, program


def test_equal_ids_in_experiments_runs_and_workspaces_never_meet(instance: Instance, client: Client) -> None:
    first, second = str(instance.root / "ws"), str(instance.root / "other")
    where = [(first, "exp"), (first, "exp-b"), (second, "exp"), (first, "exp")]
    for number, (workspace, name) in enumerate(where, 1):
        with program(instance, "driver.py", workspace, name, "attach") as driver:
            driver.hear()
            driver.ask(f"add(Web('http://127.0.0.1:{number}/'))")
            assert driver.ask("get('web').get_url()") == f"http://127.0.0.1:{number}/"
            driver.go("end")
            assert driver.hear()["ended"]
    services = client.list()
    assert len({(service.workspace, service.experiment, service.run) for service in services}) == 4
    assert sorted(str(service.url) for service in services) == [f"http://127.0.0.1:{n}/" for n in range(1, 5)]


def test_equal_ids_in_one_process_have_logs_of_their_own(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Web('http://127.0.0.1:1/'))")
        second = "experiment(xp.workspace.path, 'other', no_environmental_impact=True)"
        driver.ask(f"names.update(other={second})")
        driver.ask("str(other.__enter__())")
        driver.ask("attach(other)")
        driver.ask("facts(other.add_service(Web('http://127.0.0.1:2/')))")
        for name in ("exp", "other"):
            client.start(f"{name}:web")
            client.wait(f"{name}:web", "running", 60)
        pids, logs = [], []
        for name, number in (("exp", 1), ("other", 2)):
            record = client.status(f"{name}:web").service
            assert record.stdout is not None
            # What it says through experimaestro's logger of services, which is named by the id alone.
            said = [line for line in Path(record.stdout).read_text().splitlines() if "serving" in line]
            assert len(said) == 1 and f"serving http://127.0.0.1:{number}/" in said[0]
            pids.append(record.pid)
            logs.append(record.stdout)
        assert len(set(pids)) == 2 and len(set(logs)) == 2
        driver.ask("other.__exit__(None, None, None)")


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
