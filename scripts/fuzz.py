#!/usr/bin/env python3
"""fuzz.py [--seconds N] [--jobs N] [--minimise] [TARGET ...]

Builds the fuzzer of Tests/Fuzz into .build/fuzz, with libFuzzer and AddressSanitizer, and runs each target that long, as many at once
as there are processors. What is found worth keeping is kept in .build/fuzz/corpus from one run to the next; it begins with Tests/Fuzz/corpus. An input
that crashes, hangs, takes over a gigabyte or breaks what must hold goes to .build/fuzz/failures, and its line tells how to try it again.

With --minimise, what covers more than Tests/Fuzz/corpus does is put there afterwards, the shortest inputs first.

XPM_FUZZER names a fuzzer that was built before. Exit code: 0, or 1 after a failure.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build/fuzz"
SEEDS = ROOT / "Tests/Fuzz/corpus"
CORPUS, FAILURES = BUILD / "corpus", BUILD / "failures"
# The golden vectors, which are no second time in the corpus: payloads for the target of messages.
VECTORS = BUILD / "vectors"
# A single input that takes longer, in seconds, is a failure; so is a fuzzer that takes more memory, in MB.
TIMEOUT, MEMORY = 10, 2048
# Inputs in the repository are no longer: it shall not grow by more than some tens of kilobytes.
KEPT_LENGTH = 1024
# The backtrace of an abort under AddressSanitizer takes minutes. Leaks show by the limit of memory, and in `make leaks`.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "XPM_FUZZ_TARGET"} | {"SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "detect_leaks=0"}


def runtime():
    """libFuzzer's runtime, which comes with the toolchain."""
    told = json.loads(subprocess.check_output(["swift", "-print-target-info"]))
    folder = Path(told["paths"]["runtimeResourcePath"]) / "clang/lib/linux"
    library = folder / f"libclang_rt.fuzzer_no_main-{os.uname().machine}.a"
    if not library.exists():
        sys.exit(f"cannot build the fuzzer: the toolchain has no {library}")
    return library


def build():
    """Builds the fuzzer; where it is."""
    if "XPM_FUZZER" in os.environ:
        return Path(os.environ["XPM_FUZZER"])
    print("fuzz: building the fuzzer; the first time takes minutes", flush=True)
    command = ["swift", "build", "--scratch-path", BUILD, "--product", "Fuzz"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"XPM_FUZZ": str(runtime())}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\ncannot build the fuzzer")
    return BUILD / "debug/Fuzz"


def targets(fuzzer):
    """The targets and the length of their inputs."""
    lines = subprocess.check_output([fuzzer], env=ENVIRONMENT, text=True).splitlines()
    return {name: int(length) for name, length in map(str.split, lines)}


def fuzz(fuzzer, name, length, seconds):
    """Runs one target and prints its line. False after a failure."""
    for folder in (CORPUS / name, FAILURES):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(FAILURES.glob(f"{name}-*"))
    command = [fuzzer, f"-max_total_time={seconds}", f"-max_len={length}", f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY}",
               "-print_final_stats=1", f"-artifact_prefix={FAILURES}/{name}-", CORPUS / name, *begun(name)]
    log = BUILD / f"{name}.log"
    with log.open("w") as output:
        code = subprocess.run(command, env=ENVIRONMENT | {"XPM_FUZZ_TARGET": name}, stdout=output, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL).returncode
    told = log.read_text(errors="replace")
    executed = int((re.findall(r"stat::number_of_executed_units: *(\d+)", told) or ["0"])[-1])
    speed = (re.findall(r"stat::average_exec_per_sec: *(\d+)", told) or ["0"])[-1]
    progress = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/(\w+)", told)
    covered, features, inputs, size = progress[-1] if progress else ("0", "0", "0", "0b")
    result = "ok" if code == 0 else "FAILED"
    lines = [f"  {name:14} {executed:>10,} inputs {int(speed):>7,}/s {covered:>6} edges {features:>6} features, "
             f"corpus {inputs:>5} of {size:>6}  {result}"]
    if code != 0:
        lines += complaints(fuzzer, name, told, before) + [f"      all of it: {log}"]
    # One write each, for several are under way.
    print("\n".join(lines), flush=True)
    return code == 0


def complaints(fuzzer, name, told, before):
    """What went wrong, and how to try it again."""
    said = [line for line in told.splitlines() if re.search(r"Fatal error|ERROR: |Assertion", line)]
    return [f"      {line.strip()[:300]}" for line in said[:3]] + [
        f"      again: SWIFT_BACKTRACE=enable=no XPM_FUZZ_TARGET={name} {fuzzer} {path}"
        for path in sorted(set(FAILURES.glob(f"{name}-*")) - before)]


def write_vectors():
    VECTORS.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "protocol/vectors").glob("*.json")):
        for number, vector in enumerate(json.loads(path.read_text())["vectors"]):
            if "frame_hex" in vector:
                (VECTORS / f"{path.stem}-{number}").write_bytes(bytes.fromhex(vector["frame_hex"])[4:])


def begun(name):
    """The folders that a target begins with."""
    return [SEEDS / name, VECTORS] if name == "messages" else [SEEDS / name]


def minimise(fuzzer, name):
    """Adds to the corpus of the repository what covers more than it does."""
    with tempfile.TemporaryDirectory(dir=BUILD) as merged:
        for folder in begun(name):
            shutil.copytree(folder, merged, dirs_exist_ok=True)
        before = set(os.listdir(merged))
        subprocess.run([fuzzer, "-merge=1", "-use_counters=0", f"-max_len={KEPT_LENGTH}", merged, CORPUS / name],
                       env=ENVIRONMENT | {"XPM_FUZZ_TARGET": name}, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL)
        for new in set(os.listdir(merged)) - before:
            shutil.copy(Path(merged) / new, SEEDS / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="targets at once (default: the processors)")
    parser.add_argument("--minimise", action="store_true", help="put what covers more into the repository's corpus")
    parser.add_argument("targets", metavar="TARGET", nargs="*", help="(default: all)")
    arguments = parser.parse_args()
    fuzzer = build()
    known = targets(fuzzer)
    if unknown := [name for name in arguments.targets if name not in known]:
        parser.error(f"no such target: {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = arguments.targets or list(known)
    write_vectors()
    print(f"fuzz: {len(chosen)} targets, {arguments.seconds} s each", flush=True)
    with ThreadPoolExecutor(max(1, arguments.jobs)) as pool:
        sound = list(pool.map(lambda name: fuzz(fuzzer, name, known[name], arguments.seconds), chosen))
    failed = [name for name, is_sound in zip(chosen, sound) if not is_sound]
    if arguments.minimise:
        for name in chosen:
            minimise(fuzzer, name)
    if failed:
        print(f"fuzz: failed: {', '.join(failed)}")
        return 1
    print(f"fuzz: {len(chosen)} claims held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
