"""Services that only their own process can run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from instance import Instance, await_end
from xpmd import Client

from .program import Program, awaited, program


@pytest.fixture
def driver(instance: Instance) -> Iterator[Program]:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        yield driver


@pytest.mark.parametrize(
    ("made", "id"),
    [("local()", "local"), ("Lambda()", "lambda"), ("Unserializable()", "unserializable"), ("ASet()", "a-set")],
)
def test_it_is_started_and_stopped_by_xpmd(client: Client, driver: Program, made: str, id: str) -> None:
    driver.hear()
    driver.ask(f"add({made})")
    client.start(f"exp:{id}")
    assert client.wait(f"exp:{id}", "running", 60).url == "http://127.0.0.1:1/"
    assert driver.ask(f"Recorder().reached(get('{id}'), 'RUNNING')")["url"] == "http://127.0.0.1:1/"
    client.stop(f"exp:{id}")
    assert client.wait(f"exp:{id}", "ended", 60).state.value == "STOPPED"
    assert driver.ask(f"get('{id}').get_url()") == "http://127.0.0.1:1/"
    assert client.status(f"exp:{id}").service.state.value == "RUNNING"


def test_a_class_under_the_guard_of_its_script_is_hosted(instance: Instance, client: Client) -> None:
    script = instance.root / "guarded.py"
    script.write_text(
        """
import sys
import kinds, steps, xpmd
if __name__ == "__main__":
    class Guarded(kinds.Web):
        id = "guarded"
    with xpmd.experiment(sys.argv[1], "exp", no_environmental_impact=True) as xp:
        steps.say(url=xp.add_service(Guarded()).get_url())
        steps.wait()
"""
    )
    with program(instance, script, str(instance.root / "ws")) as guarded:
        assert guarded.hear()["url"] == "http://127.0.0.1:1/"
        record = client.status("exp:guarded").service
        assert (record.state.value, record.hosted) == ("RUNNING", True)


def test_the_end_of_its_process_is_its_end_at_once(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(local())")
    driver.ask("get('local').get_url()")
    with client.events() as events:
        driver.kill()
        ended = awaited(events, "service.changed", id="local")
    assert ended.state is not None and ended.state.value == "ERROR"
    assert ended.error is not None and str(driver.process.pid) in ended.error
    assert ended.exit is not None and ended.exit.hosted
    assert client.status("exp:local").service.hosted


def test_the_process_of_one_ends_with_its_experiment(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(HostedProcess('echo http://127.0.0.1:1/; exec sleep 1000'))")
    assert driver.ask("get('hosted-process').get_url()") == "http://127.0.0.1:1/"
    child = os.pidfd_open(driver.ask("get('hosted-process').process.pid"))
    try:
        driver.kill()
        await_end(child)
    finally:
        os.close(child)
    assert client.wait("exp:hosted-process", "ended", 60).state.value == "ERROR"


def test_a_command_that_is_not_there_is_a_failure_here_too(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("names.update(missing=HostedProcess('')) or setattr(missing, '_build_command', lambda: ['/nowhere/program'])")
    driver.ask("add(missing)")
    assert "/nowhere/program" in driver.fails("get('hosted-process').get_url()")


def test_one_that_runs_already_is_taken_over_as_it_runs(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "late", "attach") as driver:
        driver.hear()
        driver.ask("add(Web())")
        driver.ask("get('web').get_url()")
        driver.ask("names.update(thread=get('web').thread)")
        driver.ask("attach(xp)")
        assert client.wait("late:web", "running", 60).url == "http://127.0.0.1:1/"
        assert driver.ask("Recorder().reached(get('web'), 'RUNNING')")["url"] == "http://127.0.0.1:1/"
        client.stop("late:web")
        assert client.wait("late:web", "ended", 60).state.value == "STOPPED"
        assert driver.ask("thread.join(60) or thread.is_alive()") is False


@pytest.mark.parametrize(
    ("made", "word", "url", "error"),
    [
        ("WebLate(Path({fifo!r}))", "serve", "http://127.0.0.1:1/", None),
        ("WebLate(Path({fifo!r}))", "raise", None, "OSError: the port is taken"),
        ("Process('. {fifo}; exec sleep 1000')", "echo http://127.0.0.1:5/", "http://127.0.0.1:5/", None),
        ("Process('. {fifo}; exec sleep 1000')", "exit 3", None, "sh exited with code 3 before it was ready"),
    ],
)
def test_one_that_is_starting_is_taken_over_and_is_ready_when_it_is(
    instance: Instance, client: Client, made: str, word: str, url: str | None, error: str | None
) -> None:
    fifo = instance.root / "fifo"
    os.mkfifo(fifo)
    with program(instance, "driver.py", str(instance.root / "ws"), "late", "attach") as driver:
        driver.hear()
        driver.ask("names.update(vars(__import__('ways')))")
        driver.ask(f"names.update(own={made.format(fifo=str(fifo))})")
        driver.ask("add(own)")
        driver.ask("names.update(Drive=__import__('xpmd.host.drive', fromlist=['Drive']).Drive, taken=threading.Event())")
        driver.ask("names.update(resume=Drive.resume)")
        driver.ask("setattr(Drive, 'resume', lambda self: (resume(self), taken.set()))")
        driver.ask("threading.Thread(target=own.get_url, daemon=True).start()")
        with open(fifo, "w") as told:  # It has begun once it reads.
            driver.ask("attach(xp)")
            assert driver.ask("taken.wait(60)")
            id = driver.ask("own.id")
            assert client.status(f"late:{id}").service.state.value == "STARTING"
            told.write(word)
        if error is None:
            assert client.wait(f"late:{id}", "running", 60).url == url
            client.stop(f"late:{id}")
            assert client.wait(f"late:{id}", "ended", 60).state.value == "STOPPED"
        else:
            ended = client.wait(f"late:{id}", "ended", 60)
            assert ended.state.value == "ERROR" and ended.error is not None and ended.error.endswith(error)


def test_it_lives_on_when_xpmd_is_replaced(instance: Instance, client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(local())")
    driver.ask("add(Web())")
    driver.ask("get('local').get_url()")
    driver.ask("get('web').get_url()")
    before = client.status("exp:local").service.attempt
    instance.kill(client.daemon_status().pid)
    # Asking starts the next one; the host adds itself again.
    assert client.wait("exp:local", "running", 60).attempt == before
    client.stop("exp:local")
    assert client.wait("exp:local", "ended", 60).state.value == "STOPPED"
    assert driver.ask("names.update(heard=Recorder())") is None
    assert client.status("exp:web").service.state.value == "RUNNING"
    assert client.experiments()[0].status.value == "open"


@pytest.mark.parametrize(("made", "id"), [("local()", "local"), ("LocalParts()", "monitoring/board")])
def test_it_lives_on_in_the_process_of_an_experiment_that_has_ended(
    instance: Instance, client: Client, driver: Program, made: str, id: str
) -> None:
    driver.hear()
    driver.ask(f"names.update(one={made})")
    driver.ask("add(one)")
    driver.ask("add(Web())")
    client.start(f"exp:{id}")
    before = client.wait(f"exp:{id}", "running", 60).attempt
    driver.go("end")
    assert driver.hear()["ended"]
    closed = client.experiments()[0].closed_at
    instance.kill(client.daemon_status().pid)
    assert client.wait(f"exp:{id}", "running", 60).attempt == before
    client.stop(f"exp:{id}")
    assert client.wait(f"exp:{id}", "ended", 60).state.value == "STOPPED"
    # Its end is not told anew.
    run = client.experiments()[0]
    assert (run.status.value, run.closed_at) == ("done", closed)


def test_a_class_that_looks_at_itself_sees_what_it_has_set(client: Client, driver: Program) -> None:
    driver.hear()
    driver.ask("add(LooksAtItself())")
    for _ in range(2):
        assert driver.ask("get('looks-at-itself').get_url()") == "http://127.0.0.1:1/"
        assert driver.ask("get('looks-at-itself').seen")[1:] == [None, "RUNNING", "http://127.0.0.1:1/"]
        assert driver.ask("get('looks-at-itself').stop(60)") is None
        # It went on until it was told to end.
        assert driver.ask("get('looks-at-itself').seen")[-1] in ("RUNNING", "STOPPING")
        assert driver.ask("Recorder().reached(get('looks-at-itself'), 'STOPPED')")["url"] is None


@pytest.mark.parametrize(
    ("made", "id"),
    [
        ("CallsItsBase()", "calls-its-base"),
        ("ProcessCallsItsBase('echo http://127.0.0.1:1/; exec sleep 1000')", "process-calls-its-base"),
    ],
)
def test_a_get_url_that_calls_its_base_starts_it(client: Client, driver: Program, made: str, id: str) -> None:
    driver.hear()
    driver.ask(f"add({made})")
    for _ in range(2):
        assert driver.ask(f"get('{id}').get_url()") == "http://127.0.0.1:1/"
        assert driver.ask(f"Recorder().reached(get('{id}'), 'RUNNING')")["url"] == "http://127.0.0.1:1/"
        assert driver.ask(f"get('{id}').got.get(timeout=60)") == "http://127.0.0.1:1/"
        driver.ask(f"get('{id}').stop(60)")
        assert driver.ask(f"Recorder().reached(get('{id}'), 'STOPPED')")["url"] is None
