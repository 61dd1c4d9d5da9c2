"""ProcessWebServices: the process counts (EXPERIMAESTRO.md's L1 to L4, L6, L10)."""

import os
import signal

from .hosting import host

SERVES = "echo http://127.0.0.1:5/; "


def test_is_ready_with_the_url_that_the_class_finds(tmp_path):
    with host(tmp_path, "kinds.Process", {"script": SERVES + "exec sleep 1000"}) as running:
        running.wait_for("READY")
        assert running.said["X_XPM_URL"] == "http://127.0.0.1:5/"
        assert running.stop() == 0


def test_its_output_is_appended_to_the_services_log(tmp_path):
    (tmp_path / "logs.err").write_text("before\n")
    with host(tmp_path, "kinds.Process", {"script": "echo after >&2;" + SERVES + "exec sleep 1000"}) as running:
        running.wait_for("READY")
        assert running.err == "before\nafter\n"


def test_a_killed_process_is_the_hosts_own_end(tmp_path):
    script = "echo $$ >pid; " + SERVES + "exec sleep 1000"
    with host(tmp_path, "kinds.Process", {"script": script}) as running:
        running.wait_for("READY")
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
        assert running.wait_for("X_XPM_ERROR") == "/bin/sh was killed by SIGKILL"
        assert running.end() == -signal.SIGKILL


def test_the_exit_code_is_told_exactly(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with host(tmp_path, "kinds.Process", {"script": SERVES + "cat fifo; exit 3"}) as running:
        running.wait_for("READY")
        (tmp_path / "fifo").write_text("now")
        assert running.wait_for("X_XPM_ERROR") == "/bin/sh exited with code 3"
        assert running.end() == 3


def test_an_exit_before_readiness_is_a_failure_whatever_the_code(tmp_path):
    with host(tmp_path, "kinds.Process", {"script": "exit 0"}) as running:
        assert running.wait_for("X_XPM_ERROR") == "/bin/sh exited with code 0 before it was ready"
        assert running.end() == 1


def test_the_class_may_say_why_its_process_ended(tmp_path):
    with host(tmp_path, "kinds.Complains") as running:
        assert running.wait_for("X_XPM_ERROR") == "RuntimeError: board exited with 2: wrong flag"
        assert running.end() == 2


def test_a_command_that_is_not_there_is_a_failure(tmp_path):
    with host(tmp_path, "kinds.NoCommand") as running:
        assert "/nowhere/no-such-program" in running.wait_for("X_XPM_ERROR")
        assert running.end() == 1


def test_signals_are_passed_on(tmp_path):
    script = 'trap "echo got-usr1 >&2" USR1; trap "echo got-term >&2; exit 0" TERM; ' + SERVES + "while :; do sleep 0.1; done"
    with host(tmp_path, "kinds.Process", {"script": script}) as running:
        running.wait_for("READY")
        running.process.send_signal(signal.SIGUSR1)
        running.wait_for_output("logs.err", "got-usr1")
        assert running.stop() == 0
        assert "got-term" in running.err


def test_a_stop_before_readiness_ends_it(tmp_path):
    with host(tmp_path, "kinds.Process", {"script": "echo begun; exec sleep 1000"}) as running:
        running.wait_for_output("logs.out", "begun")
        assert running.stop() == 0


def test_without_a_log_folder_the_class_finds_the_output_all_the_same(tmp_path):
    script = SERVES + "pwd; exec sleep 1000"
    with host(tmp_path, "kinds.Process", {"script": script}, log_directory=None) as running:
        running.wait_for("READY")
        assert running.said["X_XPM_URL"] == "http://127.0.0.1:5/"
        stand_in = running.out.splitlines()[-1]
        running.stop()
        assert not os.path.exists(stand_in)
