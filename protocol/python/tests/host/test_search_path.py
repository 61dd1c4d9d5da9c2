"""Where a host looks for modules."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from xpmd.host.assignment import _search_path


def test_the_folder_that_it_runs_in_is_behind_all_others_unless_it_was_recorded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    here = os.getcwd()
    for own in (["", "/lib"], [here, "/lib"], ["/lib"]):
        assert _search_path([], own) == ["/lib", here]
        assert _search_path(["/code"], own) == ["/code", "/lib", here]
        assert _search_path([here, "/code"], own) == [here, "/code", "/lib"]
