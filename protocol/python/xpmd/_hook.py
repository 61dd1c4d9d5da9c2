"""The import hook: attaches experiments and monitors to xpmd without a line in their code.

`xpmd.pth` imports this at every start of the interpreter, so it imports nothing itself and does next to nothing. It is on where
XPMD_SOCKET is set, or where `config.toml` in xpmd's config folder has `attach = true` in its section `python`. Elsewhere it only
has monitors show what xpmd has, and only where an xpmd has run since the machine was started. It is off in a host and where
XPMD_ATTACH is 0. What it adds is a finder that waits for experimaestro.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

# What to do with a module of experimaestro's once it is there: the name of a function of `xpmd.experimaestro.hooked`.
_OF_MONITORS = {
    "experimaestro.scheduler.state_provider": "monitors",
    "experimaestro.scheduler.workspace_state_provider": "workspaces",
}
_WAITED_FOR = {"experimaestro.scheduler.experiment": "experiments", **_OF_MONITORS}


def is_off(environment: "Mapping[str, str]") -> bool:
    """Whether nothing of experimaestro's is to be touched."""
    return environment.get("XPMD_ATTACH") == "0" or "XPM_HOST" in environment


def is_on(environment: "Mapping[str, str]") -> bool:
    """Whether experiments are to be attached by themselves."""
    if is_off(environment):
        return False
    return bool(environment.get("XPMD_SOCKET")) or _is_configured(environment)


def has_run(environment: "Mapping[str, str]") -> bool:
    """Whether there is a folder for xpmd's socket."""
    if folder := environment.get("XPMD_RUNTIME_DIR"):
        return os.path.isdir(folder)
    base = environment.get("XDG_RUNTIME_DIR", "")
    return (base.startswith("/") and os.path.isdir(base + "/xpmd")) or os.path.isdir(f"/tmp/xpmd-{os.getuid()}")


def _is_configured(environment: "Mapping[str, str]") -> bool:
    """Reads as much of TOML as `[python]` and `attach = true` need: a parser would cost more than the start of Python."""
    folder = environment.get("XPMD_CONFIG_DIR")
    if not folder:
        base = environment.get("XDG_CONFIG_HOME", "")
        folder = (base if base.startswith("/") else environment.get("HOME", "") + "/.config") + "/xpmd"
    try:
        # Whatever is there by that name: a pipe must not keep Python from starting.
        descriptor = os.open(folder + "/config.toml", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        text = os.read(descriptor, 1 << 16).decode(errors="replace")
    except OSError:
        return False
    finally:
        os.close(descriptor)
    section = ""
    for line in text.splitlines():
        line = "".join(line.partition("#")[0].split())
        if line.startswith("["):
            section = line
        elif (section == "[python]" and line == "attach=true") or (not section and line == "python.attach=true"):
            return True
    return False


class _Finder:
    """Finds nothing, but has what others find for the modules waited for attached after their execution."""

    def __init__(self, waited_for: "tuple[str, ...]") -> None:
        self._waited_for = waited_for

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        if name not in self._waited_for:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    _attend(spec.loader, name)
                return spec
        return None


def _attend(loader: "Any", name: str) -> None:
    execute = loader.exec_module

    def exec_module(module: "Any") -> None:
        execute(module)
        if module.__name__ != name:
            return  # The loader has others as well, as that of a zip file does.
        try:
            from .experimaestro import hooked

            getattr(hooked, _WAITED_FOR[name])(module)
        except Exception as error:
            # An experimaestro of another make: it works as without xpmd.
            if sys.stderr is not None:
                sys.stderr.write(f"xpmd: cannot attach to {name}: {error}\n")

    loader.exec_module = exec_module


if is_on(os.environ):
    sys.meta_path.insert(0, _Finder(tuple(_WAITED_FOR)))
elif not is_off(os.environ) and has_run(os.environ):
    sys.meta_path.insert(0, _Finder(tuple(_OF_MONITORS)))
