"""The host's main thread: takes what happens, tells xpmd, and decides how the host ends."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Sequence
from typing import Any

from .drive import Drive
from .happenings import Ended, Happening, Happenings, Ready, Told, Woken
from .notify import Notify
from .process import ProcessDrive
from .web import WebDrive

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
_PASSED_ON = (signal.SIGUSR1, signal.SIGUSR2)


def drive(service: Any, happenings: Happenings, kind: type[Any] | None = None) -> Drive:
    """The way to run a service of this kind; for `kind` see `Drive`."""
    from experimaestro.scheduler import services

    # Classes that replace how these start have their own ways, and are taken at their word.
    own = kind or type(service)
    if issubclass(own, services.WebService):
        return WebDrive(service, happenings, kind)
    process_kind = getattr(services, "ProcessWebService", None)
    if process_kind and issubclass(own, process_kind) and own._start_process is process_kind._start_process:
        return ProcessDrive(service, happenings, kind)
    return Drive(service, happenings, kind)


def listen() -> Happenings:
    """From now on signals are among the happenings."""
    happenings: Happenings = queue.SimpleQueue()
    for number in (*_ENDING, *_PASSED_ON):
        signal.signal(number, lambda received, _: happenings.put(Told(received)))
    # A signal that comes just before the main thread waits for the queue does not end that wait: something has to.
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_wake, args=(reading, happenings), name="xpmd-signals", daemon=True).start()
    return happenings


def _wake(reading: int, happenings: Happenings) -> None:
    while os.read(reading, 64):
        happenings.put(Woken())


def run(drives: Sequence[Drive], happenings: Happenings, notify: Notify) -> int:
    """Runs services until they have ended or are told to; returns the host's exit code, as of `Popen.returncode`."""
    waiting, living = list(drives), list(drives)
    url: str | None = None
    for one in drives:
        one.start()
    while living:
        match happenings.get():
            case Ready() as ready:
                if ready.drive in waiting:
                    waiting.remove(ready.drive)
                url = url or ready.url
                if not waiting:
                    _tell_ready(notify, url)
            case Ended(drive=one) if told := _told(happenings):
                # The signal that tells the host to end has reached a process of the service as well, which was quicker.
                one.reopen()
                happenings.put(told)
            case Ended(failure=str(failure)) as ended:
                notify.say(X_XPM_ERROR=failure)
                print(f"xpmd: {failure}", flush=True)
                living.remove(ended.drive)
                _stop(living, signal.SIGTERM, happenings)
                return ended.returncode or 1
            case Ended() as ended:
                # A service that ended by itself and well has been ready.
                living.remove(ended.drive)
                if ended.drive in waiting:
                    waiting.remove(ended.drive)
                    if not waiting:
                        _tell_ready(notify, url)
            case Woken():
                pass
            case Told(signal=number) if number in _PASSED_ON:
                for one in living:
                    if isinstance(one, ProcessDrive) and one.service.process is not None:
                        one.service.process.send_signal(number)
            case Told(signal=number):
                notify.say(STOPPING="1")
                _stop(living, number, happenings)
                return 0
    return 0


def _told(happenings: Happenings) -> Told | None:
    """Takes a signal that tells to end out of what has happened up to now."""
    others, told = list[Happening](), None
    while told is None and not happenings.empty():
        happening = happenings.get()
        if isinstance(happening, Told) and happening.signal in _ENDING:
            told = happening
        else:
            others.append(happening)
    for other in others:
        happenings.put(other)
    return told


def _tell_ready(notify: Notify, url: str | None) -> None:
    if url is None:
        notify.say(READY="1")
    else:
        notify.say(X_XPM_URL=url, READY="1")


def _stop(living: list[Drive], number: int, happenings: Happenings) -> None:
    """Ends what lives. Returns when it has, when the patience with it is over, or at a second signal."""
    for one in living:
        one.stop(number)
    limits = [one.patience_s for one in living]
    deadline = None if None in limits or not limits else time.monotonic() + max(limit or 0 for limit in limits)
    while living:
        try:
            left = None if deadline is None else max(0, deadline - time.monotonic())
            happening = happenings.get(timeout=left)
        except queue.Empty:
            return
        if isinstance(happening, Told):
            return
        if isinstance(happening, Ended) and happening.drive in living and happening.drive.counts(happening):
            living.remove(happening.drive)
