"""What users do wrong, and what may be missing: the experiment goes on (EXPERIMAESTRO.md's L11, L19, L20)."""

from __future__ import annotations

import json
import os
import shutil

from instance import Instance
from xpmd import Client

from .program import awaited, program


def test_faults_of_a_service_stay_at_that_service(instance: Instance, client: Client) -> None:
    workspace = instance.root / "ws"
    with program(instance, "driver.py", str(workspace), "exp", "attach") as driver:
        run = driver.hear()["run"]
        told = driver.ask("add(ASet())")
        assert told["error"] == "it cannot be recreated: state_dict['url'] is a set, which JSON has not"
        assert "nothing to say" in driver.ask("add(NoDescription())")["error"]
        assert driver.ask("get('no-description').get_url()") == "http://127.0.0.1:1/"
        told = driver.ask("add(NoParts())")
        assert told["error"] == "it has no parts: its subservices() raises ValueError: nobody knows them"
        assert driver.ask("[one is get('no-parts') for one in get('no-parts').subservices()]") == [True]
        assert driver.ask("get('no-parts').get_url()") == "http://127.0.0.1:1/"
        assert driver.ask("add(Web())")["error"] is None
        driver.go("end")
        assert driver.hear()["ended"]
        for fault in ("'a-set' cannot be recreated", "'no-description' has no description", "'no-parts' has no parts"):
            assert driver.log.count(fault) == 1
        # The reference leaves this truncated.
        status = json.loads((workspace / "experiments" / "exp" / run / "status.json").read_text())
        assert status["status"] == "done" and set(status["services"]) == {"a-set", "no-description", "no-parts", "web"}


def test_faults_are_told_also_where_xpmd_does_not_take_the_service(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("names.update(one=NoParts())")
        driver.ask("setattr(one, 'id', 'no/name')")
        driver.ask("add(one)")
        assert "the service 'no/name' has no parts" in driver.log and "it stays local" in driver.log
        driver.go("end")
        assert driver.hear()["ended"]


def test_of_two_services_with_one_id_the_second_is_told(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Web())")
        told = driver.ask("add(Arguments(other=1))")
        assert told["state"] == "ERROR" and "another one of that id" in told["error"]
        assert driver.ask("facts(get('web'))")["state"] == "STOPPED"
        # The same again is the same.
        assert driver.ask("add(Web())")["error"] is None
        assert driver.ask("get('web').get_url()") == "http://127.0.0.1:1/"
        driver.go("end")
        assert driver.hear()["ended"]


def test_without_a_daemon_there_is_one_warning_and_services_are_local(instance: Instance) -> None:
    empty = instance.root / "empty"
    empty.mkdir()
    os.chmod(instance.root, 0o700)
    instance.programs = str(empty)
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        assert driver.ask("add(Web())")["state"] == "STOPPED"
        assert driver.ask("get('web').get_url()") == "http://127.0.0.1:1/"
        assert driver.ask("add(OneShot())")["state"] == "STOPPED"
        driver.go("end")
        assert driver.hear()["ended"]
        driver.go("end")
        assert driver.end() == 0
        assert driver.log.count("are not supervised by xpmd") == 1


def test_an_xpmd_with_nothing_on_record_is_told_again(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Web())")
        assert driver.ask("add(local())")["state"] == "STOPPED"
        driver.ask("add(OneShot())")
        driver.ask("names.update(reached=lambda id: Recorder().reached(get(id), 'RUNNING'))")
        for id in ("local", "web"):
            assert driver.ask(f"get({id!r}).get_url()") == "http://127.0.0.1:1/"
        before = client.daemon_status()
        instance.kill(before.pid)
        shutil.rmtree(instance.places.state_folder)
        with instance.client() as other:
            assert other.daemon_status().instance != before.instance
            with other.events(since=0) as events:
                assert {awaited(events, "service.added").id for _ in range(3)} == {"web", "local", "one-shot"}
            # What ran does so again, in the experiment and in a host.
            for id in ("local", "web"):
                assert other.wait(f"exp:{id}", "running", 60).url == "http://127.0.0.1:1/"
                assert driver.ask(f"reached({id!r})")["state"] == "RUNNING"
            assert driver.ask("facts(get('one-shot'))")["state"] == "STOPPED"
            assert other.experiments()[0].status.value == "open"
            driver.go("end")
            assert driver.hear()["ended"]
            assert other.experiments()[0].status.value == "done"


def test_a_class_that_allows_no_subclass_stays_local_and_unknown_to_xpmd(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Final())")
        assert "the service 'final', it stays local" in driver.log and "Final is final" in driver.log
        assert driver.ask("get('final').get_url()") == "http://127.0.0.1:1/"
        assert client.list() == []
        driver.go("end")
        assert driver.hear()["ended"]
