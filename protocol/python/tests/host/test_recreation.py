"""From class and state_dict to a service (EXPERIMAESTRO.md's 4.1, L21, L22), and what can stand in the way."""

import json

import pytest

from .hosting import KINDS, host


def test_paths_are_made_at_every_level_and_reserved_keys_dropped(tmp_path):
    state = {
        "path": {"__path__": "/a", "other": 1},
        "deep": [{"x": {"__path__": "/b"}, "__hidden__": 1}],
        "plain": [1, None],
        "__class__": "x",
    }
    with host(tmp_path, "kinds.Arguments", state) as running:
        running.wait_for("READY")
        assert json.loads(running.said["X_XPM_URL"]) == {"path": "</a>", "deep": [{"x": "</b>"}], "plain": [1, None]}


@pytest.mark.parametrize("name", ["kinds.Outer.Inner", "kinds.Inner"])
def test_nested_classes_are_found_by_either_name(tmp_path, name):
    with host(tmp_path, name) as running:
        assert running.wait_for("READY") == "1"


def test_a_class_of_main_comes_from_its_script_whose_main_part_does_not_run(tmp_path):
    with host(tmp_path, "__main__.OfScript", main=str(KINDS / "script.py")) as running:
        assert running.wait_for("READY") == "1"
        assert running.stop() == 0
        assert not (KINDS / "must-not-be").exists()


READS_ARGV = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("url")
arguments = parser.parse_args()
from kinds import Web
class Told(Web):
    def __init__(self):
        super().__init__(arguments.url)
"""


def test_a_script_finds_the_command_line_that_it_had(tmp_path):
    script = tmp_path / "reads.py"
    script.write_text(READS_ARGV)
    with host(tmp_path, "__main__.Told", main=str(script), argv=["http://127.0.0.1:9/"]) as running:
        assert running.wait_for("X_XPM_URL") == "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (READS_ARGV, "itself with code 2"),
        ("raise SystemExit", "itself with code 0"),
        ("raise SystemExit('no data')", "itself (no data)"),
    ],
)
@pytest.mark.parametrize("keys", [{}, {"argv": None}])
def test_a_script_that_ends_itself_before_the_class_is_said_to(tmp_path, text, how, keys):
    script = tmp_path / "reads.py"
    script.write_text(text)
    with host(tmp_path, "__main__.Told", main=str(script), **keys) as running:
        error = running.wait_for("X_XPM_ERROR")
        assert error == f"cannot find the class '__main__.Told': the script '{script}' ended {how} before it defined it"
        assert running.end() == 1


def test_a_script_of_a_package_may_import_relatively(tmp_path):
    package = tmp_path / "root" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "near.py").write_text("from kinds import Web as Base\n")
    (package / "tool.py").write_text("from .near import Base\nclass Tool(Base):\n    id = 'tool'\n")
    with host(
        tmp_path,
        "__main__.Tool",
        main=str(package / "tool.py"),
        path=[str(tmp_path / "root"), str(KINDS), *__import__("sys").path],
    ) as running:
        assert running.wait_for("READY") == "1"


def test_the_service_gets_the_environment_without_what_was_the_hosts(tmp_path):
    with host(tmp_path, "kinds.Environment", pythonpath="/some/where", path=None) as running:
        running.wait_for("READY")
        shown = json.loads(running.said["X_XPM_URL"])
        assert shown["environment"] == {
            "PYTHONPATH": "/some/where",
            "XPM_HOST": None,
            "XPMD_SOCKET": None,
            "XPMD_ATTACH": "0",
        }
        assert all(name == "xpmd" or name.startswith("xpmd.host") for name in shown["modules"])
        assert not (tmp_path / "host.json").exists()


@pytest.mark.parametrize(
    ("service_class", "state", "words"),
    [
        ("no_such_module.Service", {}, ["cannot import 'no_such_module' in ", "ModuleNotFoundError", "sys.path is "]),
        ("kinds.Missing", {}, ["cannot find the class 'kinds.Missing'", "'kinds' has no Missing"]),
        ("kinds.not_a_class", {}, ["it is no class but a int"]),
        ("kinds.NotAService", {}, ["kinds.NotAService is no service of experimaestro"]),
        ("kinds.Picky", {"wrong": 1}, ["kinds.Picky(wrong)", "TypeError"]),
        ("kinds.Unstartable", {}, ["kinds.Unstartable has nothing to start"]),
        ("kinds.Web", {"__unserializable__": True, "__reason__": "it holds a socket"}, ["it holds a socket"]),
        ("__main__.Name", {}, ["it is not known which script it is of"]),
        ("NoModule", {}, ["it is not of the form module.Name"]),
    ],
)
def test_what_stands_in_the_way_is_said_in_a_sentence(tmp_path, service_class, state, words):
    with host(tmp_path, service_class, state) as running:
        error = running.wait_for("X_XPM_ERROR")
        assert error.startswith("cannot ")
        assert all(word in error for word in words), error
        assert running.end() == 1
        assert "Traceback" in running.err


def test_folders_that_were_found_come_before_the_interpreters_own(tmp_path):
    # A job's script names only what it puts in front; experimaestro itself is in the interpreter's own folders.
    with host(tmp_path, "kinds.Web", path=[str(KINDS)]) as running:
        assert running.wait_for("READY") == "1"
        assert running.stop() == 0


@pytest.mark.parametrize("recorded", [True, False])
def test_the_current_folder_is_behind_all_others_unless_it_was_recorded(tmp_path, recorded):
    (tmp_path / "colorsys.py").write_text("here = True")
    (tmp_path / "near.py").write_text(
        "import colorsys, sys\n"
        f"sys.path.append({str(KINDS)!r})\n"
        "from kinds import Web\n"
        "class Near(Web):\n"
        "    def __init__(self):\n"
        "        super().__init__(f'http://{hasattr(colorsys, \"here\")}/')\n"
    )
    with host(tmp_path, "near.Near", path=[str(tmp_path)] if recorded else []) as running:
        assert running.wait_for("X_XPM_URL") == f"http://{recorded}/"
