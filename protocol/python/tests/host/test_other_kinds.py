"""Plain services, composites and their parts."""

import os
import signal

import pytest

from .hosting import host


def test_a_plain_service_is_started_and_stopped_by_its_own_means(tmp_path):
    with host(tmp_path, "kinds.Plain") as running:
        running.wait_for("READY")
        assert running.said["X_XPM_URL"] == "http://127.0.0.1:2/"
        assert running.stop() == 0
        assert "stopped by its own means" in running.out


def test_the_process_of_a_plain_service_is_watched(tmp_path):
    with host(tmp_path, "kinds.Plain") as running:
        running.wait_for("READY")
        (child,) = [line.split()[1] for line in running.out.splitlines() if line.startswith("process ")]
        os.kill(int(child), signal.SIGKILL)
        assert running.wait_for("X_XPM_ERROR") == "its process was killed by SIGKILL"
        assert running.end() == -signal.SIGKILL


def test_a_services_own_error_is_believed(tmp_path):
    with host(tmp_path, "kinds.SaysError") as running:
        assert running.wait_for("X_XPM_ERROR") == "its licence has expired"
        assert running.end() == 1


@pytest.mark.parametrize(
    ("service_class", "part", "ends"),
    [
        ("kinds.Composite", "board", False),
        ("kinds.Composite", "export", True),
        ("kinds.SelfInclusive", None, False),
        ("kinds.SelfInclusive", "export", True),
    ],
)
def test_a_part_is_run_without_the_others(tmp_path, service_class, part, ends):
    with host(tmp_path, service_class, part=part) as running:
        running.wait_for("READY")
        assert (running.end() if ends else running.stop()) == 0
        assert ("exported" in running.out) == ends
        assert ("serving" in running.out) == (not ends)


def test_a_composite_without_a_part_runs_all_in_one_host(tmp_path):
    with host(tmp_path, "kinds.Composite") as running:
        running.wait_for("READY")
        assert running.said["X_XPM_URL"] == "http://127.0.0.1:1/"
        assert running.stop() == 0
        assert "exported" in running.out and "serving" in running.out


def test_an_unknown_part_is_refused_with_those_that_there_are(tmp_path):
    with host(tmp_path, "kinds.Composite", part="wandb") as running:
        error = running.wait_for("X_XPM_ERROR")
        assert error == "cannot run 'service/wandb': kinds.Composite has no part 'wandb' (it has: board, export)"
        assert running.end() == 1
