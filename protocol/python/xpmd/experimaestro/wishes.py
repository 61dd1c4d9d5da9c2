"""What a program wants of xpmd for the services of its experiment, beside that they run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from ..json import JSON
from ..types.policies import Readiness

#: What becomes of services after their experiment: they go on, are stopped, or are stopped after so long (or seconds).
Lifetime = Literal["keep", "stop"] | timedelta | float
#: A timedelta, or seconds.
Span = timedelta | float

# Seconds, as the protocol has it.
_LONGEST = 1e9


@dataclass(frozen=True)
class Wishes:
    """The policies as definitions have them."""

    lifetime: JSON
    #: None where xpmd's own limit will do.
    readiness: Readiness | None = None

    @property
    def ready_timeout(self) -> float | None:
        """Seconds in which a service has to be ready."""
        return None if self.readiness is None else self.readiness.timeout_s

    def but(self, lifetime: Lifetime | None, ready_timeout: Span | None) -> Wishes:
        """These with others in their place, where there are any; `ValueError` for one that cannot be had."""
        wishes = self
        if lifetime is not None:
            wishes = replace(wishes, lifetime=_lifetime(lifetime))
        if ready_timeout is not None:
            seconds = _seconds(ready_timeout)
            if seconds is None:
                raise ValueError(f"cannot use {ready_timeout!r} as a readiness timeout: it is a timedelta or seconds, at most 1e9")
            wishes = replace(wishes, readiness=Readiness(notify=True, timeout_s=seconds))
        return wishes


#: Services go on after their experiment.
USUAL = Wishes({"after_experiment": "keep"})


def _lifetime(lifetime: Lifetime) -> JSON:
    if isinstance(lifetime, str) and lifetime in ("keep", "stop"):
        return {"after_experiment": lifetime}
    seconds = _seconds(lifetime)
    if seconds is None:
        raise ValueError(f"cannot use {lifetime!r} as a lifetime: it is 'keep', 'stop', a timedelta or seconds, at most 1e9")
    return {"after_experiment": "stop", "delay_s": seconds}


def _seconds(span: Any) -> float | None:
    """None for what is no span."""
    if isinstance(span, timedelta):
        span = span.total_seconds()
    if isinstance(span, (int, float)) and not isinstance(span, bool) and 0 <= span <= _LONGEST:
        return float(span)
    return None
