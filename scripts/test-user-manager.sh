#!/bin/bash
# The installed units under a real user manager: who is ended when, and who lives on.
if [ "${1-}" != --inside ]; then
    # shellcheck source=scripts/claims.sh
    . "$(dirname "$0")/claims.sh"
    cd "$root"
    make --silent install PREFIX="$scratch/prefix" >"$scratch/install.log" 2>&1 || fail "$(cat "$scratch/install.log")"

    status=0
    scripts/user-manager.py "$root/scripts/test-user-manager.sh" --inside "$scratch/prefix" "$scratch/signals" || status=$?
    if [ "$status" = 77 ]; then skip "see above"; fi
    [ "$status" = 0 ] || exit "$status"
    # The manager has ended meanwhile, as it does after a logout.
    same "the end of the session gave the service its SIGTERM" 'SIGTERM' "$(tail -n 1 "$scratch/signals")"
    exit 0
fi

# shellcheck source=scripts/claims.sh
. "$(dirname "$0")/claims.sh"
prefix=$2 signals=$3
xpmctl() { "$prefix/bin/xpmctl" "$@"; }
# field KEY…: the value below the keys of the JSON on standard input.
field() {
    python3 -c 'import functools, json, sys
print(functools.reduce(lambda value, key: value[key], sys.argv[1:], json.load(sys.stdin)))' "$@"
}

# systemd tells of each start and end of the unit, so that nothing here has to look again and again.
mkfifo "$scratch/events"
exec {events}<>"$scratch/events"
next_is() {
    local event
    read -r -t 60 -u "$events" event || fail "cannot wait any longer for the unit to be $1"$'\n'"$(cat "$HOME/xpmd.log")"
    [ "$event" = "$1" ] || fail "the unit was $event where $1 was expected"$'\n'"$(cat "$HOME/xpmd.log")"
    # It is told a moment before the unit's state follows; asking for that state waits for it.
    case $1 in
        started) systemctl --user start xpmd.service ;;
        stopped) [ "${2-}" != for-good ] || systemctl --user stop xpmd.service 2>/dev/null ;;
    esac
}
mkdir -p "$HOME/.config/systemd/user/xpmd.service.d"
cat >"$HOME/.config/systemd/user/xpmd.service.d/test.conf" <<UNIT
[Service]
WatchdogSec=2
ExecStartPost=/bin/sh -c 'echo started >$scratch/events'
ExecStopPost=/bin/sh -c 'echo stopped >$scratch/events'
StandardError=append:$HOME/xpmd.log
UNIT
# A drop-in for scopes of keepers, as a user may have one for limits.
mkdir -p "$HOME/.config/systemd/user/xpmd-keeper-.scope.d"
printf '[Scope]\nTimeoutStopSec=1\n' >"$HOME/.config/systemd/user/xpmd-keeper-.scope.d/test.conf"
systemctl --user --quiet link "$prefix/lib/systemd/user/xpmd.service" "$prefix/lib/systemd/user/xpmd.socket"

shown() { systemctl --user show --value --property="$1" "${2-xpmd.service}"; }
# A process is the same one only if it began at the same moment.
began() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat"; }
cgroup_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
# processes_of UNIT: by the kernel.
processes_of() {
    local hierarchy
    hierarchy=$(findmnt --noheadings --types cgroup2 --output TARGET --first-only)
    find "$hierarchy$(shown ControlGroup "$1")" -name cgroup.procs -exec cat {} + | sort -n | paste -sd ' '
}
is_gone() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }

systemctl --user --quiet enable --now xpmd.socket 2>/dev/null
same "the socket waits, the service does not run yet" "active inactive" \
    "$(shown ActiveState xpmd.socket) $(shown ActiveState)"
same "only its owner can come near the socket" "700 600" \
    "$(stat -c %a "$XDG_RUNTIME_DIR/xpmd" "$XDG_RUNTIME_DIR/xpmd/xpmd.sock" | paste -sd ' ')"

daemon=$(xpmctl daemon status --output json | field pid)
next_is started
same "the first client starts xpmd, which says when it is ready" "active running $daemon" \
    "$(shown ActiveState) $(shown SubState) $(shown MainPID)"
holds "it tells systemd how it is" test -n "$(shown StatusText)"

cat >"$scratch/service.sh" <<'SERVICE'
trap 'echo SIGTERM >>"$1"; exit 0' TERM
while :; do sleep infinity & wait; done
SERVICE
xpmctl add steady -- bash "$scratch/service.sh" "$signals" >/dev/null
xpmctl start steady >/dev/null
service=$(xpmctl status steady --output json | field pid)
birth=$(began "$service")
keeper=$(xpmctl daemon status --output json | field keeper_pid)
scope=xpmd-keeper-$keeper.scope

same "the unit of xpmd has xpmd and nothing else" "$daemon" "$(processes_of xpmd.service)"
same "the keeper has a scope of its own" active "$(shown ActiveState "$scope")"
for process in "$keeper" "$service"; do
    holds "process $process is in that scope" grep -q "/$scope\(/\|\$\)" <(cgroup_of "$process")
done
same "the scope is stopped after xpmd" yes "$(shown Before "$scope" | grep -qw xpmd.service && echo yes)"
same "the scope is delegated to the keeper" "yes" "$(shown Delegate "$scope")"

# lives_on CLAIM: a new xpmd runs, with the keeper and the service of before.
lives_on() {
    local before=$daemon
    daemon=$(xpmctl daemon status --output json | field pid)
    holds "$1: another xpmd" test "$daemon" != "$before"
    same "$1: systemd follows it" "active $daemon" "$(shown ActiveState) $(shown MainPID)"
    same "$1: the same keeper" "$keeper" "$(xpmctl daemon status --output json | field keeper_pid)"
    same "$1: the same process is RUNNING" "RUNNING $service $birth" \
        "$(xpmctl status steady --output json | field state) \
$(xpmctl status steady --output json | field pid) $(began "$service")"
}

systemctl --user restart xpmd.service
next_is stopped
next_is started
lives_on "after systemctl restart"

kill -KILL "$daemon"
next_is stopped
next_is started
lives_on "after SIGKILL"

kill -STOP "$daemon"
next_is stopped
next_is started
lives_on "after a missed watchdog"
same "systemd counts two restarts of its own" 2 "$(shown NRestarts)"
holds "no signal came near the service so far" test ! -e "$signals"

kill -KILL "$daemon" "$keeper"
next_is stopped
next_is started
keeper=$(xpmctl daemon status --output json | field keeper_pid)
lives_on "after SIGKILL of xpmd and its keeper"
holds "the new keeper has a scope of its own" test "$scope" != "xpmd-keeper-$keeper.scope"
scope=xpmd-keeper-$keeper.scope
same "the new scope has the new keeper" "active" "$(shown ActiveState "$scope")"

# replaced CLAIM: xpmd began anew in the same process, with the keeper and the service of before.
replaced() {
    local now
    now=$(xpmctl daemon status --output json | field started_at)
    holds "$1: it has begun anew" test "$now" != "$since"
    since=$now
    same "$1: systemd sees the same process" "active running $daemon" \
        "$(shown ActiveState) $(shown SubState) $(shown MainPID)"
    same "$1: the same keeper" "$keeper" "$(xpmctl daemon status --output json | field keeper_pid)"
    same "$1: the same process is RUNNING" "RUNNING $service $birth" \
        "$(xpmctl status steady --output json | field state) \
$(xpmctl status steady --output json | field pid) $(began "$service")"
}
since=$(xpmctl daemon status --output json | field started_at)
restarts=$(shown NRestarts)
# As install(1) does it: the file of the running program is gone, and another one has its name.
cp "$prefix/bin/xpmd" "$prefix/bin/xpmd.new"
mv -f "$prefix/bin/xpmd.new" "$prefix/bin/xpmd"
xpmctl daemon reexec
replaced "after an installation and daemon reexec"
systemctl --user reload xpmd.service
replaced "after systemctl reload"
same "the socket is still systemd's" active "$(shown ActiveState xpmd.socket)"
same "to systemd that was no restart" "$restarts" "$(shown NRestarts)"

kill -STOP "$daemon"
next_is stopped
next_is started
lives_on "after a missed watchdog of the new program"

mv "$prefix/bin/xpmd" "$prefix/bin/xpmd.good"
ln -s /bin/false "$prefix/bin/xpmd"
refused() { ! xpmctl daemon reexec && ! systemctl --user reload xpmd.service; }
holds "a program that cannot run is refused" refused
mv -f "$prefix/bin/xpmd.good" "$prefix/bin/xpmd"
same "and xpmd runs on" "active $daemon" "$(shown ActiveState) $(xpmctl daemon status --output json | field pid)"

# What a service says in a real journal.
cat >"$scratch/talker.sh" <<'SERVICE'
echo one; echo two >&2; printf '50%%\r100%%\n\033[2Jx\n'; echo $$
exec sleep infinity
SERVICE
xpmctl add talker --log journal -- sh "$scratch/talker.sh" >/dev/null
xpmctl start talker >/dev/null
talker=$(xpmctl status talker --output json | field pid)
name=$(xpmctl status talker --output json | field name)
# The journal may need a moment for a line: this waits for all. Between the two streams it knows no order.
same "xpmctl logs --follow reads a log in the journal" "$(printf '%s\n' one two 100% $'\e[2Jx' "$talker" | LC_ALL=C sort)" \
    "$(head -n 5 < <(exec "$prefix/bin/xpmctl" logs talker --follow) | LC_ALL=C sort)"
last() { journalctl --quiet --lines=1 --output=json -t "$name" | field "$1"; }
same "its lines have the service's full name as identifier" "$name $talker" "$(last SYSLOG_IDENTIFIER) $(last _PID)"
same "-n takes the last lines" "$talker" "$(xpmctl logs talker --stdout -n 1)"
same "--stderr and --stdout tell the two apart" "two one" \
    "$(xpmctl logs talker --stderr) $(xpmctl logs talker --stdout | sed -n 1p)"
same "--raw prints them as they are" $'50%\r100%' "$(xpmctl logs talker --stdout --raw | sed -n 2p)"
holds "--timestamps begins them as lines of other logs" \
    grep -qx '[0-9]*-[0-9]*-[0-9]*T[0-9:]*\.[0-9][0-9][0-9]Z one' <(xpmctl logs talker --timestamps)
same "--until leaves out what came later" "" "$(xpmctl logs talker --until 1h)"
same "--since takes what came from then on" 5 "$(xpmctl logs talker --since 1h | wc -l)"
same "where there is no journalctl it says so" \
    "it is in the journal; see journalctl -t '$name' _UID=0, but journalctl is not in PATH" \
    "$(PATH=$prefix/bin "$prefix/bin/xpmctl" logs talker 2>&1 | sed -n '1s/.*: //p')"
xpmctl stop talker >/dev/null

systemctl --user stop xpmd.service 2>/dev/null
next_is stopped
same "systemctl stop is no failure" "inactive success" "$(shown ActiveState) $(shown Result)"
same "systemctl stop gives the service its SIGTERM" SIGTERM "$(cat "$signals")"
holds "systemctl stop ends the service" is_gone "$service"
holds "systemctl stop ends the keeper" is_gone "$keeper"

xpmctl start steady >/dev/null
next_is started
service=$(xpmctl status steady --output json | field pid)
xpmctl daemon stop >/dev/null
next_is stopped for-good
same "xpmctl daemon stop leaves a unit that is ready for the next client" "inactive success active" \
    "$(shown ActiveState) $(shown Result) $(shown ActiveState xpmd.socket)"
holds "xpmctl daemon stop ends the service" is_gone "$service"

xpmctl start steady >/dev/null
next_is started
daemon=$(xpmctl daemon status --output json | field pid)
keeper=$(xpmctl daemon status --output json | field keeper_pid)
: >"$signals"
systemctl --user stop "xpmd-keeper-$keeper.scope"
xpmctl wait steady --for ended --timeout 60 >/dev/null || true
same "stopping the scope gives the service its SIGTERM" SIGTERM "$(cat "$signals")"
holds "stopping the scope ends the keeper" is_gone "$keeper"
same "xpmd runs on" "active $daemon" "$(shown ActiveState) $(shown MainPID)"
xpmctl start steady >/dev/null
holds "it has found another keeper" test "$(xpmctl daemon status --output json | field keeper_pid)" != "$keeper"
same "and has started the service anew" RUNNING "$(xpmctl status steady --output json | field state)"

: >"$signals"
