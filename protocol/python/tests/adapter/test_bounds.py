"""Where an attached experiment ends: not in a forked child."""

from __future__ import annotations

from instance import Instance
from xpmd import Client

from .program import program

#: Does in a forked child what leaving the block there does with xpmd; experimaestro's own part of it is not safe after a fork.
FORK = (
    "(lambda os: (lambda pid: os.waitpid(pid, 0)[1] if pid else"
    " (vars(xp)['_xpmd_attachment']._close('done'), os._exit(0)))(os.fork()))(__import__('os'))"
)


def test_a_forked_child_leaves_the_run_to_its_parent(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        driver.ask("add(Web())")
        assert driver.ask(FORK) == 0
        assert client.experiments()[0].status.value == "open"
