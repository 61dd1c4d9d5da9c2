"""Services of all kinds, as users write them, good and bad."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

from experimaestro.scheduler.services import ProcessWebService, Service, ServiceState, WebService


def say(line: str) -> None:
    """One write, newline and all: in an experiment's process other threads write lines, too."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Web(WebService):
    """Serves until it should stop."""

    id = "web"

    def __init__(self, url: str = "http://127.0.0.1:1/", log_directory: Path | None = None):
        super().__init__(log_directory=log_directory)
        self.given = url

    def state_dict(self):
        return {"url": self.given}

    def _serve(self, running):
        logging.getLogger(f"xpm.service.{self.id}").info("serving %s", self.given)
        logging.getLogger("anything").warning("a warning")
        self.url = self.given
        running.set()
        self._stop_event.wait()
        say("ended orderly")


class Exact(Web):
    """Shows what it was made with, letter by letter."""

    id = "exact"

    def __init__(self, **values):
        super().__init__(url=f"http://127.0.0.1:1/{quote(json.dumps(values))}")
        self.values = values

    def state_dict(self):
        return self.values


class Aloof(Web):
    """Keeps from its base what happens to it, and has words of its own for where it belongs."""

    id = "aloof"

    def set_experiment(self, xp):
        self.xp = xp


class Elsewhere(Aloof):
    """Says that it is of another run: the one that its own records are of."""

    id = "elsewhere"
    experiment_id = "of-its-own"
    run_id = "its-run"


class Mute(Aloof):
    """Has a `full_state_dict` that needs what its experiment never gave it, and a description that is no method."""

    id = "mute"

    @property
    def description(self):
        return "a text"

    def full_state_dict(self):
        return {"service_id": self.id, "of": self._experiment.nothing}


class TakesTheSignal(WebService):
    """Its own thread is where the kernel delivers the signal that tells the host to end."""

    id = "takes-the-signal"

    def __init__(self, fifo: Path):
        super().__init__()
        self.fifo = fifo

    def _serve(self, running):
        running.set()
        self.fifo.read_text()
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        self._stop_event.wait()


class Final(Web):
    """Allows no subclass."""

    id = "final"

    def __init_subclass__(cls, **keywords):
        raise TypeError("Final is final")


class Outer:
    class Inner(Web):
        pass


class Arguments(Web):
    """Shows what it was constructed with."""

    def __init__(self, **arguments):
        super().__init__(url=json.dumps(arguments, default=lambda path: f"<{path}>", sort_keys=True))
        self.arguments = arguments

    def state_dict(self):
        return self.arguments


class Environment(Web):
    """Shows its surroundings."""

    def __init__(self):
        names = ("PYTHONPATH", "XPM_HOST", "XPMD_SOCKET", "XPMD_ATTACH")
        shown = {name: os.environ.get(name) for name in names}
        modules = sorted(name for name in sys.modules if name == "xpmd" or name.startswith("xpmd."))
        super().__init__(url=json.dumps({"environment": shown, "path": sys.path, "modules": modules}))


class Noisy(Web):
    """Writes on and on where programs write, past Python, as the data server of TensorBoard does; onto a screen's first line."""

    id = "noisy"

    def _serve(self, running):
        self.url = self.given
        running.set()
        while not self._stop_event.wait(0.05):
            os.write(2, b"\x1b[1;1Hpainted over the screen\n")


class Raises(WebService):
    id = "raises"

    def _serve(self, running):
        raise RuntimeError("no port is free")


class RaisesLater(WebService):
    """L8: fails when it is told to, by its standard input's replacement, a fifo."""

    id = "raises-later"

    def __init__(self, fifo: Path):
        super().__init__()
        self.fifo = fifo

    def _serve(self, running):
        self.url = "http://127.0.0.1:1/"
        running.set()
        self.fifo.read_text()
        raise RuntimeError("the disk is gone")


class SeedLike(WebService):
    """The documentation's way to fail: logs, sets the event, and returns."""

    id = "seed-like"

    def _serve(self, running):
        try:
            self.state = ServiceState.STARTING
            import a_module_that_is_not_there  # noqa: F401
        except Exception:
            logging.exception("Error while starting")
            running.set()


class Silent(WebService):
    """Returns without ever being ready."""

    id = "silent"

    def _serve(self, running):
        pass


class NeverReady(WebService):
    id = "never-ready"

    def _serve(self, running):
        say("serving nothing")
        threading.Event().wait()


class OneShot(WebService):
    """As xpm-mlboard's export: ready at once, without a URL, and it stops itself."""

    id = "one-shot"

    def __init__(self, stops_itself: bool = True):
        super().__init__()
        self.stops_itself = stops_itself

    def state_dict(self):
        return {"stops_itself": self.stops_itself}

    def _serve(self, running):
        running.set()
        say("exported")
        if self.stops_itself:
            self.state = ServiceState.STOPPED


class Export(WebService):
    """As xpm-mlboard's, whose failures are only logged."""

    id = "export"

    def __init__(self, failing: str, afterwards: str = ""):
        super().__init__()
        self.failing, self.afterwards = failing, afterwards

    def state_dict(self):
        return {"failing": self.failing, "afterwards": self.afterwards}

    def _serve(self, running):
        running.set()
        try:
            raise RuntimeError(self.failing)
        except RuntimeError:
            logging.getLogger("export").exception("export failed")
        if self.afterwards:
            logging.getLogger("export").info(self.afterwards)
        self.state = ServiceState.STOPPED


class Process(ProcessWebService):
    """Runs a shell script that prints its URL on stdout."""

    id = "process"

    def __init__(self, script: str, log_directory: Path | None = None):
        super().__init__(log_directory=log_directory)
        self.script = script

    def state_dict(self):
        return {**super().state_dict(), "script": self.script}

    def _build_command(self):
        return ["/bin/sh", "-c", self.script]

    def _wait_for_ready(self):
        with subprocess.Popen(["tail", "-n", "+1", "-f", self.stdout], stdout=subprocess.PIPE, text=True) as tail:
            for line in tail.stdout:
                if line.startswith("http"):
                    tail.terminate()
                    return line.strip()


class Complains(ProcessWebService):
    """Says in its own words that its process has ended."""

    id = "complains"

    def _build_command(self):
        return ["/bin/sh", "-c", "echo wrong flag >&2; exit 2"]

    def _wait_for_ready(self):
        code = self.process.wait()
        raise RuntimeError(f"board exited with {code}: {self.stderr.read_text().strip()}")


class NoCommand(ProcessWebService):
    id = "no-command"

    def _build_command(self):
        return ["/nowhere/no-such-program"]

    def _wait_for_ready(self):
        threading.Event().wait()


class Plain(Service):
    """A plain service with a process of its own and `start` and `stop`."""

    id = "plain"

    def __init__(self):
        super().__init__()
        self.url = None
        self.process = None

    def state_dict(self):
        return {}

    def start(self):
        self.process = subprocess.Popen(["sleep", "1000"])
        say(f"process {self.process.pid}")
        self.url = "http://127.0.0.1:2/"

    def stop(self):
        self.process.terminate()
        self.process.wait()
        say("stopped by its own means")


class SaysError(Service):
    """Comes to ERROR by its own word."""

    id = "says-error"

    def get_url(self):
        self.set_error("its licence has expired")


class Unstartable(Service):
    id = "unstartable"


class Composite(Service):
    """Nothing of its own, two parts."""

    id = "monitoring"

    def __init__(self):
        super().__init__()
        self.parts = [Web(), OneShot()]
        self.parts[0].id = "board"
        self.parts[1].id = "export"

    def state_dict(self):
        return {}

    def subservices(self):
        return self.parts


class SelfInclusive(Web):
    """Itself and a part."""

    id = "both"

    def __init__(self):
        super().__init__()
        self.part = OneShot()
        self.part.id = "export"

    def state_dict(self):
        return {}

    def subservices(self):
        return [self, self.part]


class Picky(Web):
    def __init__(self, needed):
        super().__init__()


not_a_class = 3


class NotAService:
    pass
