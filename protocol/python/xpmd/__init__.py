"""A client of xpmd, the supervisor of a user's services.

    from xpmd import Client

    with Client() as client, client.experiment("/home/ada/ws", "my_experiment") as xp:
        board = xp.add("tensorboard", template="tensorboard", parameters={"logdir": "/home/ada/ws/runs"})
        print(board.get_url())

Importing the package imports nothing else: each name below brings its module when it is first used.
"""

# What is said here twice is for type checkers, which do not run __getattr__; a test holds both to each other.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._version import VERSION as __version__
    from .autostart import Autostart as Autostart
    from .client import Client as Client
    from .errors import Ambiguous as Ambiguous
    from .errors import Conflict as Conflict
    from .errors import ConnectionLost as ConnectionLost
    from .errors import DaemonUnavailable as DaemonUnavailable
    from .errors import NotFound as NotFound
    from .errors import StartFailed as StartFailed
    from .errors import TimedOut as TimedOut
    from .errors import Untrusted as Untrusted
    from .errors import XPMError as XPMError
    from .events import EventStream as EventStream
    from .events import Subscription as Subscription
    from .experimaestro.attached import experiment as experiment
    from .experimaestro.attaching import attach as attach
    from .experiments import Experiment as Experiment
    from .places import Places as Places
    from .references import Reference as Reference
    from .services import Service as Service
    from .session import Reconnection as Reconnection
    from .types import Definition as Definition
    from .types import Event as Event
    from .types import Readiness as Readiness
    from .types import RunMode as RunMode
    from .types import RunRecord as RunRecord
    from .types import RunStatus as RunStatus
    from .types import ServiceRecord as ServiceRecord
    from .types import State as State

_MODULES = {
    "autostart": "Autostart",
    "client": "Client",
    "experimaestro.attached": "experiment",
    "experimaestro.attaching": "attach",
    "errors": "Ambiguous Conflict ConnectionLost DaemonUnavailable NotFound StartFailed TimedOut Untrusted XPMError",
    "events": "EventStream Subscription",
    "experiments": "Experiment",
    "places": "Places",
    "references": "Reference",
    "services": "Service",
    "session": "Reconnection",
    "types": "Definition Event Readiness RunMode RunRecord RunStatus ServiceRecord State",
}
_HOMES = {name: module for module, listed in _MODULES.items() for name in listed.split()}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "__version__":
        return import_module("xpmd._version").VERSION
    if name not in _HOMES:
        raise AttributeError(f"module 'xpmd' has no attribute {name!r}")
    value = getattr(import_module(f"xpmd.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
