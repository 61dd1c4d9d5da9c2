"""WebServices: the thread counts, not what the class says of itself (EXPERIMAESTRO.md's L5, L7, L8, L9)."""

import os

from .hosting import host


def test_is_ready_with_its_url_when_its_event_is_set(tmp_path):
    with host(tmp_path, "kinds.Web") as running:
        assert running.wait_for("READY") == "1"
        assert running.said["X_XPM_URL"] == "http://127.0.0.1:1/"
        assert running.stop() == 0
        assert "ended orderly" in running.out


def test_what_it_logs_is_in_the_files_of_the_viewers_once(tmp_path):
    with host(tmp_path, "kinds.Web") as running:
        running.wait_for("READY")
        running.stop()
        assert running.out.count("serving") == 1
        assert running.err.count("a warning") == 1
        assert "serving" not in running.err


def test_what_it_prints_is_in_its_log_at_once(tmp_path):
    with host(tmp_path, "ways.Prints") as running:
        running.wait_for("READY")
        assert "printed, and not flushed\n" in running.out


def test_a_serve_that_raises_is_a_failure_with_its_text(tmp_path):
    with host(tmp_path, "kinds.Raises") as running:
        assert running.wait_for("X_XPM_ERROR") == "RuntimeError: no port is free"
        assert running.end() == 1
        assert "Traceback" in running.err
        assert "READY" not in running.said


def test_a_serve_that_raises_later_is_a_failure_too(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with host(tmp_path, "kinds.RaisesLater", {"fifo": {"__path__": str(tmp_path / "fifo")}}) as running:
        running.wait_for("READY")
        (tmp_path / "fifo").write_text("now")
        assert running.wait_for("X_XPM_ERROR") == "RuntimeError: the disk is gone"
        assert running.end() == 1


def test_an_event_set_out_of_an_exceptions_handler_is_a_failure(tmp_path):
    with host(tmp_path, "kinds.SeedLike") as running:
        error = running.wait_for("X_XPM_ERROR")
        assert error == "ModuleNotFoundError: No module named 'a_module_that_is_not_there'"
        assert running.end() == 1
        assert "READY" not in running.said


def test_a_serve_that_returns_without_being_ready_is_a_failure(tmp_path):
    with host(tmp_path, "kinds.Silent") as running:
        assert running.wait_for("X_XPM_ERROR") == "it returned without being ready"
        assert running.end() == 1


def test_one_that_is_never_ready_can_be_ended(tmp_path):
    with host(tmp_path, "kinds.NeverReady") as running:
        running.wait_for_output("logs.out", "serving nothing")
        assert running.stop() == 0
        assert "READY" not in running.said


def test_a_one_shot_that_stops_itself_has_ended_well(tmp_path):
    with host(tmp_path, "kinds.OneShot") as running:
        running.wait_for("READY")
        assert running.end() == 0
        assert "X_XPM_URL" not in running.said
        assert "exported" in running.out


def test_a_one_shot_whose_thread_ends_has_ended_well(tmp_path):
    with host(tmp_path, "kinds.OneShot", {"stops_itself": False}) as running:
        running.wait_for("READY")
        assert running.end() == 0


def test_a_one_shot_whose_last_word_is_a_logged_exception_has_failed(tmp_path):
    with host(tmp_path, "kinds.Export", {"failing": "no network"}) as running:
        assert running.wait_for("X_XPM_ERROR") == "RuntimeError: no network"
        assert running.end() == 1
        assert "export failed" in running.err


def test_a_one_shot_that_went_on_after_an_exception_has_ended_well(tmp_path):
    with host(tmp_path, "kinds.Export", {"failing": "one run is missing", "afterwards": "the others are exported"}) as running:
        running.wait_for("READY")
        assert running.end() == 0
        assert "X_XPM_ERROR" not in running.said


def test_a_signal_that_the_main_thread_does_not_see_ends_it_too(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with host(tmp_path, "kinds.TakesTheSignal", {"fifo": {"__path__": str(tmp_path / "fifo")}}) as running:
        running.wait_for("READY")
        (tmp_path / "fifo").write_text("now")
        assert running.end() == 0
        assert running.said["STOPPING"] == "1"
