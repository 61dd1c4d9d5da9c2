"""The service of experimaestro's documentation, letter by letter but for the import of RunMode and its NORMAL."""

import logging
import threading
from pathlib import Path

from experimaestro import Config, RunMode, tagspath
from experimaestro.scheduler.services import ServiceState, WebService


def cleanupdir(path: Path):
    """Remove directory contents"""
    if path.exists():
        for child in path.iterdir():
            child.unlink()


class TensorboardService(WebService):
    id = "tensorboard"

    def __init__(self, path: Path):
        super().__init__()

        self.path = path
        self.server = None
        self.program = None
        logging.info("You can monitor learning with:")
        logging.info("tensorboard --logdir=%s", self.path)
        self.url = None

    def set_experiment(self, xp):
        """Called when added to an experiment - access xp.workdir etc."""
        self.xp = xp
        if xp.run_mode == RunMode.NORMAL:
            self.path.mkdir(exist_ok=True, parents=True)
            cleanupdir(self.path)

    def state_dict(self) -> dict:
        """Return constructor arguments for service recreation."""
        return {"path": self.path}  # Path is automatically handled

    def add(self, config: Config, path: Path):
        if self.xp.run_mode == RunMode.NORMAL:
            (self.path / tagspath(config)).symlink_to(path)

    def description(self):
        return "Tensorboard service"

    def close(self):
        if self.server:
            self.state = ServiceState.STOPPING
            self.server.shutdown()
            self.state = ServiceState.STOPPED

    def _serve(self, running: threading.Event):
        import tensorboard as tb

        try:
            self.state = ServiceState.STARTING
            self.program = tb.program.TensorBoard()
            self.program.configure(
                host="localhost",
                logdir=str(self.path.absolute()),
                path_prefix=f"/services/{self.id}",
                port=0,
            )
            self.server = self.program._make_server()

            self.url = self.server.get_url()
            running.set()
            self.state = ServiceState.RUNNING
            self.server.serve_forever()
        except Exception:
            logging.exception("Error while starting tensorboard")
            running.set()
