"""What the import hook does to experimaestro's modules. Everything goes through the same `attach` as without it."""

from __future__ import annotations

import functools
import logging
import os
from types import ModuleType
from typing import Any

logger = logging.getLogger("xpmd")

_WORKSPACE = "_xpmd_workspace"


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
    """The services of a monitor remember which workspace they are of."""
    kind = module.WorkspaceStateProvider
    get_services = kind.get_services

    @functools.wraps(get_services)
    def marked(self: Any, *arguments: Any, **keywords: Any) -> Any:
        services = get_services(self, *arguments, **keywords)
        for service in services:
            vars(service)[_WORKSPACE] = os.path.realpath(self.workspace_path)
        return services

    kind.get_services = marked


def monitors(module: ModuleType) -> None:
    """A service that a monitor makes again stands for the one in xpmd."""
    kind = module.MockService
    to_service = kind.to_service

    @functools.wraps(to_service)
    def attached(self: Any) -> Any:
        service = to_service(self)
        workspace = vars(self).get(_WORKSPACE)
        if workspace is not None:
            from .monitoring import known, stand_in

            try:
                if service is self:
                    service = known(self, workspace) or self
                    self._live_service = None if service is self else service
                else:
                    stand_in(service, self, workspace)
            except Exception as error:
                logger.warning("cannot show what xpmd knows of '%s': %s", self.id, error)
        return service

    kind.to_service = attached
