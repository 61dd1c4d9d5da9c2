"""What becomes of services when their experiment has ended is as it was asked for, whoever attached the experiment first."""

from __future__ import annotations

from pathlib import Path

import pytest

from instance import Instance
from xpmd import Client, experiment

from .program import awaited, program


def test_a_lifetime_may_end_with_the_experiment(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "late", "attach") as driver:
        driver.hear()
        assert driver.ask("attach(xp, lifetime='stop')") is None
        driver.ask("add(Web())")
        driver.ask("get('web').get_url()")
        driver.go("end")
        assert driver.hear()["ended"]
        assert client.wait("late:web", "ended", 60).state.value == "STOPPED"


def test_a_lifetime_counts_where_the_import_hook_was_first(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "experiment=stop", hook=True) as driver:
        driver.hear()
        driver.ask("add(Web())")
        driver.ask("get('web').get_url()")
        driver.go("end")
        assert driver.hear()["ended"]
        assert client.wait("exp:web", "ended", 60).state.value == "STOPPED"


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
        assert "the service 'web' runs: its new lifetime counts from its next start" in driver.log
        for id in ("local", "monitoring/board", "one-shot"):
            assert lifetime(id) == "stop"
        # Whoever has no wish changes nothing.
        driver.ask("attach(xp)")
        assert lifetime("local") == "stop" and lifetime("web") == "keep"
        assert driver.ask("get('local').get_url()") == "http://127.0.0.1:1/"
        assert "cannot use 'never' as a lifetime" in driver.fails("attach(xp, lifetime='never')")


@pytest.mark.parametrize("lifetime", ["for ever", -1.0])
def test_a_lifetime_that_cannot_be_used_is_refused_before_the_experiment_begins(tmp_path: Path, lifetime: object) -> None:
    with pytest.raises(ValueError, match="^cannot use .* as a lifetime"):
        experiment(tmp_path, "exp", lifetime=lifetime)  # type: ignore[arg-type]
