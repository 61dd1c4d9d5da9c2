"""How an xpmd is started that does not start at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from xpmd import XPMError
from xpmd.autostart import Autostart
from xpmd.places import Places


def _autostart(tmp_path: Path, script: str) -> Autostart:
    programs = tmp_path / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / "xpmd"
    program.write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}")
    program.chmod(0o700)
    environment = {
        "HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "XPMD_RUNTIME_DIR": str(tmp_path / "run"),
        "XPMD_STATE_DIR": str(tmp_path / "state"),
    }
    return Autostart(Places(environment), environment, str(programs))


def test_one_that_crashes_is_started_until_it_leaves_out_why(tmp_path: Path) -> None:
    script = 'echo >>starts\ntest $(wc -l <starts) -lt 4 || exec echo ready >/proc/self/fd/$2\nkill -s ILL $$\n'
    _autostart(tmp_path, script).start()
    assert (tmp_path / "starts").read_text() == "\n" * 4


@pytest.mark.parametrize("end, starts", [("kill -s KILL $$", 4), ("exit 3", 1)])
def test_one_that_never_starts_is_given_up(tmp_path: Path, end: str, starts: int) -> None:
    with pytest.raises(XPMError) as caught:
        _autostart(tmp_path, f"echo >>starts\n{end}\n").start()
    assert "it exited immediately" in str(caught.value)
    assert (tmp_path / "starts").read_text() == "\n" * starts
