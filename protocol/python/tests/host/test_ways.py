"""Classes with a `get_url` or `stop` of their own, around experimaestro's: they have the word that they have alone."""

import os
import signal

import pytest

from .hosting import host

SERVES = {"script": "echo http://127.0.0.1:5/; exec sleep 1000"}


@pytest.mark.parametrize(
    ("service_class", "state", "url"),
    [
        ("ways.WebPath", {}, "http://127.0.0.1:1/path?x=1"),
        ("ways.WebAfterwards", {}, "http://127.0.0.1:8/"),
        ("ways.WebAtOnce", {}, "http://127.0.0.1:1/at-once"),
        ("ways.ProcessPath", SERVES, "http://127.0.0.1:5/lab?token=1"),
    ],
)
def test_the_url_is_what_a_get_url_of_the_classes_own_returns(tmp_path, service_class, state, url):
    with host(tmp_path, service_class, state) as running:
        assert running.wait_for("X_XPM_URL") == url
        assert running.said["READY"] == "1"
        assert running.stop() == 0
        assert running.said["X_XPM_URL"] == url


@pytest.mark.parametrize(
    ("service_class", "state", "error", "code"),
    [
        ("ways.WebFails", {}, "OSError: the port is taken", 1),
        ("ways.ProcessFails", {"script": "exit 2"}, "RuntimeError: wrong flag", 2),
    ],
)
def test_the_cause_is_told_and_not_what_get_url_then_raises(tmp_path, service_class, state, error, code):
    with host(tmp_path, service_class, state) as running:
        assert running.wait_for("X_XPM_ERROR") == error
        assert running.end() == code
        assert "READY" not in running.said
        assert "TypeError" in running.err


@pytest.mark.parametrize(("service_class", "state"), [("ways.WebGraceful", {}), ("ways.ProcessGraceful", SERVES)])
def test_a_stop_of_the_classes_own_finds_it_running_and_is_let_finish(tmp_path, service_class, state):
    with host(tmp_path, service_class, state) as running:
        running.wait_for("READY")
        assert running.stop() == 0
        assert "stopped in RUNNING, serving" in running.out
        assert "put away in STOPPED" in running.out


def test_the_output_of_a_process_has_nothing_of_the_hosts(tmp_path):
    with host(tmp_path, "ways.ProcessFirstWord", SERVES) as running:
        assert running.wait_for("X_XPM_URL") == "http://127.0.0.1:5/lab?token=1"
        assert running.stop() == 0
        assert running.out == "http://127.0.0.1:5/\n"
        assert running.err.endswith("WARNING - built in haste\n")


def test_what_experimaestro_says_of_a_start_is_not_in_the_log_of_the_service(tmp_path):
    with host(tmp_path, "ways.WebPath") as running:
        running.wait_for("READY")
        assert "serving" in running.out and "Starting service" not in running.out


@pytest.mark.parametrize(
    ("service_class", "script"),
    [
        ("ways.ProcessGraceful", "exec sleep 1000"),
        ("ways.ProcessGraceful", "trap 'exit 3' TERM; sleep 1000 & wait"),
        ("kinds.Process", "exec sleep 1000"),
    ],
)
def test_a_signal_that_reaches_the_process_as_well_is_a_stop(tmp_path, service_class, script):
    with host(tmp_path, service_class, {"script": "echo http://127.0.0.1:5/; " + script}) as running:
        running.wait_for("READY")
        os.killpg(running.process.pid, signal.SIGTERM)
        assert running.end() == 0
        assert "X_XPM_ERROR" not in running.said
        assert ("put away in STOPPED" in running.out) == (service_class == "ways.ProcessGraceful")
