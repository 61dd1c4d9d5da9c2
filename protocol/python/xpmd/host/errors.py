"""Why a service cannot be recreated or run, in sentences for people."""

from __future__ import annotations


class HostError(Exception):
    """What stands in the way; its text begins with "cannot" and names the thing and the cause."""


def described(error: BaseException) -> str:
    """An exception as a phrase in one line: its type and its text."""
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text}" if text else name
