"""What changes of a service after it was added counts from its next start on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instance import Instance
from xpmd import Client

from .program import Program, program


@pytest.fixture
def driver(instance: Instance) -> Iterator[Program]:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        yield driver


def given(driver: Program) -> list[str]:
    """The names that the service was made with, which it shows in its URL."""
    path: str = driver.ask("get('listing').get_url()").removeprefix("http://127.0.0.1:1/")
    return path.split("/") if path else []


def test_a_state_dict_that_changes_counts_from_the_next_start(client: Client, driver: Program) -> None:
    driver.ask("add(__import__('constructed').Listing())")
    driver.ask("get('listing').names.append('a')")
    assert given(driver) == ["a"]
    attempt = client.status("exp:listing").service.attempt
    driver.ask("get('listing').names.append('b')")
    assert given(driver) == ["a"] and client.status("exp:listing").service.attempt == attempt
    driver.ask("get('listing').stop(60)")
    assert given(driver) == ["a", "b"]
    # It goes on to hear of what becomes of it.
    client.stop("exp:listing")
    assert driver.ask("Recorder().reached(get('listing'), 'STOPPED')")["url"] is None


def test_one_that_cannot_be_made_again_any_more_runs_here(client: Client, driver: Program) -> None:
    driver.ask("add(__import__('constructed').Listing())")
    driver.ask("get('listing').names.append(len)")
    assert given(driver) == ["len"]
    assert client.status("exp:listing").service.hosted is True
    assert "the service 'listing' cannot be recreated: state_dict['names'][0] is a builtin_function_or_method" in driver.log


def test_one_that_runs_though_nobody_here_has_heard_of_it_stays_as_it_is(client: Client, driver: Program) -> None:
    driver.ask("add(__import__('constructed').Listing())")
    driver.ask("get('listing').names.append('a')")
    client.start("exp:listing")
    client.wait("exp:listing", "running", 60)
    # As if the events were late.
    driver.ask("names.update(remote=vars(get('listing'))['_xpmd_link'].remote)")
    driver.ask("setattr(remote, '_state', type(remote.state).STOPPED)")
    assert given(driver) == []


def test_parts_stay_those_that_it_was_added_with(client: Client, driver: Program) -> None:
    driver.ask("add(__import__('constructed').Grows())")
    assert driver.ask("get('grows').get_url()") == "http://127.0.0.1:1/"
    assert "the service 'grows' is started as it was when it was added: ValueError: cannot give 'grows' other parts" in driver.log
    assert client.status("exp:grows").service.sub_services == ("grows/bare0",)


def test_one_that_was_removed_comes_back_by_its_own_object(instance: Instance, client: Client, driver: Program) -> None:
    driver.ask("add(Web())")
    assert driver.ask("get('web').get_url()") == "http://127.0.0.1:1/"
    client.stop("exp:web")
    client.wait("exp:web", "ended", 60)
    driver.ask("Recorder().reached(get('web'), 'STOPPED')")
    client.remove("exp:web")
    assert driver.ask("get('web').get_url()") == "http://127.0.0.1:1/"
    assert client.status("exp:web").service.state.value == "RUNNING"
    assert driver.ask("facts(get('web'))")["state"] == "RUNNING"


def test_numbers_that_are_whole_arrive_as_what_they_are(client: Client, driver: Program) -> None:
    driver.ask("add(__import__('constructed').Listing([1.0, -0.0, 0.5, 1]))")
    assert given(driver) == ["1.0", "-0.0", "0.5", "1"]
