"""Services in a monitor, another process than their experiment's: they show and drive what xpmd has."""

from __future__ import annotations

import threading
from collections.abc import Callable
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
from .link import Link
from .owned import link_of, take_over

_lock = threading.Lock()
_runs: dict[tuple[str, str, str], Experiment] = {}


def stand_in(service: Any, record: Any, workspace: str) -> None:
    """Has a service that was made again from a monitor's `record` stand for the one in xpmd, its parts as well.

    Nothing is registered by looking; a service that xpmd does not know yet is added when it is started.
    """
    if link_of(service) is not None:
        return
    client, _ = shared_client()
    told = account(service, is_made_again=True)
    try:
        run = _run(client, workspace, record.experiment_id, record.run_id)
        _link(run, record.id, service, told.parts, partial(_ensure, client, run, service, record.id, told))
    except XPMError as error:
        warn_once(f"{error}; services are those of this process alone")


def known(record: Any, workspace: str) -> Any:
    """What stands for a service that cannot be made again here; None where xpmd does not know it either."""
    from .known import Known

    client, _ = shared_client()
    run = _run(client, workspace, record.experiment_id, record.run_id)
    try:
        whole = client.status(Reference(record.id, run.name, run.run, run.workspace)).service
        parts = [client.status(Reference(id, run.name, run.run, run.workspace)).service for id in whole.sub_services]
    except NotFound:
        return None
    service = Known(whole, parts)
    _link(run, record.id, service, service.subservices()[1:], lambda: None)
    return service


def _link(run: Experiment, id: str, service: Any, parts: list[Any], ensure: Callable[[], None]) -> None:
    whole = Service(run, id, [Service(run, f"{id}/{part.id}") for part in parts])
    run.services[id] = whole
    for one, remote in zip([service, *parts], [whole, *whole.sub_services]):
        link = Link(remote, ensure, is_composite=not is_startable(type(one)))
        _refresh(run.client, link, one)
        take_over(one, link)


def _run(client: Client, workspace: str, experiment: str, run: str) -> Experiment:
    with _lock:
        key = (workspace, experiment, run)
        if key not in _runs:
            client.daemon_status()  # Starts one, where none runs.
            _runs[key] = Experiment.view(client, workspace, experiment, run)
        return _runs[key]


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
        client.status(Reference(id, run.name, run.run, run.workspace))
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
