#!/bin/bash
# test-all.sh: runs every test and tells on one page what is tested, what came of it, and what was skipped, and why. Whatever the tests
# print goes to a file each in .build/test-logs/; with VERBOSE=1 to the terminal, too. One failure does not keep the others from running.
# Takes BIN, the folder of the programs, VENV, the folder of the Python environment (the one with an older experimaestro is VENV-older), and
# TASK_TESTS, a pattern of the Swift tests that run apart from the others.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/summary.sh
. scripts/summary.sh

export XPM_TEST_BIN=$BIN
with_tensorboard=$VENV/bin:$PATH
# Most of their time the Python tests wait for processes.
workers=$(($(nproc) + 1))

echo "Tests of xpmd. What they print is kept in $logs/."
part models "the lifecycle and the order of services, through every order of events" scripts/check-model.sh --quick
part schemas "the protocol's schemas and golden vectors against each other" "$VENV/bin/python" protocol/check_schemas.py
part build-tests "(compiles the Swift tests; the first time takes minutes)" swift build --build-tests
part swift "every target by itself, in Swift" \
    swift test --skip-build --skip "$TASK_TESTS" --skip '^(IntegrationTests|FuzzTests|XPMLogsTests|XPMLogsReadingTests)\.'
part logs "the logger under SIGKILL, full and foreign files; pages of logs" swift test --skip-build --filter '^XPMLogs'
part clients "xpmctl and the Swift client, with scripted daemons and real ones" swift test --skip-build --filter "$TASK_TESTS"
part integration "the real programs and a real TensorBoard" \
    env PATH="$with_tensorboard" swift test --skip-build --filter '^IntegrationTests\.' --skip "$TASK_TESTS"
part fuzz "every parser, with what fuzzing has found and mutations of it, 12 s" \
    env XPM_FUZZ_SECONDS=12 swift test --skip-build --filter '^FuzzTests\.'
part python "the Python client, host and adapter, with the newest experimaestro" \
    "$VENV/bin/python" -m pytest -q -rs -n "$workers" protocol/python/tests
part python-older "host and adapter with an older experimaestro" \
    "$VENV-older/bin/python" -m pytest -q -rs -n "$workers" protocol/python/tests/host protocol/python/tests/adapter
part dashboard "the web page in a real Chromium: 10,000 services, keys, axe, hostile text" \
    "$VENV/bin/python" -m pytest -q -rs -n "$workers" -p no:cacheprovider Tests/Web
part openapi "the HTTP API's document against the protocol's schemas" scripts/openapi.py --check
part web-api "the HTTP API of a real xpm-web, by schemathesis, too, 20 s" \
    "$VENV/bin/python" scripts/test-web-api.py --bin "$BIN" --seconds 20
part templates "TensorBoard, JupyterLab, Streamlit and MLflow behind the web page" \
    scripts/test-templates.py --bin "$BIN" tensorboard jupyterlab streamlit mlflow
part torture "random requests while everything is killed, 20 s" scripts/torture.py --bin "$BIN" --seconds 20
part leaks "what 300 random requests leave behind" scripts/leaks.py --bin "$BIN" --requests 300
part fuzz-socket "requests that no client should send, 8 s" \
    "$VENV/bin/python" scripts/fuzz-socket.py --bin "$BIN" --seconds 8
part powercut "what is left by power cuts, on a real ext4" scripts/powercut.py --bin "$BIN" --cycles 3
part faults "no descriptors, memory or processes; bad disks and clocks" scripts/test-faults.py --bin "$BIN"
part hanging-logs "logs on file systems that do not answer" \
    scripts/test-hanging-logs.py "$BIN/xpm-logger" .build/debug/log-writer
part papers "what help, manual pages, README and change log say of each other" scripts/test-papers.py
part readme "README's commands, in order, as they stand" scripts/test-readme.py --bin "$BIN" --venv "$VENV"
part install "make install and make uninstall" scripts/test-install.sh
part units "the systemd units, by systemd-analyze" scripts/test-units.sh
part user-manager "the units under a real systemd user manager" env PATH="$with_tensorboard" scripts/test-user-manager.sh
part linger "what a logout ends, in a container that boots systemd" scripts/test-linger.sh
part limits "memory, task and CPU limits on a kernel under qemu" scripts/test-limits.sh
summary
