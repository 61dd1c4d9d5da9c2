#!/usr/bin/env python3
"""leaks.py [--requests N] [--seed N] [--bin FOLDER] [--clients N] [--keep]

Drives an instance of its own by N random starts, restarts, stops and crashes, pipelined by several clients, over services of
every kind that torture.py knows. Nothing is killed but services. Then everything is stopped, and what is left is held to what
there was before:

- no process of any service, and no cgroup of an attempt;
- the descriptors of xpmd and of the keeper, by kind;
- in the runtime folder nothing but sockets and lock, in the state folder nothing but what EXPECTED names, and no more of it;
- the resident memory of both behind the second half is that behind the first half, give or take SLACK; likewise that of xpmd
  behind EDITS edits of a template file, a sound one and a broken one.

The first half is the measure because the first thousand requests fill what is kept on purpose: SQLite's pages, the allocator's
pools. The seed is printed first. Exit code: 0, or 1 after a failure, whose scratch folder is kept and named.
"""

import collections
import os
import re
import sys
import time
from pathlib import Path

from torture import DEADLINE, KINDS, REFUSALS, Connection, Killer, Processes, carry_out, check_program_logs, end_daemon, listed, options, \
    stop_everything

# How many requests of one client are under way at once.
PIPELINE = 16
# Two of each kind for each client; a fork loop takes the machine away from everybody else.
COPIES = 2
WITHOUT = {"forks"}
# Bytes. xpmd: a thread's arena of the allocator, and SQLite's page cache, which grows up to 2 MB. The keeper has one thread
# and no cache: a few pages of the table's growth.
SLACK = {"xpmd": 4 << 20, "xpm-keeper": 512 << 10}
EDITS = 40
LONG = "x" * 1000
# What stayed of the first would be 240 kB for its tables and as much for its texts.
EDITED = {
    "sound": "\n".join(f'key_{n} = ["{LONG}", {{ a = 1, b = 2.5, c = true, d = "{LONG}" }}]' for n in range(100)),
    "broken": 'key = "' + "y" * 200_000,
}
# What may be in the state folder; the services' logs come in one pair each, with the times of their lines.
EXPECTED = re.compile(
    r"daemon\.json|start-in-progress|(xpmd|keeper)\.log|xpmd\.lock|instance|xpmd\.sqlite(-wal|-shm)?|logs/[^/]+/[^/]+/[^/]+\.\d+\.(out|err)(\.\d+)?(\.times)?")
# A log's file, and the service that it is of.
LOG = re.compile(r"(logs/[^/]+/[^/]+/[^/]+)\.\d+\.(out|err)")
RUNTIME = {"xpmd.sock", "xpmd.lock", "keeper.sock", "keeper.sock.logs", "notify"}


class Driver:
    """One client: sends requests in batches, and crashes services in between."""

    def __init__(self, run, number, count):
        self.run, self.number, self.count = run, number, count
        self.random = run.random(f"driver {number} {count}")

    def work(self):
        connection = Connection(self.run.instance.socket)
        names = [f"{kind}{copy}" for kind in KINDS if kind not in WITHOUT for copy in range(COPIES)]
        left = self.count
        while left > 0 and not self.run.faults.found:
            batch = min(left, PIPELINE)
            self.exchange(connection, names, batch)
            left -= batch
        connection.close()

    def exchange(self, connection, names, count):
        """`count` requests, and then their replies."""
        pending = {}
        for _ in range(count):
            method = self.random.choices(["service.start", "service.restart", "service.stop", "service.get"], [40, 15, 25, 20])[0]
            service = self.run.reference(self.number, self.random.choice(names))
            pending[connection.send(method, service=service)] = method
        while pending:
            reply = connection.receive()
            method = pending.pop(reply.get("id"))
            self.run.requests[method] += 1
            if "error" in reply and reply["error"]["data"]["code"] not in REFUSALS[method]:
                self.run.faults.add(f"{method}: {reply['error']['message']}")
            if method == "service.get" and "error" not in reply:
                self.crash(reply["result"]["service"].get("pid"))

    def crash(self, pid):
        """Ends a service's main process, if it is still that."""
        if pid and (process := Processes.look(pid, self.run.instance.id)):
            self.run.killed["service"] += 1
            Killer.signal(process.pid)


class Belongings:
    """What xpmd and its keeper hold just now."""

    def __init__(self, run, connection):
        # A connection that was closed is gone once xpmd has seen its end; it tells nobody.
        limit = time.monotonic() + DEADLINE
        while (status := connection.call("daemon.status"))["connections"] > 1 and time.monotonic() < limit:
            time.sleep(0.02)
        self.pids = {"xpmd": status["pid"], "xpm-keeper": status["keeper_pid"]}
        self.descriptors = {name: self.kinds(pid) for name, pid in self.pids.items()}
        self.files = {str(path.relative_to(run.instance.scratch / "state")) for path in (run.instance.scratch / "state").rglob("*")
                      if not path.is_dir()}
        self.runtime = set(os.listdir(run.instance.scratch / "run"))
        self.cgroups = self.attempts(self.pids["xpm-keeper"])

    @staticmethod
    def kinds(pid):
        """Descriptors by what they are: `socket`, `anon_inode`, or the file's name."""
        found = collections.Counter()
        for number in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{number}")
            except FileNotFoundError:
                continue
            found[re.sub(r":\[?\d+\]?$", "", target)] += 1
        return found

    @staticmethod
    def attempts(keeper):
        """The cgroups below the keeper's that are named by attempts."""
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        roots = [fields[4] for fields in mounts if fields[fields.index("-") + 1] == "cgroup2"]
        own = [line[4:] for line in Path(f"/proc/{keeper}/cgroup").read_text().splitlines() if line.startswith("0::/")]
        if not roots or not own:
            return set()
        folder = Path(roots[0] + own[0])
        base = folder.parent if folder.name == "keeper" else folder
        return {path.name for path in base.glob("[0-9]*") if path.is_dir()}


def resident(pids):
    """Bytes, the least of what is seen while xpmd gives back what a burst has left free, three seconds behind it."""
    limit, least = time.monotonic() + 4, {}
    while time.monotonic() < limit:
        for name, pid in pids.items():
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            least[name] = min(least.get(name, pages), pages)
        time.sleep(0.25)
    return least


def drive(run, requests):
    threads = [run.thread(Driver(run, number, requests // run.clients).work, f"driver {number}") for number in range(run.clients)]
    for thread in threads:
        thread.join()


def add_services(run):
    """Each client has an experiment of its own."""
    connection = run.instance.connect()
    for number in range(run.clients):
        connection.call("experiment.open", workspace=run.instance.workspace, experiment=f"e{number}", run="r")
        for kind in KINDS:
            if kind in WITHOUT:
                continue
            definition = run.instance.definition(kind)
            for copy in range(COPIES):
                connection.call("service.add", **run.reference(number, f"{kind}{copy}"), definition=definition)
    connection.close()


def edit_templates(run, connection, text):
    """Writes a template again and again, and has it read each time; bytes that xpmd has grown by, behind the first half."""
    folder = run.instance.scratch / "config" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    sizes = []
    for _ in range(2):
        for number in range(EDITS):
            (folder / "new").write_text(f"# {number}\n{text}")
            (folder / "new").replace(folder / "edited.toml")
            listed = {template["name"] for template in connection.call("template.list")["templates"]}
            if "edited" not in listed:
                run.faults.add("a template that was edited is not listed")
        sizes.append(resident({"xpmd": connection.call("daemon.status")["pid"]})["xpmd"])
    (folder / "edited.toml").unlink()
    return sizes[1] - sizes[0]


def compare(run, before, halfway, after, sizes):
    for name in SLACK:
        if before.pids[name] != after.pids[name]:
            run.faults.add(f"{name} is another process than before")
        more = after.descriptors[name] - before.descriptors[name]
        if more:
            run.faults.add(f"{name} has more descriptors than before: {dict(more)}")
        first, second = sizes[0][name], sizes[1][name]
        if second > first + SLACK[name]:
            run.faults.add(f"{name} has grown from {first / 1e6:.2f} to {second / 1e6:.2f} MB by the second half")
    if after.cgroups:
        run.faults.add(f"cgroups of attempts are left: {sorted(after.cgroups)[:10]}")
    for name in sorted(after.runtime - RUNTIME):
        run.faults.add(f"the runtime folder has {name}")
    for name in sorted(after.files):
        if not EXPECTED.fullmatch(name):
            run.faults.add(f"the state folder has {name}")
    known = {match[1] for match in map(LOG.match, halfway.files) if match}
    for name in sorted(after.files - halfway.files):
        log = LOG.match(name)
        # The logs of a service come with its first start, by chance as late as in the second half.
        if not log or log[1] in known:
            run.faults.add(f"{name} has come by the second half")


def leaks(run, requests):
    add_services(run)
    control = run.instance.connect()
    # What is opened when it is first needed stays.
    control.call("service.start", service={key: listed(control)[0][key] for key in ("workspace", "experiment", "run", "id")})
    stop_everything(run)
    before = Belongings(run, control)
    sizes, halves = [], []
    for _ in range(2):
        drive(run, requests // 2)
        stop_everything(run)
        halves.append(Belongings(run, control))
        sizes.append(resident(halves[-1].pids))
    edits = {name: edit_templates(run, control, text) for name, text in EDITED.items()}
    for name, growth in edits.items():
        if growth > SLACK["xpmd"]:
            run.faults.add(f"xpmd has grown by {growth / 1e6:.2f} MB while a {name} template was edited {EDITS} times")
    control.close()
    compare(run, before, halves[0], halves[1], sizes)
    end_daemon(run)
    check_program_logs(run)
    grown = ", ".join(f"{name} {sizes[0][name] / 1e6:.2f} to {sizes[1][name] / 1e6:.2f} MB" for name in SLACK)
    print(f"{sum(run.requests.values())} requests, {run.killed['service']} services killed; resident: {grown}; "
          + ", ".join(f"{EDITS} edits of a {name} template {growth / 1e6:+.2f} MB" for name, growth in edits.items()))


def main():
    parser = options(__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=4)
    arguments = parser.parse_args()
    return carry_out("leaks", arguments, f"{arguments.requests} requests", lambda run: leaks(run, arguments.requests), "nothing is left")


if __name__ == "__main__":
    sys.exit(main())
