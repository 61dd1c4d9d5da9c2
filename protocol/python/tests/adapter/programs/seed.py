"""An experiment with the documentation's TensorBoard and two real tasks: `seed.py WORKSPACE NAME`."""

import sys
from pathlib import Path

import xpmd
from experimaestro import experiment, tag
from steps import facts, say, wait
from tasks import Learner
from tbservice import TensorboardService

if __name__ == "__main__":
    with experiment(Path(sys.argv[1]), sys.argv[2], no_environmental_impact=True) as xp:
        xpmd.attach(xp)
        tb = xp.add_service(TensorboardService(xp.workdir / "runs"))
        say(run=xp.run_id, is_theirs=isinstance(tb, TensorboardService), **facts(tb))
        wait()
        for lr in (0.1, 0.2):
            learner = Learner.C(lr=tag(lr)).submit()
            tb.add(learner, learner.logpath)
        xp.wait()
        say(**facts(tb))
        wait()
    say(ended=True, **facts(tb))
