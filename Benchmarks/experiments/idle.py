"""The cheapest service of experimaestro: no import of its own, no page."""

import os

from experimaestro.scheduler.services import WebService


class Idle(WebService):
    """Is ready at once, and waits for its stop."""

    def __init__(self, id="idle", log_directory=None, **_):
        super().__init__(log_directory=log_directory)
        self.id = id

    def state_dict(self):
        return {"id": self.id}

    def description(self):
        return "a service to be measured"

    def _serve(self, running):
        self.url = f"http://127.0.0.1:{os.getpid()}/"
        running.set()
        self._stop_event.wait()
