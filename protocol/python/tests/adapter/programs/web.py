"""An experiment with experimaestro's web page, driven as driver.py is: `web.py WORKSPACE NAME`."""

import sys
import threading
from pathlib import Path

import kinds
import uvicorn
from experimaestro import experiment
from experimaestro.settings import ServerSettings
from steps import facts, say, serve


def served():
    """An event that is set once the page can be asked: `start_server` returns before that."""
    startup, listening = uvicorn.Server.startup, threading.Event()

    async def tell(server, sockets=None):
        await startup(server, sockets)
        listening.set()

    uvicorn.Server.startup = tell
    return listening


if __name__ == "__main__":
    workspace, name = sys.argv[1:]
    with experiment(Path(workspace), name, no_environmental_impact=True) as xp:
        listening = served()
        xp.scheduler.start_server(ServerSettings(host="127.0.0.1", token="a-token"))
        assert listening.wait(60), "the web page is not served"
        say(run=xp.run_id, port=xp.scheduler.server.port)
        add = lambda service: facts(xp.add_service(service))  # noqa: E731
        serve({**vars(kinds), "xp": xp, "add": add, "facts": facts})
        xp.scheduler.stop_server()
