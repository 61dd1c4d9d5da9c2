"""A script imported for its classes: its main part does not run."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any, NoReturn

from .errors import HostError, described


class _ExperimentBegins(BaseException):
    """The script has come to its experiment; all that is above is defined."""


def load_script(path: str, argv: list[str]) -> tuple[ModuleType, SystemExit | None]:
    """Imports a script under another name than `__main__`, and says whether it ended itself.

    It finds the words `argv` on its command line. The module is in `sys.modules`, so pickles of its classes can be read; relative imports work where the script is
    part of a package. A script that begins its experiment without asking for its `__name__` is left there.
    """
    package = _package(path)
    name = f"{package}.__xpm_main__" if package else "__xpm_main__"
    # A script may be called anything, so the loader is not left to be guessed from its name.
    spec = importlib.util.spec_from_loader(name, SourceFileLoader(name, path))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _no_experiment(), _command_line([path, *argv]):
            spec.loader.exec_module(module)
    except _ExperimentBegins:
        pass
    except SystemExit as exit:
        return module, exit
    except BaseException as error:
        raise HostError(f"cannot import the script '{path}' in {sys.executable}: {described(error)}") from error
    return module, None


@contextlib.contextmanager
def _command_line(words: list[str]) -> Iterator[None]:
    own, sys.argv = sys.argv, words
    try:
        yield
    finally:
        sys.argv = own


@contextlib.contextmanager
def _no_experiment() -> Iterator[None]:
    try:
        from experimaestro import experiment
    except ImportError:
        yield  # Then the script will say what is missing.
        return

    def begins(self: Any) -> NoReturn:
        raise _ExperimentBegins

    kind: Any = experiment
    enter, kind.__enter__ = kind.__enter__, begins
    try:
        yield
    finally:
        kind.__enter__ = enter


def _package(path: str) -> str:
    """The package that a script is part of, `""` for none that could be imported."""
    folder, parts = os.path.dirname(path), list[str]()
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    importable = any(os.path.abspath(entry) == folder for entry in sys.path)
    return ".".join(parts) if importable else ""
