#!/bin/bash
# check-model.sh [--quick | --long | --partial]: searches the models in Models/ through all orders of events, within the bounds below, for
# a broken claim. Then it seeds defects one by one, each of which has to be found, and asks whether what matters can happen at all.
# Runs end: the search for cycles finds none, so what holds at every end holds for every request. --quick takes smaller bounds
# and leaves out what is asked last; --long takes larger ones, and several minutes and 4 gigabytes. --partial does nothing but to look
# far beyond these bounds at as much as finds room: what it does not find may be there.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in spin gcc; do
    if ! command -v "$program" >/dev/null; then
        echo "cannot check the model: $program is missing; scripts/deps.sh model installs it" >&2
        exit 1
    fi
done

# lifecycle: requests, crashes of xpmd, crashes of the keeper, processes that are stuck in the kernel, and what else is let in.
# order: services, requests, crashes of xpmd, failures of processes, and who requires whom.
everything='READINESS LEAVING HEALTH'
optimize=-O1
partial=()
partialorder=()
case ${1:-} in
    --quick)
        optimize=-O0
        lifecycle=("2 1 0 1" "2 0 1 0" "1 1 1 0" "1 1 0 0 READINESS LEAVING")
        order=("2 2 1 1" "3 2 1 1")
        ;;
    --long)
        lifecycle=("2 1 1 1" "2 2 1 0" "2 1 2 0" "1 2 2 1" "1 1 3 0 WAITING=3" "2 1 0 0 $everything" "1 1 1 0 $everything")
        order=("3 3 2 1" "3 3 1 1 FAN" "3 3 1 1 TREE")
        ;;
    --partial)
        lifecycle=()
        order=()
        partial=("2 2 2 0" "2 1 1 0 $everything")
        partialorder=("3 4 2 2")
        ;;
    '')
        lifecycle=("2 1 1 0" "2 1 0 1" "1 2 2 0" "1 1 1 0 READINESS" "1 1 1 0 LEAVING" "1 1 1 0 HEALTH")
        order=("3 2 2 1" "3 2 2 2 FAN" "3 2 2 2 TREE" "2 3 2 1")
        ;;
    *) echo "cannot check the model: there is no $1, only --quick, --long and --partial" >&2; exit 64 ;;
esac

models=$PWD/Models
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# bounds MODEL "BOUNDS": as Spin takes them.
bounds() {
    local a b c d rest feature
    read -r a b c d rest <<<"$2"
    case $1 in
        lifecycle) echo "-DREQUESTS=$a -DXPMD_CRASHES=$b -DKEEPER_CRASHES=$c -DSTUCK=$d" ;;
        order) echo "-DSERVICES=$a -DREQUESTS=$b -DXPMD_CRASHES=$c -DFAILURES=$d" ;;
    esac
    for feature in $rest; do echo "-D$feature"; done
}

# verifier MODEL NAME "BOUNDS" "C-FLAGS" SPIN-FLAG…: compiles a search.
verifier() {
    mkdir "$scratch/$2"
    cd "$scratch/$2"
    cp "$models/$1.pml" .
    # shellcheck disable=SC2046 # words
    spin -a $(bounds "$1" "$3") "${@:5}" "$1.pml" >log || {
        cat log >&2
        exit 1
    }
    # Most searches take less time than it takes to optimize them.
    # shellcheck disable=SC2086 # words
    gcc "$optimize" -DMEMLIM=4000 $4 -o pan pan.c
}

# A search that was cut short proves nothing.
finished() {
    if grep -qE 'not completed|too small|out of memory|memory limit' out || ! grep -q '^State-vector' out; then
        echo "cannot search the whole model: $name" >&2
        cat out >&2
        exit 1
    fi
}

# unbroken MODEL NAME "BOUNDS": no claim was broken by what was searched.
unbroken() {
    if ! grep -q 'errors: 0' out; then
        grep 'pan:1' out >&2
        # The whole run, step by step, is worth keeping.
        local kept
        kept=$(mktemp -d)
        cp "$1".pml* pan.* "$kept"
        echo "cannot pass: $2 ($3) breaks a claim; spin -t -p in $kept tells how" >&2
        exit 1
    fi
    printf '  %-32s %-32s %12s states, depth %s\n' "$2" "$3" "$(awk '/states, stored/ { print $1 }' out)" \
        "$(sed -n 's/.*depth reached \([0-9]*\).*/\1/p' out)"
}

# holds MODEL NAME "BOUNDS" "C-FLAGS" PAN-FLAG…: no claim is broken anywhere.
holds() {
    local name=$2
    verifier "$1" "$name-${3// /-}" "$3" "-DCOLLAPSE $4"
    ./pan -m20000 "${@:5}" >out 2>&1 || true
    finished
    unbroken "$1" "$name" "$3"
}

# breaks MODEL NAME "BOUNDS" [SPIN-FLAG]: some claim is.
breaks() {
    verifier "$1" "$2" "$3" "-DCOLLAPSE -DSAFETY" "${4:--D$2}"
    ./pan -m20000 >out 2>&1 || true
    if ! grep -q 'errors: 1' out; then
        echo "cannot pass: $2 ($3) was not found" >&2
        cat out >&2
        exit 1
    fi
    printf '  %-32s %s\n' "$2" "$3"
}

# looks MODEL "BOUNDS": no claim is broken where it looked; two bits stand for a state, so that some are taken for others.
looks() {
    verifier "$1" "$1-${2// /-}" "$2" "-DBITSTATE -DSAFETY"
    ./pan -m20000 -w34 >out 2>&1 || true
    unbroken "$1" "$1, in part" "$2"
    grep -i 'hash factor' out
}

if [ "${1:-}" = --partial ]; then
    optimize=-O2
    for bound in "${partial[@]}"; do looks lifecycle "$bound"; done
    for bound in "${partialorder[@]}"; do looks order "$bound"; done
    echo "models: nothing broken in the part that was searched, in $SECONDS s"
    exit
fi

echo "No order of events breaks a claim, within these bounds:"
for bound in "${lifecycle[@]}"; do holds lifecycle lifecycle "$bound" -DSAFETY; done
for bound in "${order[@]}"; do holds order order "$bound" -DSAFETY; done
optimize=-O0
holds lifecycle no-cycle "1 1 1 0" -DNP -l
holds order order-without-cycle "2 2 1 1" -DNP -l
if [ "${1:-}" != --quick ]; then
    holds lifecycle no-cycle-of-requests "2 1 0 0" -DNP -l
    holds lifecycle no-cycle-of-watches "1 1 0 0 $everything" -DNP -l
fi

echo "Defects that were put into the models on purpose; the search caught each, as it must:"
breaks lifecycle SPAWN_BEFORE_RECORD "1 1 1 0"
breaks lifecycle ACKNOWLEDGE_BEFORE_RECORD "1 1 1 0"
breaks lifecycle REPLY_BEFORE_RECORD "2 1 0 0"
breaks lifecycle RESPAWN_WITHOUT_ASKING "1 1 1 0"
breaks lifecycle TAKEOVER_ACKNOWLEDGES "1 1 1 0"
breaks lifecycle CONNECTED_BEFORE_SNAPSHOT "2 1 1 0"
breaks lifecycle KEEPER_NOT_ON_RECORD "1 1 2 0"
breaks lifecycle KEEPER_FORGETS "1 1 0 0"
breaks lifecycle NO_KILL_AFTER_GRACE "2 0 0 0"
breaks lifecycle NO_KILL_OF_LEFTOVERS "1 0 0 0"
breaks lifecycle NOTHING_FOUND_IS_AN_END "1 1 1 0"
breaks lifecycle SPAWN_DURING_ADOPTION "1 0 2 0"
breaks lifecycle ADOPTION_OF_ANY_ATTEMPT "2 0 2 0"
breaks lifecycle NO_WATCH_AFTER_TAKEOVER "1 1 0 0 READINESS"
breaks lifecycle NO_GRACE_AFTER_TAKEOVER "1 1 0 0 LEAVING"
breaks order STOP_DOES_NOT_WAIT "2 2 0 0"
breaks order NOBODY_LOOKS_AGAIN "2 2 0 0"
breaks order NOBODY_WAITS_AGAIN "2 1 1 0"
breaks order RESTART_LEAVES_DEPENDENTS "2 2 0 0"
breaks order GOES_BY_WHAT_IS_SEEN "2 1 0 1"
if [ "${1:-}" = --quick ]; then
    echo "models: nothing broken, checked in $SECONDS s"
    exit
fi
breaks lifecycle TAKEOVER_BEFORE_RECORD "2 1 1 0"
breaks lifecycle KEEPER_IN_MEMORY "1 1 3 0 WAITING=3"

echo "What the models must be able to come to, and do:"
breaks lifecycle runs-as-adopted "1 1 1 0" -DSEEN=1
breaks lifecycle runs-after-a-retry "1 1 0 0" -DSEEN=2
breaks lifecycle stopped-after-both-were-killed "2 1 1 0" -DSEEN=3
breaks lifecycle ends-unseen "1 0 1 0" -DSEEN=4
breaks lifecycle stuck-for-a-while "2 0 0 1" -DSEEN=5
breaks lifecycle is-done-by-the-next-keeper "1 1 0 0" -DSEEN=6
breaks lifecycle is-late "1 0 0 0 READINESS" -DSEEN=7
breaks order dependant-runs "2 1 1 0" -DSEEN=1
breaks order is-blocked "2 1 0 2" -DSEEN=2
echo "models: nothing broken, checked in $SECONDS s"
