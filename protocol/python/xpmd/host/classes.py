"""From the name of a class to the class: nested ones and those of a script's `__main__` included."""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType
from typing import Any

from .errors import HostError, described
from .scripts import load_script


def find(name: str, main: str | None, argv: list[str]) -> type[Any]:
    """The class `module.Name` or `module.Outer.Name`; one of `__main__` comes from the script `main`, called with `argv`.

    Raises `HostError` with what is missing.
    """
    parts = name.split(".")
    exit: SystemExit | None = None
    if len(parts) < 2:
        raise HostError(f"cannot find the class '{name}': it is not of the form module.Name")
    if parts[0] == "__main__":
        if not main:
            raise HostError(f"cannot find the class '{name}': it is not known which script it is of")
        (module, exit), rest = load_script(main, argv), parts[1:]
    else:
        module, rest = _import_longest(parts)
    found = _member(module, rest)
    if found is None and exit is not None:
        how = f"itself ({exit.code})" if isinstance(exit.code, str) else f"itself with code {exit.code or 0}"
        raise HostError(f"cannot find the class '{name}': the script '{main}' ended {how} before it defined it") from exit
    if found is None:
        raise HostError(f"cannot find the class '{name}': '{module.__name__}' has no {'.'.join(rest)}")
    if not isinstance(found, type):
        raise HostError(f"cannot recreate '{name}': it is no class but a {type(found).__name__}")
    return found


def _import_longest(parts: list[str]) -> tuple[ModuleType, list[str]]:
    """Imports as much of the name as are modules; what is left are attributes."""
    for length in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:length])
        try:
            return importlib.import_module(module), parts[length:]
        except ModuleNotFoundError as error:
            # The name itself, or a class taken for a package; anything else is missing within the module.
            missing = error.name or ""
            if length > 1 and (missing == module or module.startswith(missing + ".")):
                continue
            raise HostError(_not_imported(module, error)) from error
        except BaseException as error:
            raise HostError(_not_imported(module, error)) from error
    raise AssertionError("a name has at least one part before its last")


def _not_imported(module: str, error: BaseException) -> str:
    hint = ""
    if isinstance(error, ModuleNotFoundError):
        hint = f"; sys.path is {os.pathsep.join(sys.path)}"
    return f"cannot import '{module}' in {sys.executable}: {described(error)}{hint}"


def _member(module: ModuleType, names: list[str]) -> Any:
    found: Any = module
    for name in names:
        found = getattr(found, name, None)
    if found is None and len(names) == 1:
        # experimaestro records nested classes without those around them.
        nested = {kind for kind in _classes(module, module.__name__) if kind.__name__ == names[0]}
        if len(nested) == 1:
            return nested.pop()
    return found


def _classes(holder: Any, module: str) -> list[type[Any]]:
    within = f"{holder.__qualname__}." if isinstance(holder, type) else ""
    own = [kind for kind in vars(holder).values() if isinstance(kind, type) and kind.__module__ == module]
    own = [kind for kind in own if kind.__qualname__ == within + kind.__name__]
    return own + [inner for kind in own for inner in _classes(kind, module)]
