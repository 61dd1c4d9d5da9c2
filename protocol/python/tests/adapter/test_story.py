"""The documentation's TensorBoard through its whole life, with real tasks and a real page."""

import json
import os
import signal
import urllib.request
from pathlib import Path

import pytest

from instance import LIMIT, Instance, await_end
from xpmd import Reference

from .program import awaited, program

pytest.importorskip("tensorboard")


def page(url: str, path: str) -> object:
    with urllib.request.urlopen(url + path, timeout=60) as answer:
        return json.load(answer)


def scalars(url: str) -> dict[str, list[float]]:
    """What the page of a TensorBoard shows: the losses of each run. It reads files again when it is asked to."""
    shown = {}
    tags = page(url, "data/plugin/scalars/tags")
    assert isinstance(tags, dict)
    for run in tags:
        points = page(url, f"data/plugin/scalars/scalars?tag=loss&run={run}")
        assert isinstance(points, list)
        shown[run] = [round(point[2], 3) for point in points]
    return shown


def test_a_tensorboard_outlives_its_experiment(instance: Instance) -> None:
    workspace = instance.root / "ws"
    with instance.client() as client, program(instance, "seed.py", str(workspace), "exp") as seed:
        # Added: known to xpmd, and in the experiment still the user's own.
        told = seed.hear()
        assert told["state"] == "STOPPED" and told["is_theirs"] and told["type"] == "tbservice.TensorboardService"
        tensorboard = Reference("tensorboard", "exp", told["run"], str(workspace))
        # It runs its tasks; then started by somebody else, while the experiment lives.
        seed.go()
        assert seed.hear()["state"] == "STOPPED"
        instance.ctl("start", "exp:tensorboard")
        record = client.wait(tensorboard, "running", 60)
        assert record.url is not None and record.pid is not None
        assert scalars(record.url) == {"lr=0.1": [0.1, 0.05, 0.033], "lr=0.2": [0.2, 0.1, 0.067]}
        # The experiment sees what xpmd sees, and ends.
        seed.go()
        told = seed.hear()
        assert told["ended"] and told["state"] == "RUNNING" and told["url"] == record.url
        assert seed.end() == 0
        assert client.experiments(workspace)[0].status.value == "done"
        assert page(record.url, "data/runs") == ["lr=0.1", "lr=0.2"]
        # Killed: in ERROR at once, with the cause.
        os.kill(record.pid, signal.SIGKILL)
        record = client.wait(tensorboard, "ended", 60)
        assert record.state.value == "ERROR" and record.error is not None and "SIGKILL" in record.error
        # Started again, from here.
        client.start(tensorboard)
        record = client.wait(tensorboard, "running", 60)
        assert record.url is not None and len(scalars(record.url)) == 2
        # Its log is where experimaestro's viewers look.
        assert record.stdout is not None and record.stdout.startswith(f"{workspace}/.scheduler/")
        # And ended: nothing of it is left.
        client.stop(tensorboard)
        record = client.wait(tensorboard, "ended", 60)
        assert record.state.value == "STOPPED"


def children(pid: int) -> list[int]:
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def test_a_tensorboard_that_is_stopped_leaves_no_data_server(instance: Instance) -> None:
    with instance.client() as client, program(instance, "seed.py", str(instance.root / "ws"), "exp") as seed:
        seed.hear()
        for _ in range(2):
            client.start("exp:tensorboard")
            host = client.wait("exp:tensorboard", "running", LIMIT).pid
            assert host is not None
            (server,) = [pid for pid in children(host) if "tensorboard_data_server" in Path(f"/proc/{pid}/cmdline").read_text()]
            process = os.pidfd_open(server)
            try:
                client.stop("exp:tensorboard")
                assert client.wait("exp:tensorboard", "ended", LIMIT).state.value == "STOPPED"
                await_end(process)
            finally:
                os.close(process)


def test_the_kill_of_an_experiment_disturbs_no_service(instance: Instance) -> None:
    workspace = instance.root / "ws"
    with instance.client() as client, program(instance, "seed.py", str(workspace), "exp") as seed:
        run = seed.hear()["run"]
        tensorboard = Reference("tensorboard", "exp", run, str(workspace))
        client.start(tensorboard)
        record = client.wait(tensorboard, "running", 60)
        with client.events() as events:
            seed.kill()
            closed = awaited(events, "experiment.closed")
        assert closed.cause is not None and str(seed.process.pid) in closed.cause
        assert client.experiments(workspace)[0].status.value == "failed"
        after = client.status(tensorboard).service
        assert (after.state, after.pid, after.attempt) == (record.state, record.pid, record.attempt)
        assert page(str(record.url), "data/runs") == []
