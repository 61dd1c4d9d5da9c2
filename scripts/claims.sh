# shellcheck shell=bash
# Sourced by the test scripts: a scratch folder that goes at the end, and claims that are printed as they are proved.
# `at_exit COMMAND` undoes something; what was set up last is undone first.

set -euo pipefail
# shellcheck disable=SC2034 # used by the scripts that source this one
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
claims=0
undo=()

at_exit() { undo+=("$1"); }

# counted NUMBER NOUN: `1 claim`, `2 claims`.
counted() { if [ "$1" = 1 ]; then echo "1 $2"; else echo "$1 $2s"; fi; }

unwind() {
    local status=$? i
    trap - EXIT
    for ((i = ${#undo[@]} - 1; i >= 0; i--)); do eval "${undo[i]}" || status=1; done
    if [ "$status" = 0 ]; then echo "$(basename "$0"): $(counted "$claims" claim) held"; fi
    exit "$status"
}
trap unwind EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

scratch=$(mktemp -d "${TMPDIR:-/tmp}/xpmd-test.XXXXXX")
at_exit "rm -rf '$scratch'"

# A test that a machine cannot run says so, and is none that passed.
skip() {
    echo "$(basename "$0"): SKIPPED: $1" >&2
    trap - EXIT
    rm -rf "$scratch"
    exit 0
}

fail() {
    printf '%s: FAILED: %s\n' "$(basename "$0")" "$1" >&2
    exit 1
}

# holds CLAIM COMMAND…: the claim holds if the command succeeds.
holds() {
    local claim=$1 output
    shift
    if ! output=$("$@" 2>&1); then fail "$claim"$'\n'"$output"; fi
    claims=$((claims + 1))
    echo "  $claim"
}

# same CLAIM EXPECTED FOUND: shows the difference where there is one.
same() { holds "$1" diff --label expected --label found -u <(echo "$2") <(echo "$3"); }
