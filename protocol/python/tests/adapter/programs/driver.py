"""An experiment that does what a test asks: `driver.py WORKSPACE NAME HOW [RUN_MODE]`.

HOW is how it is attached: `attach`, `experiment` or, for the import hook, `nothing`; `experiment=LIFETIME` with one.
"""

import queue
import sys
import threading
from enum import Enum
from pathlib import Path

import kinds
from experimaestro import RunMode, experiment
from experimaestro.scheduler.services import ServiceState
from steps import Recorder, facts, say, serve

names = {**vars(kinds), "facts": facts, "Recorder": Recorder, "threading": threading, "Enum": Enum, "Path": Path}


class OfMain(kinds.Web):
    id = "of-main"


def local():
    class Local(kinds.Web):
        id = "local"

    return Local()


class Lambda(kinds.Web):
    id = "lambda"

    def state_dict(self):
        return {"url": lambda: "http://127.0.0.1:1/"}


class ASet(kinds.Web):
    id = "a-set"

    def state_dict(self):
        return {"url": {"http://127.0.0.1:1/"}}


class NoDescription(kinds.Web):
    id = "no-description"

    def state_dict(self):
        return {}

    def description(self):
        raise ValueError("nothing to say")


class NoParts(kinds.Web):
    id = "no-parts"

    def subservices(self):
        raise ValueError("nobody knows them")


class Unserializable(kinds.Web):
    id = "unserializable"

    def state_dict(self):
        return {"__unserializable__": True, "__reason__": "it holds a socket"}


class HostedProcess(kinds.Process):
    id = "hosted-process"

    def state_dict(self):
        return {"__unserializable__": True, "__reason__": "it holds a socket"}


class LooksAtItself(kinds.Web):
    """Serves as long as it says that it runs, at what it says of where it is."""

    id = "looks-at-itself"

    def state_dict(self):
        return {"__unserializable__": True, "__reason__": "it holds a socket"}

    def _serve(self, running):
        self.seen = [self.state.name, self.url]
        self.url = self.given
        self.state = ServiceState.RUNNING
        self.seen += [self.state.name, self.url]
        running.set()
        while self.state == ServiceState.RUNNING and not self._stop_event.wait(0.01):
            pass
        self.seen.append(self.state.name)


class CallsItsBase(Unserializable):
    id = "calls-its-base"

    got = queue.SimpleQueue()

    def get_url(self):
        self.got.put(super().get_url())


class ProcessCallsItsBase(HostedProcess):
    id = "process-calls-its-base"

    got = queue.SimpleQueue()

    def get_url(self):
        self.got.put(super().get_url())


class LocalPlain(kinds.Plain):
    id = "local-plain"

    def state_dict(self):
        return {"__unserializable__": True, "__reason__": "it holds a socket"}


class LocalBoth(LocalPlain):
    """Its way to its URL is by its own start."""

    id = "local-both"

    def get_url(self):
        self.start()
        return self.url


class LocalNeverReady(kinds.NeverReady):
    id = "local-never-ready"

    def state_dict(self):
        return {"__unserializable__": True, "__reason__": "it holds a socket"}


class LocalParts(kinds.Composite):
    def state_dict(self):
        return {"__unserializable__": True, "__reason__": "it holds a socket"}


if __name__ == "__main__":
    workspace, name, how, *mode = sys.argv[1:]
    how, _, lifetime = how.partition("=")
    if how == "experiment":
        from xpmd import experiment  # noqa: F811
    options = {"run_mode": RunMode[mode[0]]} if mode else {}
    if lifetime:
        options["lifetime"] = lifetime
    with experiment(Path(workspace), name, no_environmental_impact=True, **options) as xp:
        if how == "attach":
            import xpmd

            names["attach"] = xpmd.attach
            if "late" not in name:
                xpmd.attach(xp)
        names.update({key: value for key, value in globals().items() if not key.startswith("_")})
        names.update(names=names, xp=xp, add=lambda service: facts(xp.add_service(service)), get=xp.services.get)
        say(run=xp.run_id)
        serve(names)
    say(ended=True)
    serve(names)
