"""Classes that cannot be called with what their state_dict says run in the experiment's process, and say why."""

from __future__ import annotations

from typing import Any

import pytest

from instance import Instance
from xpmd import Client
from xpmd.experimaestro.account import account

from .program import PROGRAMS, program


@pytest.fixture
def constructed(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    import constructed

    return constructed


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ("Port(9)", "missing a required argument: 'port'"),
        ("NoArguments()", "got an unexpected keyword argument 'log_directory'"),
        ("Defaults(77)", "it has no state_dict() of its own, which would say what its constructor's 'port' is"),
        ("Renamed(9)", "missing a required argument: 'port'"),
    ],
)
def test_a_constructor_that_does_not_fit_is_a_reason(constructed: Any, made: str, reason: str) -> None:
    told = account(eval(made, vars(constructed)))
    assert told.found is None and told.faults == []
    assert told.state_dict["__unserializable__"] is True
    assert told.state_dict["__reason__"].endswith(reason)


@pytest.mark.parametrize("made", ["Told(9)", "Bare()", "Bare(Path('/logs'))", "Passing()", "Data(9)", "Whole()"])
def test_what_fits_is_made_again(constructed: Any, made: str) -> None:
    told = account(eval(made, vars(constructed)))
    assert told.found is not None and told.found.name == f"constructed.{made.partition('(')[0]}"


def test_what_a_monitor_has_made_of_a_state_dict_can_be_made_so_once_more(constructed: Any) -> None:
    assert account(constructed.Defaults(1), is_made_again=True).found is not None


def test_a_class_that_its_state_dict_does_not_fit_runs_in_the_experiment(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        for made, url in [("Port(9)", 9), ("NoArguments()", 1), ("Defaults(77)", 77), ("Whole()", 1)]:
            driver.ask(f"names.update(one=__import__('constructed').{made})")
            assert driver.ask("add(one)")["error"] is None
            assert driver.ask("one.get_url()") == f"http://127.0.0.1:{url}/"
            assert client.status(driver.ask("one.id")).service.hosted is (None if made == "Whole()" else True)
