"""One experiment that is attached: its run in xpmd, and its services."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path
from typing import Any

from ..client import Client
from ..errors import Conflict, XPMError
from ..experiments import Experiment
from ..host.errors import described
from ..json import write_exactly
from ..services import Service
from ..session import Reconnection
from ..types.runs import RunStatus
from ..types.services import State
from .account import account, is_startable, own_class
from .hosted import Hosted, Hosting, _runs
from .link import Link
from .owned import give_back, link_of, prepare, take_over
from .wishes import Wishes
from .words import Words, report

logger = logging.getLogger("xpmd")

_STATUSES = {"completed": RunStatus.DONE, "done": RunStatus.DONE, "detached": RunStatus.DONE}


class _AnotherOfThatId(Exception):
    """Leaves experimaestro's `add_service` before it tells anybody."""


class Attachment:
    """Stands between an experiment and its services while these are added, and at its end."""

    def __init__(self, xp: Any, client: Client, hosting: Hosting, wishes: Wishes) -> None:
        """Opens the run, takes the services over that there are, and those that will be added."""
        self._xp, self._client, self.wishes = xp, client, wishes
        workspace = os.path.realpath(xp.workspace.path)
        self.run = Experiment(client, workspace, xp.name, xp.run_id, hold=True)
        self._hosting = hosting
        self._told: dict[str, tuple[Any, Words]] = {}
        self._closed: RunStatus | None = None
        self._process = os.getpid()
        client.on_reconnect(self._reconnected)
        self._add_service, xp.add_service = xp.add_service, self.add_service
        self._finalize, xp._finalize_run = xp._finalize_run, self._finalize_run
        #: What an earlier run of the same object has left behind: it is of this one once it is added again.
        self._left = {id for id, service in xp.services.items() if self._is_left(service)}
        for id, service in list(xp.services.items()):
            if id not in self._left:
                self.take(service)

    def add_service(self, service: Any) -> Any:
        """In the place of the experiment's own: the service is taken over before anybody else hears of it."""
        if service.id in self._left:
            self._left.remove(service.id)
            del self._xp._services[service.id]
        existing = self._xp.services.get(service.id)
        if existing is service:
            return service
        set_experiment = service.set_experiment

        def then_take(xp: Any) -> None:
            del service.set_experiment
            set_experiment(xp)
            if existing is not None and not self._is_known(service):
                raise _AnotherOfThatId
            self.take(service)

        service.set_experiment = then_take
        try:
            return self._add_service(service)
        except _AnotherOfThatId:
            # The first one stays what everybody sees; the second is only of use to who made it.
            self._xp._services[service.id] = existing
            fault = f"cannot add the service '{service.id}': this experiment has another one of that id"
            logger.error("%s", fault)
            service.set_error(fault)
            return service

    def _is_left(self, service: Any) -> bool:
        link = link_of(service)
        run = None if link is None else link.remote.experiment
        return run is not None and (run.workspace, run.name) == (self.run.workspace, self.run.name)

    def _is_known(self, service: Any) -> bool:
        """Whether it is made of the same class and the same arguments as the one of its id."""
        told = account(service)
        _, known = self._told.get(service.id, (None, None))
        if known is None or told.found is None:
            return False
        arguments = write_exactly(told.state_dict)
        return (known.definition.class_name, known.definition.state_dict) == (told.found.name, arguments)

    def change(self, wishes: Wishes) -> None:
        """From now on something else is wanted for services, and for those that are there and do not run."""
        if wishes == self.wishes:
            return
        self.wishes = wishes
        for id in list(self.run.services):
            service, _ = self._told[id]
            try:
                self._renew(service)
            except Conflict:
                logger.warning("the service '%s' runs: its other lifetime or readiness timeout counts from its next start", id)
            except (XPMError, ValueError) as error:
                logger.error("cannot change the lifetime or readiness timeout of the service '%s': %s", id, error)

    def take(self, service: Any) -> None:
        """Registers a service with xpmd. Where that fails it stays as it was, with a word in the log."""
        try:
            self._take(service)
        except XPMError as error:
            logger.error("cannot have xpmd run the service '%s', it stays local: %s", service.id, error)
        except Exception:
            logger.exception("cannot have xpmd run the service '%s', it stays local", service.id)

    def _take(self, service: Any) -> None:
        give_back(service)  # As alone, it is of the experiment that it was added to last.
        is_running = _runs(service)
        told = account(service)
        for one in (service, *told.parts):
            give_back(one)
            prepare(one)
        report(service, told)
        if is_running:
            told.found = None  # Its state is here: it is hosted as it runs.
        self._complete(service, told.parts)
        words = Words.of(told, service, self.wishes)
        self._told[service.id] = service, words
        remote = self.run.add(
            service.id, definition=words.definition, description=words.description, sub_services=words.parts or None
        )
        ensure = partial(self._ensure, service)
        for one, its_remote in zip([service, *told.parts], [remote, *remote.sub_services]):
            link = Link(its_remote, ensure, is_composite=not is_startable(type(one)))
            link.give_time(self.wishes.ready_timeout)
            if told.found is None:
                self._host(one, link)
            if told.faults and one is service:
                link.complaint = "; ".join(f"it {fault}" for fault in told.faults)
            take_over(one, link)
        if is_running:
            remote.start()

    def _ensure(self, service: Any) -> None:
        """Before a start: xpmd has the service as it is now, unless it runs."""
        remote = self.run.services[service.id]
        if any(one.state not in (State.STOPPED, State.ERROR) for one in (remote, *remote.sub_services)):
            return
        try:
            self._renew(service)
        except Conflict:
            pass  # Somebody else has started it.
        except XPMError:
            raise
        except Exception as error:
            logger.error("the service '%s' is started as it was when it was added: %s", service.id, described(error))

    def _renew(self, service: Any) -> None:
        """Makes known what has changed of a service since it was added; `Conflict` where it runs."""
        told = account(service)
        report(service, told)
        _, known = self._told[service.id]
        if known.are_hosted:
            told.found = None
        self._complete(service, told.parts)
        words = Words.of(told, service, self.wishes)
        if [part.id for part in words.parts] != [part.id for part in known.parts]:
            raise ValueError(f"cannot give '{service.id}' other parts than those that it was added with")
        self.run._register(self.run.services[service.id], words.definition, words.description, words.parts)
        self._told[service.id] = service, words
        for one in (service, *told.parts):
            if (its := link_of(one)) is not None:
                its.give_time(self.wishes.ready_timeout)
                if words.are_hosted and its.hosted is None:
                    self._host(one, its)

    def _host(self, service: Any, link: Link) -> None:
        """From now on the service runs here, if it is something to run."""
        if not link.is_composite:
            link.hosted = Hosted(self._client, service, own_class(service))
            self._hosting.add((self.run.workspace, self.run.name, self.run.run, link.remote.id), link.hosted)

    def _complete(self, service: Any, parts: list[Any]) -> None:
        """Does what the `set_experiment` of experimaestro does, for classes whose own does not call it."""
        from experimaestro.scheduler.interfaces import BaseExperiment

        for one in (service, *parts):
            its = getattr(one, "_experiment", None)
            if its is None or isinstance(its, BaseExperiment):
                one._experiment = self._xp
        if service.log_directory is None:
            service.log_directory = self._xp.workspace.scheduler_services_path / service.id
        for part in parts:
            if part.log_directory is None:
                part.log_directory = Path(service.log_directory, part.id)

    def _finalize_run(self, status: str) -> None:
        try:
            self._finalize(status)
        finally:
            self._close(status)

    def _close(self, status: str) -> None:
        if self._process == os.getpid():  # A forked child leaves the run to its parent.
            self._detach()
            self._closed = _STATUSES.get(status, RunStatus.FAILED)
            try:
                self._client.close_experiment(self.run.workspace, self.run.name, self.run.run, self._closed)
            except XPMError as error:
                logger.warning("cannot tell xpmd of the end of '%s': %s", self.run.name, error)

    def _detach(self) -> None:
        # Who enters the same experiment again begins another run.
        xp = self._xp
        if xp.add_service == self.add_service:
            xp.add_service = self._add_service
        if xp._finalize_run == self._finalize_run:
            xp._finalize_run = self._finalize

    def _start_again(self, remote: Service) -> None:
        """Starts a service whose record xpmd has lost; a process of it that still runs becomes its own again."""
        try:
            remote.start()
        except XPMError as error:
            stray = error.data.get("stray")
            if not isinstance(stray, int):
                raise
            run = self.run
            self._client.adopt_stray(stray, run.workspace, run.name, run.run, remote.id)

    def _reconnected(self, news: Reconnection) -> None:
        """xpmd was replaced, or was away: it is told again what this process holds and hosts."""
        run = self.run
        # A run that has ended is on record, and open to what is on record: only hosts have to come back.
        is_opened = self._closed is None or news.is_fresh
        if is_opened:
            self._client.open_experiment(run.workspace, run.name, run.run, run.run_mode, hold=self._closed is None)
        for id, remote in list(run.services.items()):
            service, words = self._told[id]
            link = link_of(service)
            if link is not None and link.remote is not remote:
                link = None  # Another experiment has the object now.
            if not (is_opened or words.are_hosted):
                continue
            # To an xpmd that has nothing on record what runs is a stray: only here it is known what is to run, and whose it is.
            is_lost = news.is_fresh and link is not None and link.state.name in ("STARTING", "RUNNING")
            try:
                record = run._register(remote, words.definition, words.description, words.parts)
                if link is not None and link.hosted is not None:
                    link.hosted.settle(record.attempt)
                if is_lost:
                    self._start_again(remote)
            except XPMError as error:
                # The others are made known all the same.
                logger.error("cannot make the service '%s' known to xpmd again: %s", id, error)
                if link is not None:
                    link.complaint = str(error)
        if self._closed is not None and is_opened:
            self._client.close_experiment(run.workspace, run.name, run.run, self._closed)
