"""Runs of experiments that are written in Python without a framework, and the services that they add."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Mapping, Sequence

from . import names, shown
from .environments import for_services, written
from .errors import XPMError
from .feed import Feed, Following, RunKey
from .json import JSON
from .methods import SubService
from .services import Service
from .types.definitions import Definition, Explicit
from .types.events import Event
from .types.policies import Readiness
from .types.runs import RunRecord, RunStatus
from .types.services import RunMode, ServiceRecord

if TYPE_CHECKING:
    from .client import Client


class Experiment:
    """A run of an experiment.

        with client.experiment("/home/ada/ws", "my_experiment") as xp:
            board = xp.add("tensorboard", template="tensorboard", parameters={"logdir": str(xp.workdir / "runs")})
            print(board.get_url())

    It is closed at the end of the block, as failed after an exception; its services run on. In run modes other than NORMAL
    nothing is registered and no daemon is needed: the same program goes through without effect.
    """

    def __init__(
        self, client: Client, workspace: str | os.PathLike[str], name: str, run: str | None = None,
        run_mode: RunMode | None = None, hold: bool = False,
    ) -> None:
        """Opens the run; without ``run`` the daemon names a new one after the time. A relative ``workspace`` is one from here.

        With ``hold`` it has failed when the client's connection ends before it is closed.
        """
        self.client = client
        self.workspace = names.workspace(os.path.abspath(workspace))
        self.name = names.validate(name, "an experiment")
        self.run_mode = run_mode or RunMode.NORMAL
        self.services: dict[str, Service] = {}
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._following: Following | None = None
        if self.is_registered:
            self.run = client.open_experiment(self.workspace, name, run, self.run_mode, hold).run
        else:
            self.run = run or "dry-run"

    @classmethod
    def view(cls, client: Client, workspace: str, name: str, run: str) -> Experiment:
        """A run that another process has opened, or none yet: nothing is registered by looking at it."""
        viewed = cls(client, workspace, name, run, RunMode.DRY_RUN)
        viewed.run_mode = RunMode.NORMAL
        viewed._follow()
        return viewed

    @property
    def is_registered(self) -> bool:
        """Whether the daemon knows of it."""
        return self.run_mode is RunMode.NORMAL

    @property
    def workdir(self) -> Path:
        """The run's own folder, ``experiments/NAME/RUN`` in the workspace. Nothing makes it."""
        return Path(self.workspace, "experiments", self.name, self.run)

    def add(
        self,
        id: str,
        *,
        command: Sequence[str] | None = None,
        template: str | None = None,
        parameters: Mapping[str, JSON] | None = None,
        definition: Definition | None = None,
        readiness: Readiness | None = None,
        description: str = "",
        sub_services: Mapping[str, Definition] | Sequence[SubService] | None = None,
        arguments: Sequence[str] = (),
        update: bool = False,
    ) -> Service:
        """Adds a service that is one of a ``command``, a ``template`` with its ``parameters`` and more ``arguments``, or any
        ``definition``.

        With ``sub_services`` alone it is a composite of these. Its environment is this process's, unless the definition has
        one; ``readiness`` takes the definition's place. The same again changes nothing, whatever terminal it comes from: what the
        environment holds beside the definition's own is not compared. Another definition is a `Conflict` where the service runs,
        unless with ``update``, which restarts it.
        """
        names.validate(id, "a service")
        wanted = _definition(command, template, parameters, arguments, definition, bool(sub_services))
        if readiness is not None:
            wanted = wanted.replace(readiness=readiness)
        parts = _parts(sub_services or ())
        service = Service(self, id, [Service(self, f"{id}/{part.id}") for part in parts])
        with self._lock:
            # What listens to the one that was added before goes on listening.
            replaced = self.services.get(id)
            service._inherit(replaced)
            # Before it is registered, so that no event of it comes too early.
            self.services[id] = service
        try:
            if self.is_registered:
                self._register(service, _with_environment(wanted), description, parts, update)
        except BaseException:
            with self._lock:
                del self.services[id]
                if replaced is not None:
                    self.services[id] = replaced
            raise
        return service

    def close(self, status: RunStatus = RunStatus.DONE) -> None:
        """Says that the run has ended, and how. Its services run on; listeners are not called any more."""
        if self._process != os.getpid():
            return  # A forked child leaves the run to its parent.
        following, self._following = self._following, None
        if following is not None:
            following.close()
        if self.is_registered:
            self.client.close_experiment(self.workspace, self.name, self.run, status)

    def __enter__(self) -> Experiment:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(RunStatus.DONE if kind is None else RunStatus.FAILED)

    def __repr__(self) -> str:
        """Its name and run, its workspace, and its services' ids and states."""
        services = ", ".join(f"{one.id} {one.state.value}" for one in list(self.services.values()))
        return shown.text(f"{self.name}@{self.run}", f"in {self.workspace}", cause=services, kind="Experiment")

    def _repr_html_(self) -> str:
        """A heading and a line for each service, with links."""
        head = shown.html(f"{self.name}@{self.run}", f"in {self.workspace}")
        lines = "".join(f"<li>{one._repr_html_()}</li>" for one in list(self.services.values()))
        return f"{head}<ul>{lines}</ul>" if lines else head

    def _register(
        self, service: Service, definition: Definition, description: str, parts: list[SubService], update: bool = False
    ) -> ServiceRecord:
        self._follow()
        added = self.client.add(
            self.workspace, self.name, self.run, service.id, definition, description, parts or None, update
        )
        service._take(added.service)
        for part in service.sub_services:
            part._take(self.client.status(part.reference).service)
        return added.service

    def _follow(self) -> None:
        with self._lock:
            if self._following is None:
                self._following = Feed.of(self.client).follow(RunKey(self.workspace, self.name, self.run), self._hear)

    def _hear(self, event: Event) -> None:
        if event.kind != "service.changed" or event.id is None:
            return
        whole, _, _ = event.id.partition("/")
        with self._lock:
            service = self.services.get(whole)
        for part in [] if service is None else [service, *service.sub_services]:
            if part.id == event.id:
                part._hear(event)


def _definition(
    command: Sequence[str] | None, template: str | None, parameters: Mapping[str, JSON] | None,
    arguments: Sequence[str], definition: Definition | None, has_parts: bool,
) -> Definition:
    given = [what for what in (command, template, definition) if what is not None]
    if len(given) > 1 or (not given and not has_parts) or (
        (parameters is not None or arguments) and template is None
    ):
        raise XPMError(
            "invalid_parameters",
            "cannot add a service: it is a command, or a template and perhaps its parameters, or a definition",
        )
    if isinstance(command, str):
        raise XPMError("invalid_parameters", "cannot add a service: no shell would split its command, give its arguments")
    if command is not None:
        return Definition.of_command(command)
    if template is not None:
        return Definition.of_template(template, parameters, arguments)
    return definition or Definition.composite()


def _parts(sub_services: Mapping[str, Definition] | Sequence[SubService]) -> list[SubService]:
    if isinstance(sub_services, Mapping):
        sub_services = [SubService(name, part) for name, part in sub_services.items()]
    return [part.replace(definition=_with_environment(part.definition)) for part in sub_services]


def _with_environment(definition: Definition) -> Definition:
    if definition.explicit is not None or definition.run.kind in ("composite", "recreate", "hosted"):
        return definition
    if definition.environment is None:
        return definition.replace(environment=for_services(), explicit=Explicit(folder=definition.folder is not None or None))
    # What is only passed on of this process's environment differs from terminal to terminal.
    return definition.replace(
        explicit=Explicit(written(definition.environment), definition.folder is not None or None)
    )
