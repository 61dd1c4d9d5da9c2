"""The import hook on odd machines: whatever it meets, Python starts and modules are imported."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parents[1]
LIMIT = 60
WAITED_FOR = "experimaestro/scheduler/experiment.py"


def hooked(code: str, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A bare interpreter that has the hook."""
    start = f"import sys; sys.path[:0] = [{path!r}, {str(HERE)!r}]; import xpmd._hook; {code}"
    return subprocess.run(
        [sys.executable, "-S", "-c", start], env=environment, stdin=subprocess.DEVNULL, text=True, capture_output=True,
        timeout=LIMIT,
    )  # fmt: skip


def test_a_pipe_in_place_of_the_settings_does_not_hold_up_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    done = hooked("print('started')", "/none", XPMD_CONFIG_DIR=str(tmp_path))
    assert (done.stdout, done.stderr) == ("started\n", "")


def test_modules_that_share_a_loader_with_experimaestro_are_not_attached(tmp_path: Path) -> None:
    archive = tmp_path / "modules.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("experimaestro/__init__.py", "")
        packed.writestr("experimaestro/scheduler/__init__.py", "")
        packed.writestr(WAITED_FOR, "class experiment:\n    def __enter__(self): return self\n")
        packed.writestr("experimaestro/scheduler/other.py", "")
    code = "import experimaestro.scheduler.experiment, experimaestro.scheduler.other; print('imported')"
    done = hooked(code, str(archive), XPMD_SOCKET="/none")
    assert (done.stdout, done.stderr) == ("imported\n", "")


def test_an_odd_experimaestro_is_imported_without_standard_error(tmp_path: Path) -> None:
    module = tmp_path / WAITED_FOR
    module.parent.mkdir(parents=True)
    module.write_text("")
    code = "sys.stderr = None; import experimaestro.scheduler.experiment; print('imported')"
    done = hooked(code, str(tmp_path), XPMD_SOCKET="/none")
    assert (done.stdout, done.returncode) == ("imported\n", 0)


def test_an_interpreter_without_a_name_looks_for_xpmd_in_the_path() -> None:
    code = "sys.executable = None; from xpmd import Autostart, Places; Autostart(Places()).start()"
    done = hooked(code, "/none", XPMD_STATE_DIR="/none", PATH="/none")
    assert done.stderr.endswith("cannot start xpmd: the program is neither next to Python nor in PATH\n")
