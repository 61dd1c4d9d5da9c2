"""Services of all kinds, added by a real experiment and run by a real xpmd."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instance import Instance
from xpmd import Client, Reference, StartFailed

from .program import Program, program


@pytest.fixture
def driver(instance: Instance) -> Iterator[Program]:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        yield driver


def start(client: Client, id: str) -> str | None:
    client.start(f"exp:{id}")
    return client.wait(f"exp:{id}", "running", 120).url


def test_classes_of_all_places_are_found_again(client: Client, driver: Program) -> None:
    driver.hear()
    for made, id in [("Web()", "web"), ("OfMain()", "of-main")]:
        assert driver.ask(f"add({made})")["state"] == "STOPPED"
        assert start(client, id) == "http://127.0.0.1:1/"
        assert client.status(f"exp:{id}").service.interpreter is not None


def test_a_nested_class_is_found_again(client: Client, driver: Program) -> None:
    driver.hear()
    assert driver.ask("add(Outer.Inner())")["type"] == "kinds.Outer.Inner"
    assert start(client, "web") == "http://127.0.0.1:1/"


def test_a_composite_is_its_parts_each_on_its_own(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(Composite())")
    assert start(client, "monitoring/board") == "http://127.0.0.1:1/"
    assert driver.ask("Recorder().reached(get('monitoring').subservices()[0], 'RUNNING')")["url"] is not None
    assert driver.ask("Recorder().reached(get('monitoring'), 'RUNNING')")["state"] == "RUNNING"
    assert client.status("exp:monitoring/export").service.attempt is None
    client.start("exp:monitoring/export")
    assert client.wait("exp:monitoring/export", "ended", 60).state.value == "STOPPED"


def test_a_self_inclusive_composite_starts_alone(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(SelfInclusive())")
    assert start(client, "both") == "http://127.0.0.1:1/"
    assert client.status("exp:both/export").service.attempt is None
    assert driver.ask("get('both').subservices()[1].get_url()") is None
    assert client.wait("exp:both/export", "ended", 60).state.value == "STOPPED"
    assert client.status("exp:both").service.state.value == "RUNNING"


def test_a_one_shot_ends_as_stopped(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(OneShot())")
    assert driver.ask("get('one-shot').get_url()") is None
    record = client.wait("exp:one-shot", "ended", 60)
    assert (record.state.value, record.error) == ("STOPPED", None)


def test_failures_are_told_with_their_causes(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(Raises())")
    assert driver.fails("get('raises').get_url()") == "RuntimeError: RuntimeError: no port is free"
    assert driver.ask("facts(get('raises'))")["state"] == "ERROR"
    driver.ask("add(SeedLike())")
    assert "No module named 'a_module_that_is_not_there'" in driver.fails("get('seed-like').get_url()")
    driver.ask("add(NoCommand())")
    assert "/nowhere/no-such-program" in driver.fails("get('no-command').get_url()")
    with pytest.raises(StartFailed):
        start(client, "no-command")


def test_one_that_is_starting_can_be_stopped(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(NeverReady())")
    client.start("exp:never-ready")
    driver.ask("get('never-ready').stop()")
    assert client.wait("exp:never-ready", "ended", 60).state.value == "STOPPED"


def test_a_process_leaves_nothing_behind_and_its_log_is_kept(client: Client, driver: Program) -> None:
    driver.hear()
    script = "trap '' TERM; echo http://127.0.0.1:5/; sleep 1000 & wait; wait"
    driver.ask(f"add(Process({script!r}))")
    assert start(client, "process") is not None
    record = client.status("exp:process").service
    assert record.stdout is not None and record.stdout.endswith("/services/process/logs.out")
    driver.ask("get('process').stop()")
    client.wait("exp:process", "ended", 60)
    assert start(client, "process") is not None
    with open(record.stdout) as log:
        assert len(log.read().splitlines()) == 1
    with open(f"{record.stdout}.1") as log:
        assert len(log.read().splitlines()) == 1


def test_listeners_hear_on_a_thread_from_which_they_may_call(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(Web())")
    driver.ask("names.update(heard=Recorder())")
    driver.ask("get('web').add_listener(heard)")
    start(client, "web")
    assert driver.ask("heard.heard('RUNNING')") == ["STARTING", "RUNNING"]
    client.stop("exp:web")
    assert driver.ask("heard.heard('STOPPED')")[-1] == "STOPPED"
    assert driver.ask("sorted(heard.threads)") == ["xpmd events"]


def test_an_object_stays_the_users_own(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("names.update(own=Web())")
    driver.ask("add(own)")
    assert driver.ask("xp.add_service(own) is own and get('web') is own and isinstance(own, Web)")
    assert driver.ask("[own.given, type(own).__name__, own.experiment_id]") == ["http://127.0.0.1:1/", "Web", "exp"]
    reference = Reference("web", "exp")
    assert client.status(reference).definition.class_name == "kinds.Web"


@pytest.mark.parametrize("made", ["Plain()", "LocalPlain()", "LocalBoth()"])
def test_a_start_of_its_own_starts_it_in_xpmd(client: Client, driver: Program, made: str) -> None:
    driver.hear()
    driver.ask(f"names.update(one={made})")
    driver.ask("add(one)")
    assert driver.ask("hasattr(one, 'get_url')") is ("Both" in made)
    assert driver.ask("one.start()") == "http://127.0.0.1:2/"
    id = driver.ask("one.id")
    assert client.status(f"exp:{id}").service.state.value == "RUNNING"
    assert (driver.ask("one.process") is None) is (made == "Plain()")
    # To start what runs changes nothing.
    process = driver.ask("str(one.process)")
    assert driver.ask("one.start()") == "http://127.0.0.1:2/" and driver.ask("str(one.process)") == process
    driver.ask("one.stop()")
    assert client.wait(f"exp:{id}", "ended", 60).state.value == "STOPPED"
