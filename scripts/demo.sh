#!/bin/bash
# The main job, on real input: a TensorBoard that is started by one command, outlives its supervisor, and is opened by the web page.
# Takes XPM_BIN, the folder of the programs, and VENV, a Python environment with TensorBoard.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi
step() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }
show() { printf '%s$ %s%s\n' "$dim" "$*" "$plain"; }
shown() { show "$@"; "$@"; }
fail() { printf '\ncannot go on: %s\n' "$1" >&2; exit 1; }

# A world of its own: no daemon, service or setting of yours is touched.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/xpmd-demo.XXXXXX")
export XPMD_RUNTIME_DIR=$scratch/run XPMD_STATE_DIR=$scratch/state
export XPMD_CONFIG_DIR=$scratch/config XPMD_CACHE_DIR=$scratch/cache
unset XPMD_SOCKET
export PATH=$XPM_BIN:$VENV/bin:$PATH

clean_up() {
    local status=$?
    trap - EXIT
    if [ "$status" != 0 ] && [ -f "$scratch/state/xpmd.log" ]; then
        echo "xpmd's log:" >&2
        tail -n 20 "$scratch/state/xpmd.log" >&2
    fi
    # Only a daemon can end what another one that was killed has left to the keeper.
    if [ "$over" = no ] && ! { xpmctl daemon start && xpmctl daemon stop; } >/dev/null 2>&1; then
        echo "cannot stop the demo's xpmd; processes that use $scratch may be left" >&2
    fi
    rm -rf "$scratch"
    exit "$status"
}
over=no
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# json KEY…: the value below the keys of the JSON on standard input.
json() {
    python3 -c 'import functools, json, sys
at = lambda value, key: value[int(key) if isinstance(value, list) else key]
print(functools.reduce(at, sys.argv[1:], json.load(sys.stdin)))' "$@"
}
# expect WHAT WANTED FOUND
expect() { [ "$2" = "$3" ] || fail "$1 should be '$2' and is '$3'"; }
fetch_runs() { python3 "$here/fetch-runs.py" "$url" lr=0.1 lr=0.01; }
status_of() { xpmctl status tensorboard --output json | json "$1"; }

mkdir "$scratch/digits"
cd "$scratch/digits"

step "Two training runs write real event files"
show write-events.py runs
python3 "$here/write-events.py" runs 2>"$scratch/write-events.log" || fail "$(cat "$scratch/write-events.log")"
find runs -type f

step "One command starts TensorBoard and returns when its page answers"
show xpmctl start tensorboard --logdir runs
url=$(xpmctl start tensorboard --logdir runs) || fail "TensorBoard does not start"
echo "$url"
case $url in http://127.0.0.1:*/services/tensorboard/) ;; *) fail "this is not the URL of a TensorBoard: '$url'" ;; esac

step "xpmctl list shows it, and xpmctl why shows how it started"
shown xpmctl list
shown xpmctl why tensorboard
expect "the state" RUNNING "$(status_of state)"
pid=$(status_of pid)

step "Its page answers and has both runs"
fetch_runs

step "xpmd is killed with SIGKILL; TensorBoard keeps running"
daemon=$(xpmctl daemon status --output json | json pid)
shown kill -KILL "$daemon"
kill -0 "$pid" || fail "TensorBoard's process $pid is gone"
fetch_runs
echo "process $pid still answers, without xpmd"

step "The next command starts a new xpmd, which takes it over"
shown xpmctl list
next=$(xpmctl daemon status --output json | json pid)
[ "$next" != "$daemon" ] || fail "the daemon is still process $daemon"
expect "the state" RUNNING "$(status_of state)"
expect "TensorBoard's process" "$pid" "$(status_of pid)"
expect "its address" "$url" "$(xpmctl url tensorboard)"

step "xpmctl web starts the web page; TensorBoard's own page comes through it, at an address of its own"
show xpmctl web
link=$(xpmctl web) || fail "the web page does not start"
address=$(xpmctl url tensorboard --web)
echo "$address"
python3 "$here/fetch-web.py" "$link" "$address" lr=0.1 lr=0.01
page=$(xpmctl web --status --output json | json pid)

step "The dashboard: this link signs in a browser, once, within a minute"
xpmctl web
if [ -t 0 ] && [ -t 1 ]; then read -r -p "Press Enter to stop everything. "; fi

step "xpmctl daemon stop stops xpmd and its services"
keeper=$(xpmctl daemon status --output json | json keeper_pid)
shown xpmctl daemon stop
for process in "$pid" "$page" "$next" "$keeper"; do
    if grep -qs '^State:.[^Z]' "/proc/$process/status"; then fail "process $process is left over"; fi
done
over=yes

printf '\n%sThe demo passed. Nothing is left running.%s\nTo use xpmd yourself (README, "Install"):\n' "$bold" "$plain"
printf '  %s\n' 'make install PREFIX="$HOME/.local"' 'xpmctl start tensorboard --logdir runs    # in your project, with TensorBoard in your PATH'
