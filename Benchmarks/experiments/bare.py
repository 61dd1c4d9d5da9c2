"""The floor of a service's process: an interpreter that has imported what every service needs, says so and waits for its end."""

import signal
import sys

import experimaestro.scheduler.services  # noqa: F401

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready", flush=True)
signal.pause()
