"""The documentation's TensorBoard through its whole life, with real tasks and a real page."""

import json
import os
import signal
import urllib.request
from pathlib import Path

import pytest

from instance import Instance
from xpmd import Reference, StartFailed

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


def processes(parent: int) -> dict[int, str]:
    """The processes below one, with their command lines."""
    found = {}
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found |= processes(child)
    return found


def test_a_stop_leaves_no_data_server(instance: Instance) -> None:
    pytest.importorskip("tensorboard_data_server")
    with instance.client() as client, program(instance, "seed.py", str(instance.root / "ws"), "exp") as seed:
        seed.hear()
        for _ in range(2):
            client.start("exp:tensorboard")
            record = client.wait("exp:tensorboard", "running", 60)
            assert record.pid is not None
            below = processes(record.pid)
            assert any("tensorboard_data_server" in command for command in below.values()), below
            client.stop("exp:tensorboard")
            assert client.wait("exp:tensorboard", "ended", 60).state.value == "STOPPED"
            assert not [pid for pid in (record.pid, *below) if Path(f"/proc/{pid}").exists()]
