"""A script whose class is of `__main__`, and which begins its experiment without asking for its name."""

import pickle
import sys
from pathlib import Path

from experimaestro import experiment
from kinds import Web


class OfScript(Web):
    id = "of-script"

    def _serve(self, running):
        assert type(pickle.loads(pickle.dumps(Data(3)))) is Data
        super()._serve(running)


class Data:
    def __init__(self, value):
        self.value = value


if __name__ == "__main__":
    raise SystemExit("the main part ran")

with experiment(Path(sys.argv[0]).parent / "must-not-be", "again", no_environmental_impact=True):
    raise SystemExit("the experiment ran")
