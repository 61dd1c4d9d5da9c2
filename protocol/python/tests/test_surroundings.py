"""Where the class of a script is found again: read in a script's own process, without experimaestro."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xpmd.experimaestro.written import obstacle

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


GUARDED = 'under `if __name__ == "__main__"`'
BEHIND = "behind where the script begins its experiment"
TWICE = "more than once"


@pytest.mark.parametrize(
    ("script", "where"),
    [
        ("class S: pass", None),
        ("try:\n  import a\nfinally:\n  with open(f):\n    class S: pass", None),
        ("if a:\n  class S: pass\nelse:\n  class S(B): pass", None),
        ("try:\n  class S(a.B): pass\nexcept AttributeError:\n  class S: pass", None),
        ("match a:\n  case 1:\n    class S: pass\n  case 2:\n    class S(B): pass", None),
        ("if __name__ != '__main__':\n  pass\nelse:\n  class S: pass", GUARDED),
        ("if '__main__' == __name__ and a:\n  try:\n    class S: pass\n  finally: pass", GUARDED),
        ("if __name__ == '__main__':\n  pass\nelse:\n  class S: pass", None),
        ("if __name__ == '__main__':\n  with experiment(a) as xp: pass\nclass S: pass", None),
        ("if not __name__ == '__main__':\n  class S: pass", None),
        ("with experiment(a) as xp:\n  class S: pass", BEHIND),
        ("with xpmd.experiment(a) as xp: pass\nclass S: pass", BEHIND),
        ("from experimaestro import experiment as run\nwith a, run(a) as xp: pass\nclass S: pass", BEHIND),
        ("xp = experiment(a)\nwith xp: pass\nclass S: pass", BEHIND),
        ("xp = experiment(a)\nclass S: pass\nwith xp: pass", None),
        ("xp = experiment(a)\nxp.__enter__()\nclass S: pass", BEHIND),
        ("if a:\n  with experiment(a): pass\nclass S: pass", BEHIND),
        ("class S: pass\nwith experiment(a): pass\nclass S: pass", TWICE),
        ("class S: pass\nif __name__ == '__main__':\n  class S: pass", TWICE),
        ("class S: pass\nclass S(S): pass", TWICE),
        ("def f():\n  class S: pass\nclass T:\n  class S: pass", None),
        ("S = type('S', (), {})", None),
        ("print 'S'; class S: pass", None),
        ("class S: pass\0", None),
    ],
)
def test_where_a_class_is_that_an_import_does_not_give(script: str, where: str | None) -> None:
    assert obstacle(script.encode(), "S") == where


def test_the_class_around_a_nested_one_decides(tmp_path: Path) -> None:
    script = """
if __name__ == "__main__":
    class Outer:
        class Inner:
            id = "inner"
            def state_dict(self): return {}
    print(json.dumps(account(Outer.Inner()).state_dict))
"""
    assert told(tmp_path, script) == {
        "__unserializable__": True,
        "__reason__": f"its class Outer.Inner is defined {GUARDED}, so importing its script is not sure to give it",
    }
