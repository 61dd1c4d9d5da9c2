#!/bin/bash
# systemd finds nothing to say about the installed units.
# shellcheck source=scripts/claims.sh
. "$(dirname "$0")/claims.sh"
cd "$root"

command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze"
prefix=$scratch/prefix
make --silent install PREFIX="$prefix" >"$scratch/install.log" 2>&1 || fail "$(cat "$scratch/install.log")"

mkdir -m 700 "$scratch/runtime"
# The pages that the units name are looked up too, where there is a `man`.
manuals=no
if command -v man >/dev/null; then manuals=yes; fi
verify() {
    env -i HOME="$scratch" PATH="$PATH" XDG_RUNTIME_DIR="$scratch/runtime" MANPATH="$prefix/share/man:" \
        systemd-analyze verify --user --man="$manuals" "$@"
}
# An unknown key is only a remark on standard error, so silence is part of the claim.
silent() {
    local said status=0
    said=$(verify "$@" 2>&1) || status=$?
    echo "$said"
    [ "$status" = 0 ] && [ -z "$said" ]
}
units=$prefix/lib/systemd/user
holds "systemd-analyze accepts the installed units in silence" silent "$units/xpmd.service" "$units/xpmd.socket"

mkdir "$scratch/spoiled"
sed 's/^WatchdogSec=/WatchdogSecs=/' "$units/xpmd.service" >"$scratch/spoiled/xpmd.service"
cp "$units/xpmd.socket" "$scratch/spoiled"
complains() { ! silent "$@"; }
holds "it would not accept a misspelt key" complains "$scratch/spoiled/xpmd.service"
