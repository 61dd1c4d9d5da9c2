"""Where a class can be found again by another process: its name there, and the script that it is of."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any


@dataclass(frozen=True)
class Found:
    """A class by its name; with `main` it is one of that script, `__main__.Name`."""

    name: str
    main: str | None = None


class NotFound(Exception):
    """No other process can have the class; the text says why."""


def locate(kind: type[Any]) -> Found:
    """Where a class is, or `NotFound`."""
    name, module = kind.__qualname__, kind.__module__
    if "<locals>" in name:
        raise NotFound(f"its class {name} is local to a function")
    loaded = sys.modules.get(module)
    if loaded is not None and _member(loaded, name) is not kind:
        raise NotFound(f"its class is not to be found as {module}.{name}")
    if module != "__main__" and loaded is not None and _is_importable(loaded, module):
        return Found(f"{module}.{name}")
    # Of the script, or of a file that was loaded without being imported, as `experimaestro run-experiment` does.
    file = getattr(loaded, "__file__", None) or _source(kind)
    if file is None or not os.path.isfile(file):
        raise NotFound(f"its class {name} is of an interactive session")
    if place := _obstacle(file, name.partition(".")[0]):
        raise NotFound(f"its class {name} is defined {place}, so importing its script is not sure to give it")
    return Found(f"__main__.{name}", os.path.abspath(file))


def search_path() -> list[str]:
    """This process's `sys.path`, as it reads from any folder."""
    return [os.path.abspath(entry) for entry in sys.path if isinstance(entry, str)]


def _member(module: ModuleType, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _is_importable(loaded: ModuleType, module: str) -> bool:
    """Whether an import by name would find that module, rather than none or another."""
    top, _, rest = module.partition(".")
    for finder in sys.meta_path:
        spec = finder.find_spec(top, None) if hasattr(finder, "find_spec") else None
        if spec is not None:
            return bool(rest) or spec.origin == getattr(loaded, "__file__", None)
    return False


def _obstacle(file: str, name: str) -> str | None:
    from .written import obstacle

    try:
        with open(file, "rb") as script:
            return obstacle(script.read(), name)
    except OSError:
        return None


def _source(kind: type[Any]) -> str | None:
    for member in vars(kind).values():
        if isinstance(member, FunctionType) and member.__module__ == kind.__module__:
            return member.__code__.co_filename
    return None
