"""`python -m xpmd.host`: see `xpmd.host`. Exits with 0 after a good end, and as its service did or with 1 after a bad one."""

from __future__ import annotations

import atexit
import io
import logging
import os
import resource
import signal
import sys
import traceback

from . import assignment, recreation, running
from .errors import HostError, described
from .notify import Notify
from .process import ProcessDrive


def main() -> int:
    """Runs what the file `XPM_HOST` says; the exit code as of `Popen.returncode`."""
    _flush_lines()
    notify = Notify(os.environ.get("NOTIFY_SOCKET"))
    happenings = running.listen()
    try:
        wanted = assignment.take(os.environ)
        output = _log_to_output()
        drives = [running.drive(service, happenings) for service in recreation.recreate(wanted)]
        if all(isinstance(one, ProcessDrive) for one in drives):
            # As alone: that file has what the process writes, in which classes look for its URL, and nothing before it.
            logging.getLogger().removeHandler(output)
        code = running.run(drives, happenings, notify)
    except BaseException as error:
        traceback.print_exc()
        notify.say(X_XPM_ERROR=str(error) if isinstance(error, HostError) else described(error))
        code = 1
    notify.barrier()
    return code


def _flush_lines() -> None:
    """What is printed is in the log at once, as on a terminal, though it goes into files."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)


def _log_to_output() -> logging.Handler:
    """What classes log goes where experimaestro's viewers look: from INFO into logs.out, from WARNING into logs.err.

    The handler of logs.out.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    # What experimaestro itself does with services is, alone, in the log of the experiment.
    logging.getLogger("experimaestro").setLevel(logging.WARNING)
    out, err = logging.StreamHandler(sys.stdout), logging.StreamHandler(sys.stderr)
    for handler, level in ((out, logging.INFO), (err, logging.WARNING)):
        handler.setLevel(level)
        handler.setFormatter(logging.Formatter("%(asctime)s - %(levelname)s - %(message)s"))
        root.addHandler(handler)
    return out


def _end(code: int) -> None:
    """Ends this process at once, whatever threads still do, and by a signal where that ended the service."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 1)


if __name__ == "__main__":
    _end(main())
