"""Experiments that add services, against the real programs."""

from __future__ import annotations

import os
from queue import SimpleQueue

import pytest

from instance import LIMIT, Instance
from xpmd import Client, Conflict, Definition, Readiness, RunMode, RunStatus, Service, StartFailed, State, XPMError
from xpmd.types import LogLine

PAGE = ["sh", "-c", "echo serving on http://127.0.0.1:1/; exec sleep 1000"]
READY = Readiness(log=LogLine(r"(?<url>http://\S+)"))


def test_an_experiment_adds_a_service_that_outlives_it(client: Client, instance: Instance) -> None:
    with client.experiment(instance.workspace, "my_experiment") as xp:
        page = xp.add("page", command=PAGE, readiness=READY, description="a page")
        assert page.state is State.STOPPED and page.url is None
        page.start()
        page.wait(timeout=LIMIT)
        assert (page.state, page.url) == (State.RUNNING, "http://127.0.0.1:1/")
        assert page.logs().text.startswith("serving")
        assert xp.workdir == instance.workspace / "experiments" / "my_experiment" / xp.run
    (run,) = client.experiments()
    assert (run.status, run.services) == (RunStatus.DONE, 1)
    record = client.status(page.reference).service
    assert (record.state, record.description) == (State.RUNNING, "a page")


def test_a_template_is_run_with_its_parameters(client: Client, instance: Instance) -> None:
    with client.experiment(instance.workspace, "e") as xp:
        board = xp.add("board", template="tensorboard", parameters={"logdir": str(xp.workdir / "runs")})
        assert client.status(board.reference).definition.run.parameters == {"logdir": str(xp.workdir / "runs")}
        with pytest.raises(XPMError) as caught:
            xp.add("other", template="tensorboard", parameters={"nonsense": 1})
        assert caught.value.code == "template_parameter" and "other" not in xp.services


def test_listeners_hear_each_change_of_state_in_its_order(client: Client, instance: Instance) -> None:
    heard: SimpleQueue[State] = SimpleQueue()
    with client.experiment(instance.workspace, "e") as xp:
        page = xp.add("page", command=PAGE, readiness=READY)

        def hear(service: Service, state: State) -> None:
            # A listener may call the client.
            assert service is page and client.status(page.reference).service.id == "page"
            heard.put(state)

        remove = page.add_listener(hear)
        assert page.get_url(LIMIT) == "http://127.0.0.1:1/"
        page.stop(LIMIT)
        assert page.state is State.STOPPED and page.url is None
        assert [heard.get(timeout=LIMIT) for _ in range(4)] == [
            State.STARTING, State.RUNNING, State.STOPPING, State.STOPPED,
        ]  # fmt: skip
        remove()
    assert heard.empty()


def test_what_happens_elsewhere_is_seen(client: Client, instance: Instance) -> None:
    with client.experiment(instance.workspace, "e", "r") as xp:
        page = xp.add("page", command=PAGE, readiness=READY)
        states: SimpleQueue[State] = SimpleQueue()
        page.add_listener(lambda _, state: states.put(state))
        instance.ctl("start", "e:page")
        while states.get(timeout=LIMIT) is not State.RUNNING:
            pass
        assert (page.state, page.url) == (State.RUNNING, "http://127.0.0.1:1/")


def test_the_same_again_changes_nothing_and_another_one_conflicts_while_it_runs(
    client: Client, instance: Instance
) -> None:
    with client.experiment(instance.workspace, "e") as xp:
        heard: SimpleQueue[State] = SimpleQueue()
        page = xp.add("page", command=PAGE, readiness=READY)
        page.add_listener(lambda _, state: heard.put(state))
        page.start()
        page.wait(timeout=LIMIT)
        again = xp.add("page", command=PAGE, readiness=READY)
        assert again.state is State.RUNNING and xp.services == {"page": again}
        with pytest.raises(Conflict):
            xp.add("page", command=["sleep", "1000"])
        again.stop(LIMIT)
        while heard.get(timeout=LIMIT) is not State.STOPPED:
            pass
        xp.add("page", command=["sleep", "1000"])


def test_the_same_from_another_terminal_is_the_same_and_update_restarts(
    client: Client, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client.experiment(instance.workspace, "e") as xp:
        def add(seed: str, update: bool = False) -> Service:
            environment = {**os.environ, "SEED": seed}
            definition = Definition.of_command(["sleep", "1000"]).replace(environment=environment)
            return xp.add("page", definition=definition, update=update)

        add("7").start()
        pid = client.wait(xp.services["page"].reference, timeout=LIMIT).pid
        monkeypatch.setenv("TMUX_PANE", "%9")
        add("7")
        assert client.status(xp.services["page"].reference).service.pid == pid
        with pytest.raises(Conflict, match="SEED: 7 → 8"):
            add("8")
        page = add("8", update=True)
        assert client.wait(page.reference, timeout=LIMIT).pid != pid
        environment = client.status(page.reference).definition.environment or {}
        assert (environment["SEED"], environment["TMUX_PANE"]) == ("8", "%9")


def test_more_arguments_follow_a_template_s_own(client: Client, instance: Instance) -> None:
    with client.experiment(instance.workspace, "e") as xp:
        board = xp.add("board", template="tensorboard", parameters={"logdir": "gs://b/r"}, arguments=["--x", "y"])
        assert client.status(board.reference).definition.run.arguments == ("--x", "y")


def test_a_composite_has_parts(client: Client, instance: Instance) -> None:
    with client.experiment(instance.workspace, "e") as xp:
        parts = {"a": Definition.of_command(["sleep", "1000"]), "b": Definition.of_command(["false"])}
        whole = xp.add("monitoring", sub_services=parts)
        assert [part.id for part in whole.sub_services] == ["monitoring/a", "monitoring/b"]
        first, second = whole.sub_services
        whole.start()
        # Without conditions of readiness even a command that fails is RUNNING for a moment.
        assert second.wait("ended", LIMIT).state is State.ERROR and second.error
        assert first.wait(timeout=LIMIT).state is State.RUNNING
        with pytest.raises(StartFailed):
            whole.wait("running", LIMIT)


def test_an_exception_closes_the_run_as_failed(client: Client, instance: Instance) -> None:
    with pytest.raises(KeyError), client.experiment(instance.workspace, "e"):
        raise KeyError
    assert [run.status for run in client.experiments()] == [RunStatus.FAILED]


def test_other_run_modes_go_through_without_a_daemon(instance: Instance) -> None:
    with instance.client(autostart=False) as client:
        with client.experiment("ws", "e", run_mode=RunMode.DRY_RUN) as xp:
            service = xp.add("page", command=PAGE)
            assert (xp.run, service.state, xp.workspace) == ("dry-run", State.STOPPED, os.path.abspath("ws"))
            with pytest.raises(XPMError, match="^cannot start page: it is not registered") as caught:
                service.start()
    assert caught.value.code == "not_normal_run"


def test_services_have_this_process_s_environment(
    client: Client, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_EXPERIMENT", "ü")
    monkeypatch.setenv("NOTIFY_SOCKET", "/mine")
    with client.experiment(instance.workspace, "e") as xp:
        show = xp.add("show", command=["sh", "-c", "echo $OF_THE_EXPERIMENT ${NOTIFY_SOCKET-none}"])
        show.start()
        show.wait("ended", LIMIT)
        assert show.logs().text == "ü none\n"


@pytest.mark.parametrize(
    "what", [{}, {"command": "sleep 1"}, {"command": ["a"], "template": "b"}, {"command": ["a"], "parameters": {}}]
)
def test_a_service_is_one_thing(what: dict[str, object], instance: Instance) -> None:
    with instance.client(autostart=False) as client:
        xp = client.experiment(instance.workspace, "e", run_mode=RunMode.DRY_RUN)
        with pytest.raises(XPMError) as caught:
            xp.add("s", **what)  # type: ignore[arg-type]
    assert caught.value.code == "invalid_parameters"


def test_a_forked_child_leaves_the_run_to_its_parent(client: Client, instance: Instance) -> None:
    with client.experiment(instance.workspace, "e") as xp:
        child = os.fork()
        if child == 0:
            try:
                xp.close(RunStatus.FAILED)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert [run.status for run in client.experiments()] == [RunStatus.OPEN]
