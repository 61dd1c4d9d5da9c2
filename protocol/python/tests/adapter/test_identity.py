"""Workspace, experiment, run and id: equal ids never meet (EXPERIMAESTRO.md's I1 to I6); runs and their ends."""

from __future__ import annotations

from pathlib import Path

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


def test_equal_ids_of_one_process_have_logs_of_their_own(instance: Instance, client: Client) -> None:
    workspace = str(instance.root / "ws")
    with program(instance, "driver.py", workspace, "exp-a", "attach") as driver:
        driver.hear()
        driver.ask(f"names.update(other=experiment(Path({workspace!r}), 'exp-b', no_environmental_impact=True).__enter__())")
        driver.ask("attach(other)")
        driver.ask("add(Says('a'))")
        driver.ask("facts(other.add_service(Says('b')))")
        for name in ("a", "b"):
            client.start(f"exp-{name}:says")
            client.wait(f"exp-{name}:says", "running", 60)
        driver.ask("other.__exit__(None, None, None)")
        driver.go("end")
        assert driver.hear()["ended"]
    for name, others in (("a", "b"), ("b", "a")):
        record = client.status(f"exp-{name}:says").service
        assert record.stdout is not None and record.stderr is not None
        written = Path(record.stdout).read_text() + Path(record.stderr).read_text()
        assert f"said by {name}" in written and f"logged by {name}" in written
        assert f"by {others}" not in written


def test_to_list_services_makes_nothing_of_the_users(instance: Instance, client: Client) -> None:
    modules, mark = instance.root / "modules", instance.root / "mark"
    modules.mkdir()
    (modules / "marking.py").write_text(
        f"from pathlib import Path\nfrom kinds import Web\nPath({str(mark)!r}).touch()\nclass Marking(Web):\n    id = 'marking'\n"
    )
    workspace = str(instance.root / "ws")
    with program(instance, "driver.py", workspace, "exp", "attach", path=[modules]) as driver:
        driver.hear()
        driver.ask("add(__import__('marking').Marking())")
        driver.go("end")
        assert driver.hear()["ended"]
    mark.unlink()
    instance.ctl("watch", workspace)
    assert "marking" in instance.ctl("list", "--all") and len(client.list()) == 1
    instance.ctl("status", "exp:marking")
    assert not mark.exists()
    # Its host makes it again, and nobody else does.
    client.start("exp:marking")
    client.wait("exp:marking", "running", 60)
    assert mark.exists()
