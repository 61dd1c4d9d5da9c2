"""Whether a class can be called with what the state_dict of one of its services says."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from ..host.recreation import arguments
from ..json import JSON

_OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def misfit(service: Any, kind: type[Any], state_dict: dict[str, JSON]) -> str | None:
    """Why a service that is made again of `state_dict` would be none, or another one; None where nothing speaks against it."""
    try:
        signature = inspect.signature(kind)
    except (TypeError, ValueError):
        return None  # Only a try would tell.
    try:
        signature.bind(**arguments(state_dict))
    except TypeError as error:
        return f"its constructor does not take what its state_dict() says: {error}"
    if _is_silent(service, kind):
        # What is given to these parameters is nobody's to know: made again, it would have their defaults.
        named = [one.name for one in signature.parameters.values() if one.kind not in _OPEN]
        if untold := [name for name in named if name not in state_dict]:
            return f"it has no state_dict() of its own, which would say what its constructor's {untold[0]!r} is"
    return None


def _is_silent(service: Any, kind: type[Any]) -> bool:
    """Whether its state_dict is experimaestro's own, which says no more than where its logs are."""
    services = sys.modules.get("experimaestro.scheduler.services")
    own = getattr(kind, "state_dict", None)
    return services is not None and "state_dict" not in vars(service) and own is services.Service.state_dict
