"""The runs that a client follows share one subscription."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Any, cast

from fake_daemon import LIMIT
from instance import Instance
from xpmd import Client, State
from xpmd.feed import Feed, RunKey
from xpmd.types.events import Event

A, B = RunKey("/ws", "e", "a"), RunKey("/ws", "e", "b")


class HandFed:
    """Stands for a client: a test says what happens, on the thread that it says it on."""

    def __init__(self) -> None:
        self._feed = None
        self.listener: Any = None
        self.opened = self.closed = 0

    def subscribe(self, listener: Any) -> Any:
        self.listener, self.opened = listener, self.opened + 1
        return self

    error = None

    def close(self) -> None:
        self.closed += 1

    def happens(self, run: RunKey, seq: int) -> None:
        self.listener(
            Event.from_json({
                "seq": seq, "at": "2026-11-22T10:15:00.000Z", "kind": "service.changed", "id": "s", **run._asdict(),
            })
        )  # fmt: skip


def fed() -> tuple[HandFed, Feed]:
    client = HandFed()
    return client, Feed.of(cast(Client, client))


def test_each_run_hears_of_itself_by_the_one_subscription_that_ends_with_the_last() -> None:
    client, feed = fed()
    heard: list[tuple[str, int]] = []
    first = feed.follow(A, lambda event: heard.append(("first", event.seq)))
    other = feed.follow(B, lambda event: heard.append(("other", event.seq)))
    again = feed.follow(A, lambda event: heard.append(("again", event.seq)))
    client.happens(A, 1)
    client.happens(B, 2)
    assert heard == [("first", 1), ("again", 1), ("other", 2)]
    first.close()
    client.happens(A, 3)
    assert heard[3:] == [("again", 3)]
    again.close()
    assert (client.opened, client.closed) == (1, 0)
    other.close()
    assert (client.opened, client.closed) == (1, 1)
    feed.follow(A, lambda event: heard.append(("late", event.seq)))
    client.happens(A, 4)
    assert client.opened == 2 and heard[-1] == ("late", 4)


def test_one_that_was_closed_is_not_called_any_more_and_its_last_call_is_waited_for() -> None:
    client, feed = fed()
    begun, goes_on = threading.Event(), threading.Event()
    heard: list[int] = []

    def hear(event: Event) -> None:
        begun.set()
        assert goes_on.wait(LIMIT)
        heard.append(event.seq)

    following = feed.follow(A, hear)
    telling = threading.Thread(target=client.happens, args=(A, 1))
    telling.start()
    assert begun.wait(LIMIT)
    closing = threading.Thread(target=following.close)
    closing.start()
    goes_on.set()
    closing.join(LIMIT)
    assert heard == [1]
    telling.join(LIMIT)
    client.happens(A, 2)
    assert heard == [1]


def test_a_listener_may_close_what_it_is_called_by_and_others_go_on() -> None:
    client, feed = fed()
    heard: list[int] = []

    def hear(event: Event) -> None:
        heard.append(event.seq)
        following.close()

    following = feed.follow(A, hear)
    feed.follow(A, lambda event: heard.append(-event.seq))
    client.happens(A, 1)
    client.happens(A, 2)
    assert heard == [1, -1, -2]


def test_runs_of_one_client_need_no_further_connection(client: Client, instance: Instance) -> None:
    before = client.daemon_status().connections
    states: SimpleQueue[tuple[str, State]] = SimpleQueue()
    experiments = [client.experiment(instance.workspace, "e", f"r{number}") for number in range(5)]
    for xp in experiments:
        service = xp.add("s", command=["sleep", "1000"])
        service.add_listener(lambda service, state: states.put((service.experiment.run, state)))
    assert client.daemon_status().connections == before + 1
    for xp in experiments:
        xp.services["s"].start()
        while states.get(timeout=LIMIT) != (xp.run, State.RUNNING):
            pass
    for xp in experiments:
        xp.close()
    with client.experiment(instance.workspace, "e", "last") as xp:
        last = xp.add("s", command=["sleep", "1000"])
        last.add_listener(lambda service, state: states.put((service.experiment.run, state)))
        last.start()
        while states.get(timeout=LIMIT) != ("last", State.RUNNING):
            pass
