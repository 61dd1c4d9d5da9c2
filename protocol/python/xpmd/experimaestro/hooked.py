"""What the import hook does to experimaestro's modules. Everything goes through the same `attach` as without it."""

from __future__ import annotations

import functools
import logging
import os
import weakref
from types import ModuleType
from typing import Any, NamedTuple

from .._hook import is_on

logger = logging.getLogger("xpmd")

_PLACE, _PROVIDER = "_xpmd_place", "_xpmd_provider"


class Place(NamedTuple):
    """Where a service was found."""

    workspace: str
    experiment: str
    run: str


def experiments(module: ModuleType) -> None:
    """Experiments are attached as soon as they have begun."""
    kind = module.experiment
    enter = kind.__enter__

    @functools.wraps(enter)
    def entered(self: Any) -> Any:
        result = enter(self)
        from .attaching import attach

        try:
            attach(self)
        except Exception as error:
            # Nobody asked for it in this experiment, which has begun, and whose end would not be heard of.
            logger.warning("cannot attach '%s' to xpmd: %s", self.name, error)
        return result

    kind.__enter__ = entered


def workspaces(module: ModuleType) -> None:
    """The services of a monitor remember where they were found.

    What they say themselves of their experiment and run is their class's word: it is empty where a `set_experiment` of its own
    does not call that of its base.
    """
    kind = module.WorkspaceStateProvider
    get_services = kind.get_services

    @functools.wraps(get_services)
    def placed(self: Any, experiment_id: str | None = None, run_id: str | None = None, **keywords: Any) -> Any:
        if experiment_id is not None and run_id is None:
            run_id = self.get_current_run(experiment_id)
        services = get_services(self, experiment_id, run_id, **keywords)
        # Asked for those of all experiments, it asks itself for each.
        if experiment_id is not None and run_id is not None:
            for service in services:
                vars(service)[_PLACE] = Place(os.path.realpath(self.workspace_path), experiment_id, run_id)
                vars(service)[_PROVIDER] = weakref.ref(self)
                vars(service).update(_experiment_id=experiment_id, _run_id=run_id)
        return services

    kind.get_services = placed


def monitors(module: ModuleType) -> None:
    """A service that a monitor makes again stands for the one in xpmd.

    Where nobody has turned the hook on, it does so for what xpmd has already, and xpmd is not started for it.
    """
    is_asked_for = is_on(os.environ)
    kind = module.MockService
    to_service = kind.to_service

    @functools.wraps(to_service)
    def attached(self: Any) -> Any:
        service = to_service(self)
        place = vars(self).get(_PLACE)
        if place is not None:
            from .monitoring import Viewers, known, stand_in

            viewers = Viewers(vars(self)[_PROVIDER], place)
            try:
                if service is self:
                    service = known(self.id, place, is_asked_for, viewers) or self
                    self._live_service = None if service is self else service
                else:
                    stand_in(service, self.id, place, is_asked_for, viewers)
            except Exception as error:
                logger.warning("cannot show what xpmd knows of '%s': %s", self.id, error)
        return service

    kind.to_service = attached
