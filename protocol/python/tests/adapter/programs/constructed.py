"""Services whose constructors and state_dicts go together, or not."""

from dataclasses import dataclass
from pathlib import Path

from experimaestro.scheduler.services import WebService


class Serves(WebService):
    """Serves at its `port`."""

    port = 1

    def _serve(self, running):
        self.url = f"http://127.0.0.1:{self.port}/"
        running.set()
        self._stop_event.wait()


class Port(Serves):
    """Says nothing of its port."""

    id = "port"

    def __init__(self, port):
        super().__init__()
        self.port = port


class NoArguments(Serves):
    """Does not take the folder of its logs, which the state_dict of the base class has."""

    id = "no-arguments"

    def __init__(self):
        super().__init__()


class Defaults(Serves):
    """Could be made of what the base class's state_dict says: with another port."""

    id = "defaults"

    def __init__(self, port=1, **keywords):
        super().__init__(**keywords)
        self.port = port


class Renamed(Port):
    """Says it by another name."""

    id = "renamed"

    def state_dict(self):
        return {"number": self.port}


class Told(Port):
    """Says all that there is, and more that is for nobody's constructor."""

    id = "told"

    def state_dict(self):
        return {"port": self.port, "__note__": "for people"}


class Bare(Serves):
    id = "bare"


class Passing(Serves):
    id = "passing"

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)


@dataclass(eq=False)
class Data(Serves):
    id = "data"
    port: int
    folder: Path | None = None

    def __post_init__(self):
        super().__init__()

    def state_dict(self):
        return {"port": self.port, "folder": Path("/runs")}


class Whole(Serves):
    """What its parts need is its own affair."""

    id = "whole"

    def __init__(self):
        super().__init__()
        self.part = Port(2)

    def state_dict(self):
        return {}

    def subservices(self):
        return [self, self.part]


class Grows(Whole):
    """Has one more part at each look."""

    id = "grows"
    count = 0

    def subservices(self):
        self.count += 1
        parts = [Bare() for _ in range(self.count)]
        for number, part in enumerate(parts):
            part.id = f"bare{number}"
        return [self, *parts]


class Listing(WebService):
    """Shows what it was made with, in its URL."""

    id = "listing"

    def __init__(self, names=()):
        super().__init__()
        self.names = list(names)

    def state_dict(self):
        return {"names": self.names}

    def _serve(self, running):
        self.url = f"http://127.0.0.1:1/{'/'.join(getattr(one, '__name__', str(one)) for one in self.names)}"
        running.set()
        self._stop_event.wait()
