"""Between a service object of experimaestro and the service in xpmd that it stands for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..errors import ConnectionLost, DaemonUnavailable, NotFound, TimedOut, XPMError
from ..methods import StopService, WaitService
from ..services import STEADY, Service
from ..threads import Deadline
from ..types.services import ServiceRecord, State

if TYPE_CHECKING:
    from .hosted import Hosted

logger = logging.getLogger("xpmd")

# Seconds that xpmd waits for readiness where nothing else is said, and that `get_url` waits longer than that.
_READY_TIMEOUT, _SLACK = 60.0, 60.0
# Seconds that xpmd has at least to answer that it ends a service.
_ASKING = 1.0
# Which state of its parts is that of a composite, as the protocol has it.
_PRECEDENCE = (State.ERROR, State.STARTING, State.STOPPING, State.RUNNING)


class Link:
    """What the members say that a taken-over service has replaced: xpmd's truth."""

    def __init__(
        self, remote: Service, ensure: Callable[[], object] = lambda: None, is_composite: bool = False
    ) -> None:
        self.remote = remote
        #: Whether it has nothing of its own to run.
        self.is_composite = is_composite
        #: Set where the service runs in this very process.
        self.hosted: Hosted | None = None
        #: What is wrong with the service as xpmd has it, until it is tried.
        self.complaint: str | None = None
        #: What ends the subscriptions to what it is of.
        self.endings: list[Callable[[], None]] = []
        #: Has who shows the service look again: what a reply has told may have been before the subscription to events was.
        self.show: Callable[[], None] = lambda: None
        self._ensure = ensure
        self._limit = _READY_TIMEOUT + _SLACK

    def give_time(self, ready_timeout: float | None) -> None:
        """The service is to be ready in so many seconds: who waits for it waits longer than that."""
        self._limit = (_READY_TIMEOUT if ready_timeout is None else ready_timeout) + _SLACK

    @property
    def state(self) -> Any:
        """The state, as experimaestro has it."""
        from experimaestro.scheduler.services import ServiceState

        state = self.remote.state
        if self.is_composite:
            # Its parts have the events; what it is follows from them.
            states = {part.state for part in self.remote.sub_services}
            state = next((one for one in _PRECEDENCE if one in states), State.STOPPED)
        return ServiceState[state.value]

    @property
    def error(self) -> str | None:
        """Why it is in ERROR, or what is wrong with it."""
        return self.remote.error or self.complaint

    def get_url(self) -> str | None:
        """Starts the service where it does not run, and waits until it is ready; its URL, if it has one.

        `RuntimeError` with the cause where it cannot run or is not ready in time.
        """
        # Asked for even where it was RUNNING when last heard of: to start what runs changes nothing, and that news may be old.
        self.complaint = None
        try:
            self._ensure()
            self.remote.start()
            self.show()
            return self.remote.wait("running", self._limit, STEADY).url
        except TimedOut as error:
            raise RuntimeError(f"cannot wait any longer for '{self.remote.id}': it is not ready") from error
        except XPMError as error:
            cause = str(error)
            if record := error.data.get("service"):
                told = ServiceRecord.from_json(record)
                self.remote._take(told)
                cause = told.error or cause
            raise RuntimeError(cause) from error

    def stop(self, timeout: float | None) -> None:
        """Ends the service; what is not over after `timeout` seconds goes on without the caller.

        It never raises, as experimaestro's own: where xpmd cannot be told, or has no such service, a warning says so.
        """
        remote, deadline = self.remote, Deadline(timeout)
        try:
            call = remote.experiment.client.call
            # However little time the caller has, it is to be asked for.
            stopped = call(StopService(remote.reference), None if timeout is None else max(timeout, _ASKING))
            remote._take(stopped)
            self.show()
        except (NotFound, DaemonUnavailable, ConnectionLost, TimedOut) as error:
            logger.warning("cannot stop the service '%s': %s", remote.id, error)
            return
        try:
            wait = WaitService(remote.reference, "ended", deadline.left, since=stopped.revision)
            remote._take(call(wait, deadline.left))
        except TimedOut:
            pass
        except (NotFound, DaemonUnavailable, ConnectionLost) as error:
            logger.warning("cannot wait for the end of the service '%s': %s", remote.id, error)
        except XPMError as error:
            # Somebody has started it again: it is no longer the caller's to wait for.
            if error.code != "overtaken":
                raise

    def told(self, service: Any) -> None:
        """xpmd has told of a change: listeners hear of it, on the thread of the subscription."""
        self.complaint = None
        with service._listeners_lock:
            listeners = list(service._listeners)
        for listener in listeners:
            try:
                listener.service_state_changed(service)
            except Exception as error:
                # experimaestro's own hand over to a pool of threads, which Python has closed by then.
                if not (isinstance(error, RuntimeError) and _python_ends()):
                    logger.exception("cannot notify %s of %s", listener, self.remote.id)


def _python_ends() -> bool:
    """Whether no thread gets work any more. Python tells that in no other way from the first moment on."""
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(int)
        except RuntimeError:
            return True
    return False
