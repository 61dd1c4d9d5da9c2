"""The floor of a service's process: an interpreter that has imported what every service needs, says so and waits for its end."""

import signal

import experimaestro.scheduler.services  # noqa: F401

print("ready", flush=True)
signal.pause()
