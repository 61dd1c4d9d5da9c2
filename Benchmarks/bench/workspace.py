"""Makes a workspace as experimaestro leaves it: python3 -m bench.workspace FOLDER RUNS [EXPERIMENTS]"""

import datetime
import json
import os
import sys

BEGIN = datetime.datetime(2025, 1, 1)


TENSORBOARD = "xpm_mlboard.backends.tensorboard.TensorboardService"


def make(folder, runs, experiments=10, jobs=5, python=sys.executable, modules=None, kind=TENSORBOARD):
    """A workspace of so many ended runs, each with a service, `jobs` jobs and the script of one of them.

    `python` runs the jobs, `modules` is the folder of their modules, and `kind` the class of the services.
    """
    os.makedirs(os.path.join(folder, ".events", "experiments"))
    open(os.path.join(folder, ".__experimaestro__"), "w").close()
    for number in range(runs):
        experiment = f"experiment{number % experiments}"
        moment = BEGIN + datetime.timedelta(minutes=number)
        run = moment.strftime("%Y%m%d_%H%M%S")
        path = os.path.join(folder, "experiments", experiment, run)
        job = os.path.join(folder, "jobs", "tasks.learn", f"{number:064x}")
        os.makedirs(os.path.join(path, "jobs", "tasks.learn"))
        os.makedirs(job)
        os.symlink(job, os.path.join(path, "jobs", "tasks.learn", f"{number:064x}"))
        with open(os.path.join(job, "learn.py"), "w") as script:
            script.write(f"#!{python}\n# Experimaestro generated task\n\nimport logging\nimport sys\n")
            script.write(f"    sys.path.insert(0, {modules or f'/home/somebody/{experiment}'!r})\n")
        with open(os.path.join(path, "status.json"), "w") as status:
            json.dump(state(folder, experiment, run, path, moment, number, jobs, kind), status, indent=2)
    for number in range(experiments):
        base = os.path.join(folder, "experiments", f"experiment{number}")
        open(os.path.join(base, "lock"), "w").close()
        os.symlink(max(os.listdir(base), key=lambda name: (name[0] == "2", name)), os.path.join(base, "current"))
    return folder


def state(folder, experiment, run, path, moment, number, jobs, kind=TENSORBOARD):
    """What status.json says of a run."""
    service = {
        "service_id": "tensorboard",
        "description": "TensorBoard service",
        "class": kind,
        "state_dict": {
            "log_directory": {"__path__": f"{folder}/.scheduler/{run}/services/tensorboard"},
            "path": {"__path__": f"{path}/results/runs"},
            "project": experiment,
        },
        "experiment_id": experiment,
        "run_id": run,
        "state": "RUNNING",
        "url": "http://localhost:40697/",
    }
    return {
        "version": 1,
        "experiment_id": experiment,
        "run_id": run,
        "status": "done" if number % 10 else "failed",
        "hostname": "vm",
        "started_at": moment.isoformat(),
        "ended_at": (moment + datetime.timedelta(seconds=30)).isoformat(),
        "job_states": {f"{number * jobs + job:064x}": "done" for job in range(jobs)},
        "services": {"tensorboard": service},
        "actions": {},
        "run_tags": [],
        "last_updated": moment.isoformat(),
    }


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:4]))
