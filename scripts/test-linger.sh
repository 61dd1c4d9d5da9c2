#!/bin/bash
# What a logout ends: under a real systemd with logind, in a container whose root is a throw-away layer over this machine's.
if [ "${1-}" = --inside ]; then
    # shellcheck source=scripts/claims.sh
    . "$(dirname "$0")/claims.sh"
    useradd --create-home ada
    user=$(id -u ada)
    # A login and a logout: what is said in between is ada's.
    as_ada() { runuser --login ada --command "$1"; }
    # shellcheck disable=SC2317 # It is called, behind functions that the linter does not follow.
    ended() {
        python3 -c 'import os, select, sys
try: handle = os.pidfd_open(int(sys.argv[1]))
except ProcessLookupError: sys.exit(0)
sys.exit(not select.select([handle], [], [], 60)[0])' "$1"
    }
    cat >/home/ada/service.sh <<'SERVICE'
trap 'echo SIGTERM >>"$1"; exit 0' TERM
while :; do sleep infinity & wait; done
SERVICE
    field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"; }
    said() { as_ada "xpmctl $1 --output json" | field /dev/stdin "$2"; }
    # Once the session is closed there is nothing left of it that could still hold the user's manager.
    log_out() {
        local scope
        for scope in $(systemctl list-units --no-legend --plain 'session-*.scope' | cut -d ' ' -f 1); do
            # It may end by itself meanwhile.
            systemctl stop "$scope" || ! systemctl is-active --quiet "$scope"
        done
    }

    # One login for all of it: with the last session the manager ends.
    as_ada 'xpmctl add steady -- bash ~/service.sh ~/signals && xpmctl start steady &&
        xpmctl status steady --output json >~/status && xpmctl daemon status --output json >~/daemon' >/dev/null
    same "xpmd says that services will not survive the logout" False "$(field /home/ada/daemon linger)"
    log_out
    holds "the logout ends the service" ended "$(field /home/ada/status pid)"
    same "with its SIGTERM" SIGTERM "$(cat /home/ada/signals)"
    holds "and the keeper" ended "$(field /home/ada/daemon keeper_pid)"

    rm /home/ada/signals
    loginctl enable-linger ada
    as_ada 'xpmctl start steady' >/dev/null
    service=$(said 'status steady' pid)
    same "xpmd says that services will survive the logout" True "$(said 'daemon status' linger)"
    log_out
    same "the manager lives on without a session" "active lingering" \
        "$(systemctl show --value --property ActiveState "user@$user.service") $(loginctl show-user --value --property State ada)"
    holds "the service lives on" kill -0 "$service"
    holds "and got no signal" test ! -e /home/ada/signals
    same "the next login finds it" "$service" "$(said 'status steady' pid)"
    systemctl stop "user@$user.service"
    same "the end of the machine ends it in order" SIGTERM "$(cat /home/ada/signals)"
    exit 0
fi

if [ "${1-}" = --container ]; then
    # In a mount namespace and cgroups of its own.
    layer=$2 root=$3
    mount -t tmpfs tmpfs "$layer" || exit 77
    mkdir "$layer"/{upper,work,root}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/root" || exit 77
    make --silent --directory "$root" install DESTDIR="$layer/root" PREFIX=/usr/local >"$layer/install.log" 2>&1 ||
        { cat "$layer/install.log"; exit 1; }
    # The tests themselves, which may lie on another file system than the root.
    mkdir -p "$layer/root/opt/xpm-test"
    cp "$root"/scripts/{test-linger,claims}.sh "$layer/root/opt/xpm-test"
    units=$layer/root/etc/systemd/system
    mkdir -p "$units" "$layer/root/etc/systemd/logind.conf.d"
    printf '[Login]\nUserStopDelaySec=0\n' >"$layer/root/etc/systemd/logind.conf.d/xpm-test.conf"
    # Nothing of this machine but what a login needs.
    cat >"$units/xpm-test.target" <<'UNIT'
[Unit]
Requires=basic.target
After=basic.target
Wants=xpm-test.service
UNIT
    cat >"$units/xpm-test.service" <<'UNIT'
[Unit]
Requires=dbus.service systemd-logind.service systemd-user-sessions.service
After=dbus.service systemd-logind.service systemd-user-sessions.service
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
TimeoutStartSec=180
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=/bin/bash /opt/xpm-test/test-linger.sh --inside
StandardOutput=file:/opt/xpm-test/said
StandardError=inherit
UNIT
    for unit in systemd-timesyncd systemd-networkd systemd-resolved systemd-firstboot systemd-hwdb-update ldconfig; do
        ln -sfn /dev/null "$units/$unit.service"
    done
    # It would empty /tmp, in the layer only, but slowly.
    mkdir -p "$layer/root/etc/tmpfiles.d"
    ln -sfn /dev/null "$layer/root/etc/tmpfiles.d/tmp.conf"
    status=0
    systemd-nspawn --quiet --register=no --keep-unit --directory="$layer/root" --boot --link-journal=no --resolv-conf=off \
        --timezone=off --console=pipe systemd.unit=xpm-test.target </dev/null >"$layer/console" 2>&1 || status=$?
    # What nothing was said in could not even boot.
    cat "$layer/root/opt/xpm-test/said" 2>/dev/null || { cat "$layer/console"; exit 77; }
    exit "$status"
fi

# shellcheck source=scripts/claims.sh
. "$(dirname "$0")/claims.sh"
[ "$(id -u)" = 0 ] || skip "only root can boot a container"
for program in systemd-nspawn findmnt unshare setpriv; do
    command -v "$program" >/dev/null || skip "there is no $program"
done
for unit in dbus systemd-logind; do
    [ -e "/lib/systemd/system/$unit.service" ] || skip "there is no $unit.service"
done
unified=$(findmnt --noheadings --types cgroup2 --output TARGET --first-only) || skip "there is no unified cgroup hierarchy"
unshare --mount true 2>/dev/null || skip "cannot make namespaces"
groups=()
for hierarchy in "$unified" /sys/fs/cgroup/systemd; do
    # systemd's own named hierarchy, where the layout is hybrid.
    [ -e "$hierarchy/cgroup.procs" ] || continue
    mkdir "$hierarchy/xpmd-linger-$$" 2>/dev/null || skip "cannot make a cgroup below $hierarchy"
    groups+=("$hierarchy/xpmd-linger-$$")
done
remove_groups() {
    local group
    if [ -e "${groups[0]}/cgroup.kill" ]; then echo 1 >"${groups[0]}/cgroup.kill"; fi
    for group in "${groups[@]}"; do find "$group" -depth -type d -exec rmdir {} +; done
}
at_exit remove_groups
mkdir "$scratch/layer"
status=0
# shellcheck disable=SC2016 # the shell inside reads its own arguments
setpriv --pdeathsig KILL unshare --mount --propagation private bash -c '
    for group in "${@:4}"; do echo 0 >"$group/cgroup.procs"; done
    SYSTEMD_NSPAWN_TMPFS_TMP=0 exec bash "$1" --container "$2" "$3"' \
    - "$root/scripts/test-linger.sh" "$scratch/layer" "$root" "${groups[@]}" || status=$?
[ "$status" != 77 ] || skip "this machine boots no container, see above"
[ "$status" = 0 ] || fail "the container ended with $status"
