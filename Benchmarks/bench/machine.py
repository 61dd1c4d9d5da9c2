"""What the figures depend on beside the programs."""

import os
import platform


def facts(folder):
    """The machine's facts, those of the file system that holds `folder` included."""
    with open("/proc/cpuinfo") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    with open("/proc/meminfo") as file:
        total = int(file.readline().split()[1])
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(total / 1e6),
        "kernel": platform.release(),
        "file_system": file_system(folder),
        "load": os.getloadavg()[0],
    }


def file_system(folder):
    """The type of the file system of the longest mount point above `folder`."""
    with open("/proc/mounts") as file:
        mounts = [line.split()[1:3] for line in file]
    path = os.path.realpath(folder) + "/"
    above = [(point, kind) for point, kind in mounts if path.startswith(point.rstrip("/") + "/")]
    return max(above, key=lambda mount: len(mount[0]))[1]


def memory(pid):
    """Resident and proportional bytes of a process."""
    sizes = {}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            parts = line.split()
            if parts[0] in ("Rss:", "Pss:", "Anonymous:"):
                sizes[parts[0][:-1].lower()] = int(parts[1]) * 1024
    return sizes


def pin(pid, core):
    """Keeps all threads of a process on one core; where there are fewer cores, nothing changes."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), {cores[core]} if core is not None else set(cores))
