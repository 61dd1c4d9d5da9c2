"""A class is made again with what its experiment wrote, wherever that went meanwhile."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from instance import Instance
from xpmd import Client

from .program import awaited, program

VALUES = {"z": 1.0, "a": -0.0, "size": 10**30, "small": 5e-324, "list": [1.0, 1, True, None, {"y": 2.50, "b": 1e21}], "text": "\u00e9\\/"}


def given(url: str | None) -> str:
    """What the service says that it was made with."""
    assert url is not None
    return unquote(url).removeprefix("http://127.0.0.1:1/")


@pytest.mark.parametrize("how", ["attach", "watched"])
def test_a_state_dict_reaches_its_class_as_it_was_written(instance: Instance, client: Client, how: str) -> None:
    client.list()  # Starts it.
    workspace = instance.root / "ws"
    made = f"Exact(**{VALUES!r})"
    with program(instance, "driver.py", str(workspace), "exp", how) as driver, client.events(0) as events:
        driver.hear()
        driver.ask(f"add({made})")
        if how == "watched":
            client.watch_workspace(workspace)
        awaited(events, "service.added", id="exact")
        driver.go("end")
        assert driver.hear()["ended"]
        awaited(events, "experiment.closed")
    client.start("exp:exact")
    assert given(client.wait("exp:exact", "running", 60).url) == json.dumps(VALUES)
    # From the database, too.
    instance.kill(client.daemon_status().pid)
    client.restart("exp:exact")
    assert given(client.wait("exp:exact", "running", 60).url) == json.dumps(VALUES)
