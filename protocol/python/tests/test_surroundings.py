"""Where the class of a script is found again: read in a script's own process, without experimaestro."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]

ASKED = """
import json
from xpmd.experimaestro.account import account
"""


def told(folder: Path, script: str, *arguments: str) -> Any:
    """What a script prints that has `account` of `xpmd.experimaestro`, as JSON."""
    file = folder / "script.py"
    file.write_text(ASKED + script)
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    done = subprocess.run([sys.executable, file, *arguments], env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def test_the_definition_of_a_scripts_class_has_its_command_line(tmp_path: Path) -> None:
    script = """
class Board:
    id = "board"
    def get_url(self): pass
    def state_dict(self): return {}
print(json.dumps(account(Board()).definition().to_json()["run"]))
"""
    run = told(tmp_path, script, "first", "--second=2")
    assert (run["main"], run["argv"]) == (str(tmp_path / "script.py"), ["first", "--second=2"])
