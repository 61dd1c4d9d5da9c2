"""What stands in the folder that a service is run in."""

from __future__ import annotations

import sys
from pathlib import Path

from instance import LIMIT, Instance
from xpmd import Client, Definition, State

from .program import KINDS


def test_a_file_named_like_a_module_of_pythons_hides_nothing(client: Client, instance: Instance, tmp_path: Path) -> None:
    for name in ("resource", "json", "runpy", "signal"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is the wrong module')\n")
    definition = Definition.from_json(
        {
            "run": {"kind": "recreate", "python": sys.executable, "path": [str(KINDS)]},
            "class": "kinds.Web", "state_dict": {}, "folder": str(tmp_path),
        }
    )  # fmt: skip
    with client.experiment(instance.workspace, "e") as xp:
        web = xp.add("web", definition=definition)
        assert web.get_url(LIMIT) == "http://127.0.0.1:1/"
        assert web.state is State.RUNNING
