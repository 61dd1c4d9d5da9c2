"""What was asked for of all services of an experiment counts, whoever attached it first: their lifetime, the time to be ready."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from instance import Instance
from xpmd import Client, Readiness, experiment
from xpmd.experimaestro.wishes import USUAL, Wishes

from .program import Program, awaited, program


def ends_with_its_experiment(driver: Program, client: Client, experiment: str) -> None:
    driver.ask("add(Web())")
    driver.ask("get('web').get_url()")
    driver.go("end")
    assert driver.hear()["ended"]
    assert client.wait(f"{experiment}:web", "ended", 60).state.value == "STOPPED"


def test_a_lifetime_may_end_with_the_experiment(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "late", "attach") as driver:
        driver.hear()
        assert driver.ask("attach(xp, lifetime='stop')") is None
        ends_with_its_experiment(driver, client, "late")


def test_a_lifetime_counts_where_the_import_hook_was_first(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "experiment=stop", hook=True) as driver:
        driver.hear()
        ends_with_its_experiment(driver, client, "exp")


def test_another_lifetime_is_that_of_what_is_there_but_for_what_runs(instance: Instance, client: Client) -> None:
    def lifetime(id: str) -> str | None:
        known = client.status(f"exp:{id}").definition.lifetime
        return None if known is None else known.after_experiment

    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        for made in ("Web()", "local()", "Composite()", "OneShot()"):
            driver.ask(f"add({made})")
        driver.ask("get('web').get_url()")
        assert driver.ask("attach(xp, lifetime='stop')") is None
        assert "the service 'web' runs: its other lifetime or readiness timeout counts from its next start" in driver.log
        for id in ("local", "monitoring/board", "one-shot"):
            assert lifetime(id) == "stop"
        # Whoever has no wish changes nothing.
        driver.ask("attach(xp)")
        assert lifetime("local") == "stop" and lifetime("web") == "keep"
        assert driver.ask("get('local').get_url()") == "http://127.0.0.1:1/"
        assert "cannot use 'never' as a lifetime" in driver.fails("attach(xp, lifetime='never')")


@pytest.mark.parametrize(
    "lifetime", ["for ever", -1.0, True, math.inf, math.nan, 1e30, timedelta.max, timedelta(seconds=-1), ["stop"]]
)
def test_a_lifetime_that_cannot_be_used_is_refused_before_the_experiment_begins(tmp_path: Path, lifetime: Any) -> None:
    with pytest.raises(ValueError, match="^cannot use .* as a lifetime"):
        experiment(tmp_path, "exp", lifetime=lifetime)


@pytest.mark.parametrize("timeout", ["60", -1.0, True, math.inf, math.nan, 1e30, timedelta.max])
def test_so_is_a_readiness_timeout(tmp_path: Path, timeout: Any) -> None:
    with pytest.raises(ValueError, match="^cannot use .* as a readiness timeout"):
        experiment(tmp_path, "exp", ready_timeout=timeout)


def test_wishes_are_as_definitions_have_them() -> None:
    wishes = USUAL.but(timedelta(hours=1), timedelta(minutes=5))
    assert wishes.lifetime == {"after_experiment": "stop", "delay_s": 3600}
    assert wishes.readiness == Readiness(notify=True, timeout_s=300)
    assert wishes.but("stop", None) == Wishes({"after_experiment": "stop"}, wishes.readiness)
    assert USUAL.but(None, None) == USUAL


def test_how_long_services_have_to_be_ready_can_be_said(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("attach(xp, ready_timeout=0.5)")
        driver.ask("add(Composite())")
        driver.ask("add(NeverReady())")
        driver.ask("add(LocalNeverReady())")
        for id in ("never-ready", "local-never-ready"):
            assert "0.5" in driver.fails(f"get('{id}').get_url()")
            assert client.status(f"exp:{id}").service.state.value == "ERROR"
        driver.ask("attach(xp, ready_timeout=300)")
        for id in ("never-ready", "local-never-ready", "monitoring/board"):
            readiness = client.status(f"exp:{id}").definition.readiness
            assert readiness is not None and (readiness.notify, readiness.timeout_s) == (True, 300)
        assert client.status("exp:monitoring").definition.readiness is None
        # Who waits waits longer than xpmd.
        link = "vars(get('monitoring').subservices()[0])['_xpmd_link']"
        assert driver.ask(f"{link}._limit") == 360
