"""The class of a service that xpmd has: the user's own but for what xpmd knows better.

A subclass with one base and the same name. A mixin would not do: `__class__` can only become a class of the same layout.
"""

from __future__ import annotations

import copyreg
import functools
import logging
from typing import Any

from .. import shown
from ..host.errors import described
from .account import LINK, is_startable, own_class
from .link import Link

logger = logging.getLogger("xpmd")


def link_of(service: Any) -> Link | None:
    """The link of a service that was taken over."""
    link: Link | None = vars(service).get(LINK)
    return link


def prepare(service: Any) -> None:
    """Makes the class that it is to have: one that allows no subclasses raises here, before anybody is told of the service."""
    _owned(type(service))  # type: ignore[arg-type]


def take_over(service: Any, link: Link) -> None:
    """From now on state, URL and error are xpmd's, and so are starting and stopping."""
    vars(service)[LINK] = link
    service.__class__ = _owned(type(service))  # type: ignore[arg-type]
    for remote in link.remote.sub_services if link.is_composite else (link.remote,):
        link.endings.append(remote.add_listener(lambda *_: link.told(service)))


def give_back(service: Any) -> None:
    """Ends what `take_over` began, where it did: the class is the user's own again. The service in xpmd stays as it is."""
    link = link_of(service)
    if link is None:
        return
    for end in link.endings:
        end()
    service.__class__ = own_class(service)
    del vars(service)[LINK]


@functools.cache
def _owned(kind: Any) -> type[Any]:
    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "__slots__": (),
        # What is made by `type(service)(…)`, copied or unpickled is the user's own, and nothing of xpmd's.
        "__new__": lambda _, *args, **keywords: kind(*args, **keywords),
        "__reduce_ex__": _reduce,
        "state": property(_state, _set_state),
        "url": property(_url, _set_url),
        "error": property(_error),
        "set_error": _set_error,
        "full_state_dict": _full_state_dict,
    }
    if kind.__repr__ is object.__repr__:
        members["__repr__"] = _repr
    if not hasattr(kind, "_repr_html_"):
        members["_repr_html_"] = _repr_html
    if is_startable(kind):
        members["stop"] = _stop
        members |= {name: member for name, member in (("get_url", _get_url), ("start", _start)) if hasattr(kind, name)}
    make: Any = type(kind)
    owned: type[Any] = make(kind.__name__, (kind,), members)
    return owned


def _reduce(self: Any, protocol: int) -> Any:
    owned: Any = type(self)
    kind = owned.__base__
    reduced: Any = super(owned, self).__reduce_ex__(protocol)
    if isinstance(reduced, str):
        return reduced
    parts: list[Any] = [*reduced, None][: max(3, len(reduced))]
    make, *arguments = [kind if one is owned else one for one in (parts[0], *parts[1])]
    # pickle would have copyreg's function make objects of the very class that it looks at.
    parts[:2] = kind.__new__ if make is copyreg.__newobj__ else make, tuple(arguments)  # type: ignore[attr-defined]
    has_slots = isinstance(parts[2], tuple) and len(parts[2]) == 2
    state, *slots = parts[2] if has_slots else (parts[2],)
    if isinstance(state, dict):
        state = {name: value for name, value in state.items() if name != LINK}
    parts[2] = (state, *slots) if has_slots else state
    return tuple(parts)


def _link(service: Any) -> Link:
    link: Link = vars(service)[LINK]
    return link


def _state(self: Any) -> Any:
    """What xpmd says that the service is doing, but that one of this process runs as soon as it says so itself."""
    link = _link(self)
    # xpmd hears of it later than the class, which may look at once at what it has set.
    own = None if link.hosted is None else link.hosted.own_state
    return link.state if own is None else own


def _set_state(self: Any, state: Any) -> None:
    # Only one that runs in this process has something to say.
    if hosted := _link(self).hosted:
        hosted.says(state, None)


def _url(self: Any) -> str | None:
    """Where the service can be opened while it runs."""
    link = _link(self)
    url = link.remote.url
    if url is None and link.hosted is not None and link.hosted.is_live:
        own: str | None = link.hosted.words.get("url")
        return own
    return url


def _set_url(self: Any, url: str | None) -> None:
    vars(self)["url"] = url
    if hosted := _link(self).hosted:
        hosted.words["url"] = url


def _error(self: Any) -> str | None:
    """Why it is in ERROR, or cannot be what it should."""
    return _link(self).error


def _set_error(self: Any, error: str | None) -> None:
    """From a service that runs in this process its failure; else what somebody could not do with it."""
    link = _link(self)
    if link.hosted is not None and link.hosted.is_live:
        from experimaestro.scheduler.services import ServiceState

        if error:
            link.hosted.says(ServiceState.ERROR, error)
    else:
        link.complaint = error


def _full_state_dict(self: Any) -> dict[str, Any]:
    """What experimaestro writes of it into its records, whatever its class says of where it belongs or cannot say at all."""
    kind, run = own_class(self), _link(self).remote.experiment
    try:
        told: dict[str, Any] = kind.full_state_dict(self)
    except Exception as error:
        # The record of the whole experiment would be lost with it.
        reason = f"its full_state_dict() raises {described(error)}"
        logger.error("the service '%s' cannot be recorded: %s", self.id, reason)
        told = {
            "service_id": self.id, "description": "", "class": f"{kind.__module__}.{kind.__name__}",
            "state_dict": {"__unserializable__": True, "__reason__": reason}, "state": self.state.name, "url": self.url,
        }
    return {**told, "experiment_id": run.name, "run_id": run.run}


def _repr(self: Any) -> str:
    """Its name, state and URL, or the error, as xpmd's own objects have it."""
    kind, link = own_class(self), _link(self)
    return shown.text(link.remote._name, link.state.name, self.url, self.error, kind=kind.__qualname__)


def _repr_html(self: Any) -> str:
    """The same for a notebook, with a link."""
    link = _link(self)
    return shown.html(link.remote._name, link.state.name, self.url, self.error)


def _get_url(self: Any) -> str | None:
    """Starts the service by xpmd where it does not run, and gives its URL; `RuntimeError` with the cause."""
    return _link(self).get_url()


def _start(self: Any, *arguments: Any, **keywords: Any) -> Any:
    """Starts the service by xpmd, as `get_url` does: for classes that have a `start`."""
    hosted, kind = _link(self).hosted, own_class(self)
    if hosted is not None and hosted.is_starting and hasattr(kind, "get_url"):
        # Its own `get_url` does its work by it.
        return kind.start(self, *arguments, **keywords)
    return _link(self).get_url()


def _stop(self: Any, timeout: float = 2.0) -> None:
    """Ends the service by xpmd; returns after `timeout` seconds though it may not be over."""
    _link(self).stop(timeout)
