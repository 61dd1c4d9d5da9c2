"""experimaestro's experiment, attached to xpmd as soon as it begins."""

from __future__ import annotations

from typing import Any

from experimaestro.scheduler.experiment import experiment as _experiment

from .attaching import attach
from .wishes import USUAL, Lifetime, Span


class experiment(_experiment):
    """`with xpmd.experiment(workdir, name) as xp:`, in everything else that of experimaestro."""

    def __init__(
        self, *args: Any, lifetime: Lifetime | None = None, ready_timeout: Span | None = None, **keywords: Any
    ) -> None:
        USUAL.but(lifetime, ready_timeout)  # What cannot be had is refused before anything has begun.
        super().__init__(*args, **keywords)
        self._xpmd_wishes = lifetime, ready_timeout

    def __enter__(self) -> Any:
        entered: Any = super().__enter__()  # type: ignore[no-untyped-call]
        attach(self, *self._xpmd_wishes)
        return entered
