"""Names, references, times, places, errors and records."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path
from typing import Any, Callable

import pytest

from xpmd import (
    Ambiguous, ConnectionLost, DaemonUnavailable, Definition, NotFound, Places, Reference, RunMode, ServiceRecord, StartFailed,
    XPMError,
)
from xpmd import errors, frames, names, state_dicts
from xpmd.environments import current_folder, for_services, inheritable
from xpmd.times import Time
from xpmd.types import Run, Terminal

README = Path(__file__).parents[2] / "README.md"


# Errors


def test_the_table_of_errors_is_that_of_the_protocol() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (-\d+) \| (\d+) \|", README.read_text(), re.MULTILINE)
    assert errors.CODES == {name: (int(number), int(code)) for name, number, code in rows}


def test_errors_have_the_class_of_their_code_and_can_be_pickled() -> None:
    for code, kind in errors.KINDS.items():
        error = XPMError(code, "cannot do it", {"a": 1})
        assert type(error) is kind and isinstance(error, XPMError)
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is kind and (again.code, str(again), again.data) == (code, "cannot do it", {"a": 1})
    assert type(XPMError("storage_full", "cannot save it")) is XPMError


@pytest.mark.parametrize(
    "code", ["start_failed", "command_not_found", "command_not_executable", "folder_not_found", "file_system_unresponsive",
             "dependency_failed", "host_gone"]
)
def test_whatever_makes_a_start_fail_is_one_kind(code: str) -> None:
    error = XPMError.from_json({"code": 0, "data": {"code": code}, "message": "cannot start it"})
    assert isinstance(error, StartFailed) and error.code == code and error.exit_code == 5


def test_an_unknown_code_goes_by_its_number_and_an_unknown_number_is_a_defect() -> None:
    assert XPMError.from_json({"code": -32010, "data": {"code": "later"}, "message": ""}).code == "not_found"
    assert XPMError.from_json({"code": -1, "message": ""}).code == "internal_error"
    assert isinstance(XPMError.from_json({"code": -32011, "message": ""}), Ambiguous)
    assert XPMError.from_json("nonsense").code == "internal_error"


# Names and references


@pytest.mark.parametrize("name", ["x" * 128, "größe", "a b", "-rf", "...", "🧪", "e\u0301"])
def test_odd_names_are_names(name: str) -> None:
    assert names.validate(name, "a service") == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a@b", "a:b", "a\n", "\u202ea", "a\u200d", "a\u2028b", " a", "a\u00a0", "x" * 129, "é" * 65, "\ud800"]
)
def test_names_that_break_the_rules_are_refused(name: str) -> None:
    with pytest.raises(XPMError, match="^cannot use '") as caught:
        names.validate(name, "a service")
    assert caught.value.code == "invalid_name"


@pytest.mark.parametrize(
    "text, parts",
    [
        ("tensorboard", Reference("tensorboard")),
        ("monitoring/wandb", Reference("monitoring/wandb")),
        ("e:tensorboard", Reference("tensorboard", "e")),
        ("e@r:monitoring/wandb", Reference("monitoring/wandb", "e", "r")),
    ],
)
def test_a_reference_is_read_and_written(text: str, parts: Reference) -> None:
    assert Reference.parse(text) == parts and str(parts) == text
    assert Reference.from_json(parts.to_json()) == parts


@pytest.mark.parametrize("text", ["", "a/b/c", "a/", "a:b:c", "a@b@c:d", ":x", "e@:x", "x@r", "a\0b"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(XPMError) as caught:
        Reference.parse(text)
    assert caught.value.code == "invalid_name"


def test_workspaces_are_normalised_and_absolute() -> None:
    assert names.workspace("//home/./ada/x/../ws//") == "/home/ada/ws"
    assert names.workspace(Path("/../..")) == "/"
    for folder in ("ws", "", "/a\0b"):
        with pytest.raises(XPMError) as caught:
            names.workspace(folder)
        assert caught.value.code == "invalid_parameters"


# Times


def test_times_are_read_with_any_offset_and_written_in_utc() -> None:
    for text in ("2026-11-22T11:15:00.2509+01:00", "2026-11-22T10:15:00.25Z", "2026-11-22T04:45:00.250-05:30"):
        assert str(Time.parse(text)) == "2026-11-22T10:15:00.250Z"
    assert Time.parse("1969-12-31T23:59:59.999Z") == -1
    assert Time.parse("2028-02-29T00:00:00Z").datetime.isoformat() == "2028-02-29T00:00:00+00:00"


def test_times_reach_from_the_year_0_to_9999() -> None:
    for text in ("0000-01-01T00:00:00.000Z", "0399-12-31T23:59:59.999Z", "0400-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"):
        assert str(Time.parse(text)) == text
    assert str(Time(-(10**17))) == "0000-01-01T00:00:00.000Z" and str(Time(10**17)) == "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize(
    "text", ["", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:15:00.Z", "2026-11-22T10:15:00",
             "2026-11-22 10:15:00Z", "2026-11-22T10:15:00+24:00", "2026-11-22T10:15:00ZZ", "\u0662026-11-22T10:15:00Z"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Time.parse(text)


# Places


def test_the_socket_is_found_at_the_first_place_that_applies() -> None:
    assert Places({"XPMD_SOCKET": "/s", "XPMD_RUNTIME_DIR": "/r"}, 7).socket == "/s"
    assert Places({"XPMD_SOCKET": "", "XPMD_RUNTIME_DIR": "/r", "XDG_RUNTIME_DIR": "/x"}, 7).socket == "/r/xpmd.sock"
    assert Places({"XDG_RUNTIME_DIR": "/x/"}, 7).socket == "/x/xpmd/xpmd.sock"
    assert Places({"XDG_RUNTIME_DIR": "x"}, 7).socket == "/tmp/xpmd-7/xpmd.sock"
    assert [Places({}, 7).is_shared, Places({"XPMD_SOCKET": "/s"}, 7).is_shared] == [True, False]


def test_relative_overrides_are_refused() -> None:
    with pytest.raises(XPMError) as caught:
        Places({"XPMD_RUNTIME_DIR": "r"}, 7)
    assert caught.value.code == "invalid_parameters"


def test_a_socket_path_has_at_most_107_bytes() -> None:
    Places({"XPMD_SOCKET": "/" + "x" * 106}).check()
    with pytest.raises(DaemonUnavailable, match="107"):
        Places({"XPMD_SOCKET": "/" + "é" * 54}).check()


def test_a_runtime_folder_that_cannot_be_used_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XPMD_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("XPMD_SOCKET", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    places = Places()
    assert places.is_shared and places.warning is not None and "it does not exist" in places.warning
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert Places().socket == f"{tmp_path}/xpmd/xpmd.sock" and Places().warning is None


def test_the_daemon_of_the_state_folder_is_found_by_its_own_note(tmp_path: Path) -> None:
    note = tmp_path / "daemon.json"
    environment = {"XPMD_STATE_DIR": str(tmp_path), "XPMD_RUNTIME_DIR": "/r"}
    places = Places(environment, os.getuid())
    assert places.noted() is None
    note.write_text('{"pid": 1, "start_time": 1, "boot_id": "b", "socket": "/elsewhere/xpmd.sock"}')
    note.chmod(0o600)
    assert places.noted() == ("/elsewhere/xpmd.sock", 1)
    assert Places({**environment, "XPMD_SOCKET": "/s"}, os.getuid()).noted() is None
    note.chmod(0o620)
    assert places.noted() is None
    note.chmod(0o600)
    for text in ("", "no JSON", "[]", '{"socket": 1}', '{"socket": "xpmd.sock"}', '{"socket": "/r/xpmd.sock"}'):
        note.write_text(text)
        assert places.noted() is None


def test_root_makes_no_folders_in_anothers_home(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give folders away")
    home = tmp_path / "ada"
    home.mkdir()
    os.chown(home, 4711, 4711)
    with pytest.raises(DaemonUnavailable, match="it belongs to user 4711"):
        Places({"HOME": str(home)}, 0).check_state()
    Places({"XPMD_STATE_DIR": f"{home}/state"}, 0).check_state()


def test_a_current_folder_that_was_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    with pytest.raises(XPMError, match="gone': it was removed") as caught:
        current_folder()
    assert caught.value.code == "folder_not_found"


def test_the_state_folder_is_told_by_the_environment() -> None:
    assert Places({"XPMD_STATE_DIR": "/s"}).state_folder == "/s"
    assert Places({"XDG_STATE_HOME": "/x"}).state_folder == "/x/xpmd"
    assert Places({"HOME": "/h", "XDG_STATE_HOME": "x"}).state_folder == "/h/.local/state/xpmd"
    with pytest.raises(XPMError) as caught:
        Places({}).state_folder
    assert caught.value.code == "folder_not_found"


def test_a_folder_that_others_made_or_may_enter_is_not_trusted(tmp_path: Path) -> None:
    def places(folder: Path, user: int | None = None) -> Places:
        places = Places({}, os.getuid() if user is None else user)
        places.runtime_folder = str(folder)
        return places

    own, missing, link, file = tmp_path / "own", tmp_path / "missing", tmp_path / "link", tmp_path / "file"
    own.mkdir(mode=0o700)
    link.symlink_to(own)
    file.touch(mode=0o600)
    places(own).check()
    places(missing).check()
    for other, cause in ((places(link), "not a folder"), (places(file), "not a folder"), (places(own, 4242), "belongs to")):
        with pytest.raises(DaemonUnavailable, match=cause):
            other.check()
    own.chmod(0o750)
    with pytest.raises(DaemonUnavailable, match="750"):
        places(own).check()


# Frames


def test_a_frame_over_the_limit_is_not_made() -> None:
    assert frames.encode(b"x" * 8, limit=8) == b"\0\0\0\x08" + b"x" * 8
    with pytest.raises(XPMError) as caught:
        frames.encode(b"x" * 9, limit=8)
    assert caught.value.code == "frame_too_large" and caught.value.data == {"length": 9, "limit": 8}


# Records


def test_a_definition_carries_along_what_it_does_not_know() -> None:
    value = {
        "run": {"kind": "hosted", "module": "m", "options": {"a": [1]}},
        "log": {"keep": 2, "stdout": "/x", "fresh": True, "later": 1},
        "readiness": {"http": {"later": 1}},
        "later": "x",
        "others": 1,
        "after": ["a"],
    }
    definition = Definition.from_json(value)
    assert definition.to_json() == value
    assert definition.replace(folder="/f").to_json() == {**value, "folder": "/f"}
    assert definition.known().to_json() == {"run": {"kind": "hosted"}, "log": {"keep": 2, "stdout": "/x", "fresh": True}, "readiness": {"http": {}}, "after": ["a"]}


@pytest.mark.parametrize("tty", [True, False, {"columns": 80}, {"columns": 80, "rows": 24, "later": 1}, {}])
def test_a_terminal_is_a_word_or_a_size(tty: Any) -> None:
    value = {"run": {"kind": "composite"}, "tty": tty, "log": {"to": "files", "max_age_s": 86400}}
    definition = Definition.from_json(value)
    assert definition.tty is tty if isinstance(tty, bool) else isinstance(definition.tty, Terminal)
    assert definition.to_json() == value
    assert Definition(Run("composite"), tty=Terminal(rows=5)).to_json()["tty"] == {"rows": 5}
    with pytest.raises(XPMError, match=r"tty is not a boolean or an object$"):
        Definition.from_json({**value, "tty": "yes"})
    with pytest.raises(XPMError, match=r"tty\.rows is not an integer$"):
        Definition.from_json({**value, "tty": {"rows": 1.5}})


def test_a_value_of_another_shape_is_told_by_its_place() -> None:
    with pytest.raises(XPMError, match=r"^cannot read a Definition: run\.arguments\.1 is not a string$"):
        Definition.from_json({"run": {"kind": "command", "arguments": ["a", 1]}})
    with pytest.raises(XPMError, match=r"limits\.nice is not an integer"):
        Definition.from_json({"run": {"kind": "command"}, "limits": {"nice": True}})
    with pytest.raises(XPMError, match="workspace is not a string"):
        ServiceRecord.from_json({})


# What goes to services


def test_a_state_dictionary_marks_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    encoded = state_dicts.encode({"a": Path("x"), "b": [Path("/y"), {"c": None}], "__unserializable__": True})
    assert encoded == {"a": {"__path__": str(tmp_path / "x")}, "b": [{"__path__": "/y"}, {"c": None}], "__unserializable__": True}
    with pytest.raises(XPMError, match="__mine"):
        state_dicts.encode({"a": {"__mine": 1}})


def test_services_get_nothing_that_belongs_to_this_process_alone() -> None:
    environment = {"PATH": "/bin", "NOTIFY_SOCKET": "/n", "LISTEN_FDS": "1", "WATCHDOG_USEC": "1", "PWD": "/", "XPMD_SOCKET": "/s", "BAD": "\udcff"}
    with pytest.warns(UserWarning, match="'BAD'"):
        assert for_services(environment) == {"PATH": "/bin"}
    with pytest.warns(UserWarning, match="''"):
        assert for_services({"A": "1", "": "nameless"}) == {"A": "1"}
    assert inheritable(environment).keys() == {"PATH", "PWD", "XPMD_SOCKET", "BAD"}


@pytest.mark.parametrize("make", [Definition.of_command, lambda words: Definition.of_template("t", arguments=words)])
def test_an_argument_that_is_no_text_is_refused_by_name(make: Callable[[list[str]], Definition]) -> None:
    with pytest.raises(XPMError, match=r"'caf\\udce9': it is not UTF-8"):
        make(["echo", os.fsdecode(b"caf\xe9")])
    assert make(["echo", "café"]).run.arguments == ("echo", "café")


def test_run_modes_are_texts_too() -> None:
    assert RunMode("NORMAL") == "NORMAL" and isinstance(ConnectionLost("connection_lost", ""), XPMError)
    assert isinstance(XPMError("not_found", ""), NotFound)
