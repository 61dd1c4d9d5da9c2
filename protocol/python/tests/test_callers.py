"""What a service has of the process that adds it, and which folder's service a short name means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from instance import LIMIT, Instance
from xpmd import Client, Definition, NotFound, Reference, State
from xpmd import callers
from xpmd.environments import nearest_folder

PACKAGE = Path(__file__).resolve().parents[1]

ADDING = """
import json, os, resource, sys
from xpmd import Autostart, Client, Definition, Places
from xpmd.methods import SubService

os.umask(0o027)
os.nice(3)
resource.setrlimit(resource.RLIMIT_NOFILE, (333, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
places = Places(os.environ)
sleep = Definition.of_command(["sleep", "1000"])
with Client(places, autostart=False) as client, client.experiment(sys.argv[1], "e", "r") as xp:
    xp.add("whole", command=["sleep", "1000"])
    xp.add("parts", sub_services={"one": sleep})
    client.add(sys.argv[1], "e", "r", "plain", sleep.replace(environment={"PATH": os.environ["PATH"]}))
"""


def settings(pid: int) -> tuple[str, int, str, str]:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    files = next(line for line in limits if line.startswith("Max open files")).split()[3]
    return status["Umask"].strip(), os.getpriority(os.PRIO_PROCESS, pid), files, status["Cpus_allowed_list"].strip()


def test_services_have_what_the_process_had_that_added_them(client: Client, instance: Instance) -> None:
    client.daemon_status()
    environment = instance.environment | {"PYTHONPATH": str(PACKAGE)}
    subprocess.run([sys.executable, "-c", ADDING, instance.workspace], env=environment, check=True, timeout=LIMIT)
    first = str(min(os.sched_getaffinity(0)))
    priority = os.getpriority(os.PRIO_PROCESS, 0) + 3
    for id in ["whole", "parts/one", "plain"]:
        service = Reference(id, "e", "r", str(instance.workspace))
        client.start(service)
        running = client.wait(service, timeout=LIMIT)
        assert running.pid is not None and settings(running.pid) == ("0027", priority, "333", first)
    assert client.status("e:parts").definition.caller is None


def test_the_settings_of_this_process_are_those_that_the_kernel_tells() -> None:
    caller = callers.of_this_process()
    umask = os.umask(0)
    os.umask(umask)
    assert (caller.umask, caller.nice) == (umask, os.getpriority(os.PRIO_PROCESS, 0))
    assert caller.rlimits is not None and set(caller.rlimits) == set(callers._LIMITS)


def test_a_short_name_means_a_service_of_this_folder(
    client: Client, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = instance.root / "other"
    for folder in (instance.workspace, other):
        (folder / "sub").mkdir(parents=True)
        client.open_experiment(folder, "e", "r")
        client.add(folder, "e", "r", "web", Definition.of_command(["sleep", "1000"]))
    client.add(other, "e", "r", "only", Definition.of_command(["sleep", "1000"]))
    monkeypatch.chdir(instance.workspace / "sub")
    assert client.start("web").workspace == str(instance.workspace)
    assert client.wait("web", timeout=LIMIT).workspace == str(instance.workspace)
    assert client.status("only").service.workspace == str(other)
    for call in (client.start, client.stop, client.restart, client.remove, client.wait):
        with pytest.raises(NotFound, match="e@r:only in ") as refused:
            call("only")
        assert refused.value.data["candidates"]
    monkeypatch.chdir(other)
    assert client.status("web").service.workspace == str(other)
    assert client.start("only").state is State.STARTING
    # What names the folder itself is not touched.
    assert client.stop(Reference("web", workspace=str(instance.workspace))).workspace == str(instance.workspace)


def test_a_name_is_seen_from_a_folder_that_can_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = os.fsencode(tmp_path) + b"/\xff/sub"
    os.makedirs(foreign)
    monkeypatch.chdir(os.fsdecode(foreign))
    assert nearest_folder() == str(tmp_path)
    os.rmdir(foreign)
    assert nearest_folder() == "/"


# Bytes that are no UTF-8

CARRYING = """
import json, os, sys, warnings
from xpmd.environments import current_folder, for_services
from xpmd.types import Definition

told = {"encoding": sys.getfilesystemencoding()}
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    told["environment"] = for_services()
told["warned"] = [str(warning.message) for warning in warned]
told["folder"] = current_folder()
told["arguments"] = Definition.of_command(sys.argv[1:]).run.arguments
sys.stdout.write(json.dumps(told))
"""


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONUTF8": "1"}])
def test_text_is_carried_as_it_is_whatever_the_locale(locale: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "größe"
    folder.mkdir()
    environment: dict[bytes, bytes] = {
        b"PATH": os.environb[b"PATH"], b"PYTHONPATH": os.fsencode(PACKAGE), "NÄME".encode(): "wért".encode(), b"BAD": b"a\xff",
        **{name.encode(): value.encode() for name, value in locale.items()},
    }
    done = subprocess.run(
        [sys.executable, "-c", CARRYING, "ärgument"], env=environment, cwd=folder, stdout=subprocess.PIPE, check=True
    )
    told: Any = json.loads(done.stdout)
    assert told["environment"]["NÄME"] == "wért" and "BAD" not in told["environment"]
    assert len(told["warned"]) == 1 and "'BAD'" in told["warned"][0]
    assert (told["folder"], told["arguments"]) == (str(folder), ["ärgument"])
