"""An experiment with experimaestro's web page, driven as driver.py is: `web.py WORKSPACE NAME`."""

import contextlib
import socket
import sys
import time
from pathlib import Path

import kinds
from experimaestro import experiment
from experimaestro.settings import ServerSettings
from steps import facts, say, serve


def await_listening(port):
    """Returns once the page can be asked: `start_server` does before that."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=60):
            return
        time.sleep(0.05)
    raise SystemExit("the web page is not served")


if __name__ == "__main__":
    workspace, name = sys.argv[1:]
    with experiment(Path(workspace), name, no_environmental_impact=True) as xp:
        xp.scheduler.start_server(ServerSettings(host="127.0.0.1", token="a-token"))
        await_listening(xp.scheduler.server.port)
        say(run=xp.run_id, port=xp.scheduler.server.port)
        add = lambda service: facts(xp.add_service(service))  # noqa: E731
        serve({**vars(kinds), "xp": xp, "add": add, "facts": facts})
        xp.scheduler.stop_server()
