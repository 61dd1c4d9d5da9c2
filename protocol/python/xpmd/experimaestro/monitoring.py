"""Services in a monitor, another process than their experiment's: they show and drive what xpmd has."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..client import Client
from ..errors import NotFound, XPMError
from ..experiments import Experiment
from ..methods import SubService
from ..references import Reference
from ..services import Service
from .account import Account, account, is_startable, with_logs
from .attaching import shared_client, warn_once
from .hooked import Place
from .link import Link
from .owned import link_of, take_over

logger = logging.getLogger("xpmd")

_lock = threading.Lock()
_runs: dict[Place, Experiment] = {}


@dataclass
class Viewers:
    """Who shows the services of a place: they hear of changes only by what experimaestro writes into files, or from here."""

    provider: weakref.ref[Any]
    place: Place

    def tell(self, service: Any, id: str) -> None:
        """Has them look again at a service that has changed in xpmd, whoever has changed it."""
        from experimaestro.scheduler.state_status import ServiceStateChangedEvent

        provider = self.provider()
        if provider is None:
            return
        _, experiment, run = self.place
        event = ServiceStateChangedEvent(
            experiment_id=experiment, run_id=run, service_id=id, state=service.state.name)
        try:
            provider._notify_state_listeners(event)
        except Exception as error:
            # A terminal monitor that ends takes no more news.
            logger.debug("cannot tell viewers of %s: %s", id, error)


def stand_in(service: Any, id: str, place: Place, is_asked_for: bool, viewers: Viewers) -> None:
    """Has a service that a monitor has made again stand for the one in xpmd, its parts as well.

    Nothing is registered by looking; a service that xpmd does not know yet is added when it is started. Unless that
    `is_asked_for` such a service stays as it is.
    """
    if link_of(service) is not None:
        return
    client, _ = shared_client(autostart=is_asked_for)
    told = account(service, is_made_again=True)
    try:
        run = _run(client, place)
        if not is_asked_for:
            client.status(_reference(run, id))
        _link(run, id, service, told.parts, partial(_ensure, client, run, service, id, told), viewers)
    except XPMError as error:
        if is_asked_for:
            warn_once(f"{error}; services are those of this process alone")


def known(id: str, place: Place, is_asked_for: bool, viewers: Viewers) -> Any:
    """What stands for a service that cannot be made again here; None where xpmd does not know it either."""
    from .known import Known

    client, _ = shared_client(autostart=is_asked_for)
    try:
        run = _run(client, place)
        whole = client.status(_reference(run, id)).service
        parts = [client.status(_reference(run, part)).service for part in whole.sub_services]
    except NotFound:
        return None
    except XPMError:
        if is_asked_for:
            raise
        return None
    service = Known(whole, parts)
    _link(run, id, service, service.subservices()[1:], lambda: None, viewers)
    return service


def _reference(run: Experiment, id: str) -> Reference:
    return Reference(id, run.name, run.run, run.workspace)


def _link(
    run: Experiment, id: str, service: Any, parts: list[Any], ensure: Callable[[], None], viewers: Viewers
) -> None:
    whole = Service(run, id, [Service(run, f"{id}/{part.id}") for part in parts])
    run.services[id] = whole
    for one, remote in zip([service, *parts], [whole, *whole.sub_services]):
        link = Link(remote, ensure, is_composite=not is_startable(type(one)))
        _refresh(run.client, link, one)
        take_over(one, link)
        # Behind the change itself, so that they see it when they look.
        link.endings.append(remote.add_listener(partial(_tell, viewers, one, remote.id)))
        link.show = partial(viewers.tell, one, remote.id)


def _tell(viewers: Viewers, service: Any, id: str, *_: object) -> None:
    viewers.tell(service, id)


def _run(client: Client, place: Place) -> Experiment:
    with _lock:
        if place not in _runs:
            client.daemon_status()  # Starts one, where none runs and one is asked for.
            _runs[place] = Experiment.view(client, *place)
        return _runs[place]


def _refresh(client: Client, link: Link, service: Any) -> None:
    try:
        status = client.status(link.remote.reference)
    except NotFound:
        return
    record, readiness = status.service, status.definition.readiness
    link.remote._take(record)
    link.give_time(None if readiness is None else readiness.timeout_s)
    # Viewers look for the logs in the folder of the object that they have.
    if service.log_directory is None and record.stdout is not None:
        service.log_directory = Path(record.stdout).parent


def _ensure(client: Client, run: Experiment, service: Any, id: str, told: Account) -> None:
    """Makes the service known to xpmd, where it is not, as one of a run that has ended."""
    try:
        client.status(_reference(run, id))
        return
    except NotFound:
        pass
    folder = Path(service.log_directory or Path(run.workspace, ".scheduler", run.run, "services", id))
    definition = told.definition()
    if definition.run.kind != "composite":
        definition = with_logs(definition, folder)
    parts = [SubService(part.id, with_logs(told.definition(part), folder / part.id)) for part in told.parts]
    client.open_experiment(run.workspace, run.name, run.run)
    client.add(run.workspace, run.name, run.run, id, definition, told.description, parts or None)
    client.close_experiment(run.workspace, run.name, run.run)
