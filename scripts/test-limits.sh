#!/bin/bash
# What services may use, held by a real kernel: one whose control groups have the controllers for memory, tasks and the
# processor, booted in a virtual machine, so that it does not matter which this machine has.
# shellcheck source=scripts/claims.sh
. "$(dirname "$0")/claims.sh"

if [ "${1-}" != --inside ]; then
    bin=${XPM_TEST_BIN-$root/.build/release}
    status=0
    "$root/scripts/virtual-machine.sh" "$root/scripts/test-limits.sh" "$bin"/{xpmd,xpmctl,xpm-keeper,xpm-logger} >"$scratch/said" || status=$?
    [ "$status" != 77 ] || skip "see above"
    grep -vE ' claims? held$' "$scratch/said" || true
    [ "$status" = 0 ] || fail "the virtual machine ended with $status"
    claims=$(grep -c '^  ' "$scratch/said")
    exit 0
fi

hierarchy=/sys/fs/cgroup
# delegate CGROUP: to ada, as a service manager or a container's runtime does.
delegate() {
    mkdir -p "$hierarchy/$1"
    chown 1000:1000 "$hierarchy/$1" "$hierarchy/$1"/cgroup.{procs,threads,subtree_control}
}
# as_ada CGROUP COMMAND
as_ada() { (echo 0 >"$hierarchy/$1/cgroup.procs" && cd /home/ada && exec su ada -c "$2"); }
# value KEY: of the JSON on standard input, where that key stands first.
value() { grep -o "\"$1\":\(\"[^\"]*\"\|[^,}]*\)" | head -n 1 | cut -d : -f 2- | tr -d '"'; }
# words FILE: on one line.
words() { tr '\n' ' ' <"$1" | sed 's/ $//'; }
is_gone() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }
# fact FILE KEY: of a flat keyed file of a cgroup.
fact() { sed -n "s/^$2 //p" "$1"; }
# between CLAIM LEAST VALUE MOST, whole numbers.
between() { holds "$1: $3 of $2 to $4" test "$2" -le "$3" -a "$3" -le "$4"; }

echo '+memory +pids +cpu' >"$hierarchy/cgroup.subtree_control"
delegate ada
as_ada ada 'mkdir /sys/fs/cgroup/ada/shell'
export XPMD_CGROUP=/ada/services
folder=$hierarchy$XPMD_CGROUP
xpmctl() { as_ada ada/shell "xpmctl $*"; }
# quietly COMMAND: of xpmctl, of which only a failure is of interest.
quietly() { xpmctl "$1" >/tmp/quiet 2>&1 || fail "xpmctl $1"$'\n'"$(cat /tmp/quiet)"; }
# service NAME KEY, cgroup NAME: of its record; of its last attempt.
service() { xpmctl "status $1 --output json" | value "$2"; }
cgroup() { echo "$folder/$(service "$1" attempt)"; }
# until_event PATTERN…: waits for an event whose JSON has them all, in this order.
until_event() {
    local pattern
    pattern=$(printf '%s.*' "$@")
    timeout 60 grep -q -m 1 "$pattern" < <(xpmctl 'events --follow --since 0 --output json')
}

all='"cpu","memory","pids"'
controllers() { xpmctl 'daemon status --output json' | sed -n 's/.*"controllers":\[\([^]]*\)\].*/\1/p'; }
quietly 'daemon start'
same "xpmd has the controllers of a cgroup that was delegated to its user" "$all" "$(controllers)"
quietly 'add steady --start -- sleep 1000000'
steady=$(service steady pid)

# What the services run: the memory is taken by a child, while the main process waits.
cd /home/ada
echo 'BEGIN { text = "x"; while (1) text = text text }' >eat.awk
echo 'awk -f eat.awk & wait' >eat.sh
echo 'if mkdir begun; then awk -f eat.awk; else exec sleep 1000000; fi' >once.sh
echo 'for child in 1 2 3 4 5 6; do sleep 1000000 & done; wait' >family.sh
echo 'bomb() { bomb | bomb & }; bomb & exec sleep 1000000' >bomb.sh
# Memory that no process has mapped, and processor time of a process that is gone.
echo 'head -c 20000000 /dev/zero >/dev/shm/held; touch held; sleep 1000000' >hold.sh
echo 'head -c 20000000 /dev/zero >/dev/shm/borrowed; rm /dev/shm/borrowed' >borrow.sh

# Memory.
quietly 'add eater --memory 24M --start --no-wait -- sh eat.sh'
quietly 'wait eater --for ended --timeout 2m'
record=$(xpmctl 'status eater --output json')
same "a service that takes more memory than it may have is killed, its main process too" "ERROR SIGKILL" \
    "$(value state <<<"$record") $(value signal <<<"$record")"
same "its record says that it was the limit" true "$(value out_of_memory <<<"$record")"
same "and so does its error" "was killed by its memory limit" "$(value error <<<"$record")"
holds "xpmctl why tells what to do" grep -q 'it reached its memory limit' <(xpmctl 'why eater')
between "the event of its end has the most memory that it had" 12000000 \
    "$(xpmctl 'events --since 0 --output json' | grep '"id":"eater".*"usage"' | value memory_bytes)" $((24 << 20))

quietly 'add victim --memory 24M --start -- sleep 1000000'
kill -KILL "$(service victim pid)"
quietly 'wait victim --for ended --timeout 2m'
same "one that somebody killed is told apart from it" "was killed by SIGKILL, " \
    "$(service victim error), $(service victim out_of_memory)"

quietly 'add phoenix --memory 24M --restart on-failure --restart-delay 100ms --start --no-wait -- sh once.sh'
until_event '"out_of_memory":true' '"id":"phoenix"' '"retry":'
quietly 'wait phoenix --for running --timeout 2m'
same "the policy on-failure starts it again" "RUNNING null" "$(service phoenix state) $(service phoenix error)"

echo $((48 << 20)) >"$folder/memory.max"
quietly 'add bystander --start --no-wait -- awk -f eat.awk'
quietly 'wait bystander --for ended --timeout 2m'
same "a service that ends by a limit around all services did not reach one of its own" "" "$(service bystander out_of_memory)"
echo max >"$folder/memory.max"
same "others are as they were" "RUNNING $steady" "$(service steady state) $(service steady pid)"

# Tasks.
quietly 'add family --tasks 4 --start --no-wait -- sh family.sh'
quietly 'wait family --for ended --timeout 2m'
holds "a service cannot fork beyond its limit of tasks" grep -q "can't fork" <(xpmctl 'logs family')
quietly 'add bomb --tasks 40 --cpu-weight 1 --start -- sh bomb.sh'
bomb=$(cgroup bomb)
until [ "$(fact "$bomb/pids.events" max)" -gt 0 ]; do :; done
holds "a fork bomb stays within it" test "$(cat "$bomb/pids.current")" -le 40
quietly 'add later --start -- sleep 1000000'
same "xpmd and other services are well beside it" "RUNNING $steady RUNNING" \
    "$(service steady state) $(service steady pid) $(service later state)"
quietly 'stop bomb'
holds "a stop ends all of it, and its cgroup is gone" test ! -e "$bomb"

# The processor, and what services use.
quietly 'add light --cpu-weight 20 --start -- sleep 1000000'
same "the weight of the processor is the kernel's" 20 "$(cat "$(cgroup light)/cpu.weight")"
quietly 'add holder --ready-command "test -e held" --start -- sh hold.sh'
held=$(cgroup holder)
cpu() { echo "$(($(fact "$held/cpu.stat" usage_usec) + 0))"; }
before=$(cpu)
record=$(xpmctl 'status holder --output json')
after=$(cpu)
between "memory_bytes is the cgroup's" 20000000 "$(value memory_bytes <<<"$record")" 40000000
between "cpu_s is the cgroup's" "$before" "$(awk -v s="$(value cpu_s <<<"$record")" 'BEGIN { printf "%.0f", s * 1e6 }')" "$after"
holds "xpmctl list --usage shows them" grep -q 'holder .* \(19\|2[0-9]\)[.0-9]* MiB' <(xpmctl 'list --usage')
quietly 'add borrower --start --no-wait -- sh borrow.sh'
quietly 'wait borrower --for ended --timeout 2m'
record=$(xpmctl 'events --since 0 --output json' | grep '"id":"borrower".*"usage"')
between "the event of an end has memory that was given back before" 20000000 "$(value memory_bytes <<<"$record")" 40000000
holds "and the processor's time" test "$(value cpu_s <<<"$record")" != 0

# stopped FOLDER: ends xpmd, and shows what is left in the folder that it was given.
stopped() {
    local keeper
    keeper=$(xpmctl 'daemon status --output json' | value keeper_pid)
    quietly 'daemon stop'
    holds "xpmctl daemon stop leaves no process" is_gone "$keeper"
    same "and no cgroup" "" "$(find "$1" -mindepth 1 -type d)"
}
stopped "$folder"

# A client in a service starts xpmd.
cat >rebirth.sh <<'SERVICE'
kill -KILL "$(xpmctl daemon status --output json | sed 's/.*"pid":\([0-9]*\).*/\1/')"
xpmctl list && echo reborn >reborn
exec sleep 1000000
SERVICE
mkfifo ready reborn
chown 1000:1000 ready reborn
quietly 'add rebirth --start --no-wait -- sh rebirth.sh'
same "a client in a service starts xpmd again" reborn "$(cat reborn)"
daemon=$(xpmctl 'daemon status --output json' | value pid)
rebirth=$(cgroup rebirth)
quietly 'stop rebirth'
holds "that service can be stopped" test ! -e "$rebirth"
same "which xpmd outlives" "$daemon" "$(xpmctl 'daemon status --output json' | value pid)"
stopped "$folder"

# As in a container: xpmd's own cgroup is all that there is.
unset XPMD_CGROUP
# begin CGROUP: an xpmd in it.
begin() {
    as_ada "$1" 'exec xpmd --ready-fd 3 3>ready 2>>box.log' &
    same "xpmd begins in the cgroup $1" ready "$(cat ready)"
}
delegate box
begin box
same "one that is alone in its cgroup makes room for its services" "$all" "$(controllers)"
quietly 'start eater --no-wait'
quietly 'wait eater --for ended --timeout 2m'
same "so that limits hold there" true "$(service eater out_of_memory)"
daemon=$(xpmctl 'daemon status --output json' | value pid)
quietly 'daemon reexec'
kill -KILL "$(xpmctl 'daemon status --output json' | value keeper_pid)"
quietly 'start steady'
same "also with another keeper, after xpmd was replaced" "$daemon, $all" \
    "$(xpmctl 'daemon status --output json' | value pid), $(controllers)"
stopped "$hierarchy/box"
same "its cgroup is as it was" "" "$(cat "$hierarchy/box/cgroup.subtree_control")"

delegate crowd
(echo 0 >"$hierarchy/crowd/cgroup.procs" && exec sleep 1000000) &
begin crowd
same "one that is not alone in its cgroup leaves the others there" "" "$(controllers)"
quietly 'start victim'
holds "and says what nobody enforces" grep -q 'the memory limit applies to each process separately' <(xpmctl 'status victim')
stopped "$hierarchy/crowd"
