"""xpmd's xpm-logger, seen from outside."""

import fcntl
import os
import time

PIPE = 65_536


def find(daemon):
    """Its pid, once it is there: it is the keeper's child."""
    keeper, deadline = daemon.call("daemon.status")["keeper_pid"], time.monotonic() + 10
    while time.monotonic() < deadline:
        with open(f"/proc/{keeper}/task/{keeper}/children") as file:
            children = file.read().split()
        for pid in children:
            with open(f"/proc/{pid}/comm") as file:
                if file.read().strip() == "xpm-logger":
                    return int(pid)
        time.sleep(0.01)
    raise SystemExit("cannot go on: the keeper has no xpm-logger")


def worked(pid):
    """The processor time of all threads that a process has and had, in nanoseconds: CPUCLOCK_SCHED of another one."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def sizes_of_pipes(pids):
    """The capacities of the pipes that these processes have for standard output and standard error."""
    sizes = []
    for pid in pids:
        for number in (1, 2):
            # Neither reads nor keeps anything: the service has a reader of its own at all times.
            descriptor = os.open(f"/proc/{pid}/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
            try:
                sizes.append(fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ))
            finally:
                os.close(descriptor)
    return sizes
