"""Looking at services through xpmd runs nothing of the user's (EXPERIMAESTRO.md's L18)."""

from __future__ import annotations

import os
from pathlib import Path

from instance import Instance
from xpmd import Client

from .program import program

MARKED = """
import os
from kinds import Web

with open({mark!r}, "a") as file:
    file.write(f"{{os.getpid()}} ")

class Marked(Web):
    id = "marked"
"""


def test_looking_through_xpmd_imports_no_class_of_the_users(instance: Instance, client: Client) -> None:
    folder, mark = instance.root / "marked", instance.root / "mark"
    folder.mkdir()
    (folder / "marked.py").write_text(MARKED.format(mark=str(mark)))
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach", path=[folder]) as driver:
        driver.hear()
        driver.ask("add(__import__('marked').Marked())")
        driver.go("end")
        assert driver.hear()["ended"]

        def imported() -> list[int]:
            return [int(pid) for pid in Path(mark).read_text().split()]

        # By the experiment itself.
        assert imported() == [driver.process.pid]
        assert "marked" in instance.ctl("list") and "marked" in instance.ctl("status", "exp:marked")
        assert [service.id for service in client.list()] == ["marked"]
        assert client.status("exp:marked").definition.class_name == "marked.Marked"
        assert imported() == [driver.process.pid]
        # A host of xpmd's imports it, when it is started.
        client.start("exp:marked")
        host = client.wait("exp:marked", "running", 60).pid
        assert imported() == [driver.process.pid, host] and host != os.getpid()
