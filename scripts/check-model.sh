#!/bin/bash
# check-model.sh [--quick | --long]: searches Models/lifecycle.pml through all orders of events, within the bounds below, for a broken
# claim. Then it seeds defects one by one, each of which has to be found, and asks whether what matters can happen at all.
# Runs end: the search for cycles finds none, so what holds at every end holds for every request. --quick takes smaller bounds
# and leaves out what is asked last; --long takes larger ones, and several minutes and gigabytes.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in spin gcc; do
    if ! command -v "$program" >/dev/null; then
        echo "cannot check the model: $program is missing; scripts/deps.sh model installs it" >&2
        exit 1
    fi
done

# Requests, crashes of xpmd, crashes of the keeper, processes that are stuck in the kernel.
optimize=-O1
case ${1:-} in
    --quick) bounds=("2 1 0 1" "2 0 1 0" "1 1 1 0") optimize=-O0 ;;
    --long) bounds=("2 1 1 1" "2 2 1 0" "2 1 2 0" "1 2 2 1") ;;
    '') bounds=("2 1 1 0" "2 1 0 1" "1 2 2 0") ;;
    *) echo "cannot check the model: there is no $1, only --quick and --long" >&2; exit 64 ;;
esac

model=$PWD/Models/lifecycle.pml
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# verifier NAME "BOUNDS" C-FLAG SPIN-FLAG…: compiles a search.
verifier() {
    local name=$1 requests xpmds keepers stuck
    read -r requests xpmds keepers stuck <<<"$2"
    mkdir "$scratch/$name"
    cd "$scratch/$name"
    spin -a -DREQUESTS="$requests" -DXPMD_CRASHES="$xpmds" -DKEEPER_CRASHES="$keepers" -DSTUCK="$stuck" "${@:4}" "$model" >log || {
        cat log >&2
        exit 1
    }
    # Most searches take less time than it takes to optimize them.
    gcc "$optimize" -DCOLLAPSE -DMEMLIM=8000 "$3" -o pan pan.c
}

# A search that was cut short proves nothing.
finished() {
    if grep -qE 'not completed|too small|out of memory|memory limit' out || ! grep -q '^State-vector' out; then
        echo "cannot search the whole model: $name" >&2
        cat out >&2
        exit 1
    fi
}

# holds NAME "BOUNDS" C-FLAG PAN-FLAG…: no claim is broken anywhere.
holds() {
    local name=$1
    verifier "$name" "$2" "$3"
    ./pan -m2000000 "${@:4}" >out 2>&1 || true
    finished
    if ! grep -q 'errors: 0' out; then
        grep 'pan:1' out >&2
        # The whole run, step by step, is worth keeping.
        local kept
        kept=$(mktemp -d)
        cp lifecycle.pml.trail pan.* "$kept"
        echo "cannot pass: $name ($2) breaks a claim; spin -t -p in $kept tells how" >&2
        exit 1
    fi
    printf '%-34s %s %12s states, depth %s\n' "$name" "$2" "$(awk '/states, stored/ { print $1 }' out)" \
        "$(sed -n 's/.*depth reached \([0-9]*\).*/\1/p' out)"
}

# breaks NAME "BOUNDS" SPIN-FLAG…: some claim is.
breaks() {
    local name=$1
    verifier "$name" "$2" -DSAFETY "${@:3}"
    ./pan -m2000000 >out 2>&1 || true
    if ! grep -q 'errors: 1' out; then
        echo "cannot pass: $name ($2) was not found" >&2
        cat out >&2
        exit 1
    fi
    printf '%-34s %s found: %s\n' "$name" "$2" "$(sed -n 's/^pan:1: \(.\{0,60\}\).*/\1/p' out)"
}

echo "all claims hold (requests, kills of xpmd, kills of the keeper, stuck processes)"
for bound in "${bounds[@]}"; do holds "lifecycle-${bound// /-}" "$bound" -DSAFETY; done
optimize=-O0
holds "no-cycle" "1 1 1 0" -DNP -l
[ "${1:-}" = --quick ] || holds "no-cycle-of-requests" "2 1 0 0" -DNP -l

echo "seeded defects"
breaks SPAWN_BEFORE_RECORD "1 1 1 0" -DSPAWN_BEFORE_RECORD
breaks ACKNOWLEDGE_BEFORE_RECORD "1 1 1 0" -DACKNOWLEDGE_BEFORE_RECORD
breaks REPLY_BEFORE_RECORD "2 1 0 0" -DREPLY_BEFORE_RECORD
breaks RESPAWN_WITHOUT_ASKING "1 1 1 0" -DRESPAWN_WITHOUT_ASKING
breaks TAKEOVER_ACKNOWLEDGES "1 1 1 0" -DTAKEOVER_ACKNOWLEDGES
breaks CONNECTED_BEFORE_SNAPSHOT "2 1 1 0" -DCONNECTED_BEFORE_SNAPSHOT
breaks KEEPER_NOT_ON_RECORD "1 2 2 0" -DKEEPER_NOT_ON_RECORD
breaks KEEPER_FORGETS "1 1 0 0" -DKEEPER_FORGETS
breaks NO_KILL_AFTER_GRACE "2 0 0 0" -DNO_KILL_AFTER_GRACE
[ "${1:-}" = --quick ] || breaks TAKEOVER_BEFORE_RECORD "2 1 1 0" -DTAKEOVER_BEFORE_RECORD

if [ "${1:-}" = --quick ]; then
    echo "the model is checked in $SECONDS s"
    exit
fi

echo "what can happen"
breaks runs-as-adopted "1 1 1 0" -DSEEN=1
breaks runs-after-a-retry "1 1 0 0" -DSEEN=2
breaks stopped-after-both-were-killed "2 1 1 0" -DSEEN=3
breaks ends-unseen "1 0 1 0" -DSEEN=4
breaks stuck-for-a-while "2 0 0 1" -DSEEN=5
echo "the model is checked in $SECONDS s"
