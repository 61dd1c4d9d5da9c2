"""Against the real programs: services, loss of the daemon, starting it, forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Callable

import pytest

from instance import LIMIT, Instance, await_end
from xpmd import (
    Ambiguous, Client, Conflict, DaemonUnavailable, Definition, Event, NotFound, Readiness, Reconnection,
    Reference, RunMode, RunStatus, StartFailed, State, TimedOut, XPMError,
)
from xpmd.types import Caller, LogLine, Run

Background = Callable[..., "Future[Any]"]
PAGE = ["sh", "-c", "echo serving on http://127.0.0.1:1/; exec sleep 1000"]
READY = Readiness(log=LogLine(r"(?<url>http://\S+)"))


def definition(*arguments: str) -> Definition:
    return Definition.of_command(arguments).replace(environment={"PATH": os.environ["PATH"]})


def added(client: Client, instance: Instance, id: str, what: Definition) -> Reference:
    """The service `id` of the run e@r."""
    client.open_experiment(instance.workspace, "e", "r")
    return client.add(instance.workspace, "e", "r", id, what).service.reference


# Services


def test_a_service_is_added_started_awaited_and_stopped(client: Client, instance: Instance) -> None:
    page = added(client, instance, "page", definition(*PAGE).replace(readiness=READY))
    assert client.start(page).state is State.STARTING
    running = client.wait(page, timeout=LIMIT)
    assert (running.state, running.url, running.name) == (State.RUNNING, "http://127.0.0.1:1/", "e@r:page")
    assert running.pid is not None and os.path.exists(f"/proc/{running.pid}")
    status = client.status("page", usage=True)
    assert status.service.usage is not None and status.definition.readiness == READY
    assert client.logs(page, lines=1).text == "serving on http://127.0.0.1:1/\n"
    client.restart(page, grace=LIMIT)
    restarted = client.wait(page, timeout=LIMIT)
    assert (restarted.attempt, restarted.starts, restarted.restarts) == (2, 2, None)
    with pytest.raises(XPMError, match="there is no such signal"):
        client.signal(page, "NONE")
    client.signal(page, signal.SIGCONT)
    client.stop(page, force=True)
    stopped = client.wait(page, "ended", LIMIT)
    assert stopped.state is State.STOPPED
    assert stopped.exit is not None and (stopped.exit.signal, stopped.exit.by) == ("SIGKILL", "force")
    with pytest.raises(XPMError) as refused:
        client.signal(page, "HUP", all=True)
    assert refused.value.code == "not_running"
    assert client.remove(page).id == "page"
    with pytest.raises(NotFound):
        client.status(page)


def test_what_python_adds_xpmctl_knows_and_the_other_way_round(client: Client, instance: Instance) -> None:
    added(client, instance, "page", definition(*PAGE))
    instance.ctl("start", "e:page")
    assert client.wait("e@r:page", timeout=LIMIT).state is State.RUNNING
    instance.ctl("add", "other", "--", "sleep", "1000")
    assert sorted(record.id for record in client.list()) == ["other", "page"]
    assert [record.id for record in client.list(instance.workspace, "e", "r")] == ["page"]


def test_runs_are_opened_listed_and_closed(client: Client, instance: Instance) -> None:
    first = client.open_experiment(instance.workspace, "e")
    second = client.open_experiment(instance.workspace, "e", "named", RunMode.DRY_RUN)
    assert [run.run for run in client.experiments(instance.workspace)] == [first.run, "named"]
    assert second.run_mode is RunMode.DRY_RUN
    closed = client.close_experiment(instance.workspace, "e", "named", RunStatus.FAILED)
    assert closed.status is RunStatus.FAILED and closed.closed_at is not None and closed.closed_at >= closed.opened_at


def test_what_is_pruned_is_what_was_shown(client: Client, instance: Instance) -> None:
    service = added(client, instance, "past", definition("true"))
    client.close_experiment(instance.workspace, service.experiment or "", service.run or "")
    shown = client.prune(dry_run=True)
    assert [one.name for one in shown.services] == [client.status(service).service.name]
    assert client.prune(older_than=3600).services == ()
    assert client.prune(instance.workspace, as_of=shown.as_of).services == shown.services
    assert client.list() == []


def test_a_service_is_shown_as_it_is_run_and_removed_with_its_logs(client: Client, instance: Instance) -> None:
    service = added(client, instance, "past", definition("sh", "-c", "echo said"))
    assert client.status(service).effective is None
    status = client.status(service, effective=True)
    assert status.effective and status.effective.run.to_json()["arguments"][0].endswith("/sh")
    assert status.effective.folder == str(instance.workspace) and status.effective_fault is None
    client.start(service)
    log = client.wait(service, "ended", LIMIT).stdout
    # An end is told at once; that the file is written by then is what reading logs waits for.
    assert client.logs(service).text == "said\n"
    assert log and Path(log).exists()
    deleted = client.remove(service, logs=True).deleted_logs
    assert deleted and log in [one.path for one in deleted] and not Path(log).exists()


def test_refusals_have_their_kinds(client: Client, instance: Instance) -> None:
    # Not ready before it ends: an end without readiness would count as having run.
    failing = added(client, instance, "failing", definition("sh", "-c", "exit 3").replace(readiness=READY))
    client.start(failing)
    with pytest.raises(StartFailed) as failed:
        client.wait(failing, "running", LIMIT)
    assert failed.value.exit_code == 5 and failed.value.data["service"]
    slow = added(client, instance, "slow", definition("sleep", "1000").replace(readiness=Readiness(notify=True)))
    client.start(slow)
    with pytest.raises(TimedOut):
        client.wait(slow, timeout=0.01)
    with pytest.raises(Conflict):
        client.add(instance.workspace, "e", "r", "slow", definition("sleep", "1"))
    client.open_experiment(instance.workspace, "other", "r")
    client.add(instance.workspace, "other", "r", "slow", definition("sleep", "1000"))
    with pytest.raises(Ambiguous) as ambiguous:
        client.start(Reference("slow", near=str(instance.workspace)))
    assert isinstance(ambiguous.value.data["candidates"], list)
    with pytest.raises(StartFailed) as missing:
        client.start(added(client, instance, "missing", definition("no-such-command")))
    assert missing.value.code == "command_not_found"


def test_definitions_come_back_as_they_were_added(client: Client, instance: Instance) -> None:
    what = Definition(
        Run("recreate"), class_name="m.C", state_dict={"a": [1, 2.5, None, {"__path__": "/x"}], "ü": "\U0001f600"},
        folder="/", success_codes=(3,), after=("b",), watchdog_s=1.5,
    )
    kept = client.status(added(client, instance, "s", what)).definition
    assert kept.caller is not None and kept.replace(caller=None) == what
    plain = what.replace(caller=Caller())
    client.remove("e@r:s")
    assert client.status(added(client, instance, "s", plain)).definition == plain


def test_templates_and_the_daemon_tell_of_themselves(client: Client, instance: Instance) -> None:
    assert "tensorboard" in {template.name for template in client.templates()}
    status = client.daemon_status()
    assert (status.socket, status.state_folder) == (instance.places.socket, instance.places.state_folder)


def test_a_log_is_followed(client: Client, instance: Instance, background: Background) -> None:
    fifo = instance.root / "fifo"
    os.mkfifo(fifo)
    echo = added(client, instance, "echo", definition("cat", str(fifo)))
    client.start(echo)
    with open(fifo, "w") as pipe:
        client.wait(echo, timeout=LIMIT)
        following = background(client.logs, echo, offset=0, wait=LIMIT)
        print("hello", file=pipe, flush=True)
        piece = following.result(LIMIT)
        assert (piece.text, piece.next) == ("hello\n", 6)
        assert client.logs(echo, offset=piece.next, wait=0).text == ""


def test_both_logs_are_one_and_can_be_cleared(client: Client, instance: Instance, background: Background) -> None:
    fifo = instance.root / "fifo"
    os.mkfifo(fifo)
    script = f'while read -r line; do echo "$line"; echo "$line!" >&2; done <{fifo}'
    echo = added(client, instance, "echo", definition("sh", "-c", script))
    client.start(echo)
    with open(fifo, "w") as pipe:
        client.wait(echo, timeout=LIMIT)
        entries = client.log_entries(echo)
        for text in ("one", "two"):
            print(text, file=pipe, flush=True)
            for stream, expected in (("stdout", text), ("stderr", f"{text}!")):
                entry = background(next, entries).result(LIMIT)
                assert (entry.stream, entry.text, entry.attempt > 0) == (stream, expected, True)
        last = client.log_page(echo, ["stderr"], lines=1, grep="tw")
        assert [entry.text for entry in last.entries] == ["two!"] and not last.more
        assert sorted(client.clear_logs(echo)) == sorted(filter(None, [last.paths.stderr, client.log_page(echo).paths.stdout]))
        assert client.log_page(echo).entries == ()
        print("three", file=pipe, flush=True)
        assert background(next, entries).result(LIMIT).text == "three"


def test_any_number_of_threads_share_one_connection(client: Client, instance: Instance, background: Background) -> None:
    pages = [added(client, instance, f"s{number}", definition("sleep", "1000")) for number in range(8)]
    for record in [background(client.start, page) for page in pages]:
        record.result(LIMIT)
    waiting = [background(client.wait, page, "running", LIMIT) for page in pages]
    assert {record.result(LIMIT).id for record in waiting} == {page.id for page in pages}
    assert client.daemon_status().connections == 1


# Events and the loss of the daemon


def test_events_go_on_over_the_death_of_the_daemon(client: Client, instance: Instance) -> None:
    heard: SimpleQueue[Event] = SimpleQueue()
    page = added(client, instance, "page", definition("sleep", "1000"))
    pid = client.daemon_status().pid
    with client.subscribe(heard.put, since=0):
        client.start(page)
        client.wait(page, timeout=LIMIT)
        instance.kill(pid)
        # The next call starts a daemon, which takes the service over.
        assert client.wait(page, timeout=LIMIT).state is State.RUNNING
        client.stop(page)
        client.wait(page, "ended", LIMIT)
        events = []
        while not events or events[-1].state is not State.STOPPED or events[-1].kind != "service.changed":
            events.append(heard.get(timeout=LIMIT))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.state for event in events if event.kind == "service.changed" and event.state is not event.previous] == [
        State.STARTING, State.RUNNING, State.STOPPING, State.STOPPED,
    ]  # fmt: skip
    assert [event.kind for event in events].count("daemon.started") == 2


def test_a_slow_reader_misses_nothing(client: Client, instance: Instance) -> None:
    noisy = added(client, instance, "noisy", definition("true"))
    with client.events(since=0) as stream:
        for _ in range(200):
            client.start(noisy)
            client.wait(noisy, "ended", LIMIT)
        last = client.daemon_status().last_event
        assert last > 600
        assert [next(stream).seq for _ in range(last)] == list(range(1, last + 1))


def test_a_wait_outlives_the_daemon_that_it_was_asked_of(
    client: Client, instance: Instance, background: Background
) -> None:
    fifo = instance.root / "fifo"
    os.mkfifo(fifo)
    page = added(client, instance, "page", definition("sh", "-c", f"cat {fifo}; exec sleep 1000").replace(
        readiness=Readiness(log=LogLine("ready"))))
    client.start(page)
    waiting = background(client.wait, page, "running", LIMIT)
    with client.events(since=0) as stream:
        while next(stream).pid is None:
            pass
    instance.kill(client.daemon_status().pid)
    with open(fifo, "w") as pipe:
        print("ready", file=pipe)
    assert waiting.result(LIMIT).state is State.RUNNING


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_verbs_go_on_under_the_next_daemon(verb: str, client: Client, instance: Instance, background: Background) -> None:
    page = added(client, instance, "page", definition("sleep", "1000"))
    if verb != "start":
        client.start(page)
        client.wait(page, timeout=LIMIT)
    pid = client.daemon_status().pid
    # The request is on its way, or waits to be sent, while there is nobody.
    os.kill(pid, signal.SIGSTOP)
    call = background(getattr(client, verb), page)
    instance.kill(pid)
    call.result(LIMIT)
    goal = "ended" if verb == "stop" else "running"
    record = client.wait(page, goal, LIMIT)
    assert record.attempt == (2 if verb == "restart" else 1)


def test_a_daemon_that_is_killed_again_and_again_loses_no_request(
    client: Client, instance: Instance, background: Background
) -> None:
    client.open_experiment(instance.workspace, "e", "r")

    def add(thread: int) -> None:
        for number in range(20):
            client.add(instance.workspace, "e", "r", f"s{thread}.{number}", definition("true"))

    adding = [background(add, thread) for thread in range(3)]
    for _ in range(3):
        instance.kill(client.daemon_status().pid)
    for thread in adding:
        thread.result(LIMIT)
    assert len(client.list()) == 60


def test_upper_layers_hear_of_a_new_daemon(client: Client, instance: Instance) -> None:
    news: SimpleQueue[Reconnection] = SimpleQueue()
    client.on_reconnect(news.put)
    pid = client.daemon_status().pid
    instance.kill(pid)
    with instance.client() as other:  # The client itself starts none when it only comes back.
        assert other.daemon_status().pid != pid
        assert not news.get(timeout=LIMIT).is_fresh


# Starting the daemon


def test_without_autostart_nobody_there_is_an_error(instance: Instance) -> None:
    with instance.client(autostart=False) as client, pytest.raises(DaemonUnavailable) as caught:
        client.daemon_status()
    assert caught.value.exit_code == 7


def test_many_clients_start_one_daemon(instance: Instance, background: Background) -> None:
    clients = [instance.client() for _ in range(4)]
    pids = {status.result(LIMIT).pid for status in [background(client.daemon_status) for client in clients]}
    assert len(pids) == 1
    for client in clients:
        client.close()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_a_program_without_input_or_output_starts_one(closed: str, instance: Instance) -> None:
    script = """
import os, sys
from xpmd import Client
with Client() as client:
    client.daemon_status()
    numbers = [int(name) for name in os.listdir("/proc/self/fd") if os.path.lexists("/proc/self/fd/" + name)]
    targets = [os.readlink(f"/proc/self/fd/{number}") for number in numbers if number <= 2 and os.path.exists(f"/proc/self/fd/{number}")]
    sys.exit(2 if any(target.startswith("socket:") for target in targets) else 0)
"""
    environment = instance.environment | {
        "PATH": f"{instance.programs}:{os.environ['PATH']}", "PYTHONPATH": str(Path(__file__).resolve().parents[1])
    }
    command = f'exec "$0" -c "$1" {closed}'
    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, script], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LIMIT,
    )
    assert done.returncode == 0
    with instance.client(autostart=False) as client:
        assert client.daemon_status().pid


def test_a_daemon_that_cannot_start_says_why(instance: Instance) -> None:
    Path(instance.places.state_folder).write_text("in the way")
    with instance.client() as client, pytest.raises(DaemonUnavailable, match="^cannot start xpmd: "):
        client.daemon_status()
    Path(instance.places.state_folder).unlink()


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_a_log_that_cannot_be_opened_is_named(instance: Instance, kind: str) -> None:
    log = Path(instance.places.state_folder) / "xpmd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(log)
        case "folder":
            log.mkdir()
        case _:
            log.symlink_to("/nowhere")
    with instance.client() as client, pytest.raises(DaemonUnavailable, match=f"cannot open its log {log}: "):
        client.daemon_status()
    log.rmdir() if kind == "folder" else log.unlink()


def test_a_stopped_daemon_is_not_started_by_who_only_listens(client: Client, instance: Instance) -> None:
    news: SimpleQueue[Reconnection] = SimpleQueue()
    client.on_reconnect(news.put)
    pid = client.daemon_status().pid
    with client.events(since=0) as stream:
        ended = os.pidfd_open(pid)
        assert client.stop_daemon() == 0
        await_end(ended)
        os.close(ended)
        while stream.next(timeout=0.2) is not None:
            pass
        assert news.empty() and not os.path.exists(instance.places.socket)
        assert client.daemon_status().pid != pid
        while next(stream).seq < client.daemon_status().last_event:
            pass
        assert not news.get(timeout=LIMIT).is_fresh


# Forks


def test_a_forked_child_has_a_connection_of_its_own(client: Client, instance: Instance) -> None:
    page = added(client, instance, "page", definition("sleep", "1000"))
    heard: SimpleQueue[Event] = SimpleQueue()
    client.on_reconnect(lambda _: None)
    client.handle("hosted.start", lambda params: {})
    with client.subscribe(heard.put, since=0), client.events(since=0) as stream:
        first = next(stream).seq
        child = os.fork()
        if child == 0:
            status = 1
            try:
                if client.start(page).state is State.STARTING and next(stream).seq == first + 1:
                    status = 0
                client.close()
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        # The parent's connections have not noticed.
        assert client.wait(page, timeout=LIMIT).state is State.RUNNING
        assert next(stream).seq == first + 1
        while heard.get(timeout=LIMIT).state is not State.RUNNING:
            pass


def test_a_child_keeps_no_connection_of_the_parent_open(client: Client, instance: Instance) -> None:
    def sockets() -> set[str]:
        targets = [os.path.join("/proc/self/fd", number) for number in os.listdir("/proc/self/fd")]
        return {os.readlink(target) for target in targets if os.path.lexists(target)} & {
            f"socket:[{line.split()[6]}]" for line in Path("/proc/net/unix").read_text().splitlines()[1:]
        }

    before = sockets()
    assert client.daemon_status().connections == 1 and len(sockets() - before) == 1
    child = os.fork()
    if child == 0:
        os._exit(0 if sockets() <= before else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_fork_in_the_middle_of_a_call_leaves_no_lock_behind(
    client: Client, instance: Instance, background: Background
) -> None:
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            client.daemon_status()

    asking = [background(ask) for _ in range(3)]
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(LIMIT)
                try:
                    client.daemon_status()
                    os._exit(0)
                finally:
                    os._exit(1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
    for thread in asking:
        thread.result(LIMIT)
