"""Services with ways of their own to start and to stop, around experimaestro's."""

from __future__ import annotations

import logging
import subprocess
import threading

from experimaestro.scheduler.services import WebService
from kinds import Process, Web, say


class WebPath(Web):
    """Adds to the URL that it serves at."""

    def get_url(self):
        return super().get_url() + "path?x=1"


class WebAfterwards(WebService):
    """Knows its port while it serves, and its URL only afterwards."""

    id = "web-afterwards"

    def state_dict(self):
        return {}

    def _serve(self, running):
        self.port = 8
        running.set()
        self._stop_event.wait()

    def get_url(self):
        super().get_url()
        self.url = f"http://127.0.0.1:{self.port}/"
        return self.url


class WebAtOnce(Web):
    """Does not wait until it serves."""

    def get_url(self):
        self._running_event = threading.Event()
        self.serve()
        return self.given + "at-once"


class WebFails(WebPath):
    """Sets its event out of an exception's handler, and then has no URL to add to."""

    def _serve(self, running):
        try:
            raise OSError("the port is taken")
        except OSError:
            running.set()
            threading.Event().wait()


class ProcessPath(Process):
    def get_url(self):
        return super().get_url() + "lab?token=1"


class ProcessFirstWord(ProcessPath):
    """Takes the first word of the output for its URL, whatever it is; logs on the way."""

    def _build_command(self):
        logging.getLogger("ways").info("building the command")
        logging.getLogger("ways").warning("built in haste")
        return super()._build_command()

    def _wait_for_ready(self):
        with subprocess.Popen(["tail", "-n", "+1", "-f", self.stdout], stdout=subprocess.PIPE, text=True) as tail:
            line = next(tail.stdout)
            tail.terminate()
        return line.split()[0]


class ProcessFails(ProcessPath):
    """Says why its process is no use, and then has no URL to add to."""

    def _wait_for_ready(self):
        self.process.wait()
        raise RuntimeError("wrong flag")


class _Graceful:
    """Is only asked to finish in the state in which alone it would be, and has something to do after its end."""

    def stop(self, timeout=2.0):
        say(f"stopped in {self.state.name}, {'ending' if self.is_ending() else 'serving'}")
        super().stop(timeout)
        subprocess.run(["true"])
        say(f"put away in {self.state.name}")


class WebGraceful(_Graceful, Web):
    def is_ending(self):
        return self.should_stop()


class ProcessGraceful(_Graceful, Process):
    def is_ending(self):
        return self.process.poll() is not None


class WebLate(Web):
    """Serves once it reads `serve`."""

    def __init__(self, fifo):
        super().__init__()
        self.fifo = fifo

    def _serve(self, running):
        if self.fifo.read_text() != "serve":
            raise OSError("the port is taken")
        super()._serve(running)


class Prints(Web):
    def _serve(self, running):
        print("printed, and not flushed")
        running.set()
        self._stop_event.wait()
