#!/bin/bash
# virtual-machine.sh SCRIPT PROGRAM… : runs `bash SCRIPT --inside` as root under a Linux of its own and ends with its exit
# code, or with 77 where this machine cannot have one.
#
# Inside there are busybox, bash, claims.sh, the PROGRAMs in PATH, a user `ada`, and the unified hierarchy of cgroups with
# every controller that Debian's kernel has; nothing else, no disk, no network. qemu emulates the processor where KVM is of
# no use, so it needs neither root nor rights, only the packages of `scripts/deps.sh limits`.
set -euo pipefail

# Seconds: what hangs ends all the same.
limit=180
root=$(cd "$(dirname "$0")/.." && pwd)
script=$1
shift

skip() {
    echo "$(basename "$0"): SKIPPED: $1" >&2
    exit 77
}

[ "$(uname -m)" = x86_64 ] || skip "it knows the kernel for x86-64 only, and this is $(uname -m)"
"$root/scripts/deps.sh" limits >&2 || skip "see above"
for program in qemu-system-x86_64 busybox; do
    command -v "$program" >/dev/null || skip "there is no $program"
done

scratch=$(mktemp -d "${TMPDIR:-/tmp}/xpmd-machine.XXXXXX")
machine=
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    if [ -n "$machine" ] && kill "$machine" 2>/dev/null; then wait "$machine" || true; fi
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# fetch_kernel: the path of Debian's, unpacked into the build folder and installed nowhere.
fetch_kernel() {
    local folder=$root/.build/limits package fetched found=
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | tail -n 1)
    if [ -n "$package" ] && [ ! -e "$folder/$package/.done" ]; then
        mkdir "$scratch/package"
        if (cd "$scratch/package" && apt-get download -qq "$package") >"$scratch/apt.log" 2>&1; then
            mkdir -p "$folder/$package"
            dpkg-deb --fsys-tarfile "$scratch"/package/*.deb | tar -x -C "$folder/$package" --wildcards './boot/vmlinuz-*'
            touch "$folder/$package/.done"
        fi
    fi
    # One that an earlier run has fetched will do.
    for fetched in "$folder"/*/.done; do if [ -e "$fetched" ]; then found=$fetched; fi; done
    [ -n "$found" ] || { cat "$scratch/apt.log" 2>/dev/null || echo "there is no package linux-image-cloud-amd64"; return 1; } >&2
    echo "$(dirname "$found")"/boot/vmlinuz-*
}
kernel=$(fetch_kernel) || skip "cannot fetch Debian's kernel, see above"

# What is in the machine's memory when it begins.
image=$scratch/image
mkdir -p "$image"/{bin,dev,etc,home/ada,proc,sys,tmp,usr/local/bin,usr/bin,opt/xpm-test}
# give PROGRAM FOLDER: with the libraries that it needs, at the same paths.
give() {
    cp -L "$1" "$image$2"
    { ldd "$1" 2>/dev/null || true; } | sed -n 's|^[^/]*\(/[^ ]*\) (.*|\1|p' | while read -r library; do
        cp -L --parents "$library" "$image"
    done
}
give "$(command -v busybox)" /bin
give "$(command -v bash)" /bin
for program in "$@"; do give "$program" /usr/local/bin; done
cp "$script" "$root/scripts/claims.sh" "$image/opt/xpm-test"
printf 'root:x:0:0::/:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n' >"$image/etc/passwd"
printf 'root:x:0:\nada:x:1000:\n' >"$image/etc/group"
cat >"$image/init" <<INIT
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/usr/local/bin:/bin HOME=/ LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ifconfig lo up
chown -R 1000:1000 /home/ada
ln -s /proc/self/fd /dev/fd
exec </dev/null >/dev/ttyS1 2>&1
stty -F /dev/ttyS1 raw
echo begun
bash /opt/xpm-test/$(basename "$script") --inside
echo "status \$?"
poweroff -f
INIT
chmod +x "$image/init"
(cd "$image" && find . | busybox cpio -o -H newc 2>/dev/null) >"$scratch/initrd"

# boot SECONDS OPTION… : ends it after so long.
boot() {
    exec timeout "$1" qemu-system-x86_64 -M q35 -m 1024 -display none -nodefaults -no-user-config -no-reboot \
        -kernel "$kernel" -append 'console=ttyS0 quiet panic=-1' "${@:2}" </dev/null
}
# Without anything to run a kernel gives up and restarts, at once; where KVM is there and of no use, it never comes so far.
processor=(-accel tcg -cpu max)
if [ -w /dev/kvm ] && (boot 5 -accel kvm) >/dev/null 2>&1; then processor=(-accel kvm); fi
mkfifo "$scratch/said"
boot "$limit" "${processor[@]}" -initrd "$scratch/initrd" -serial "file:$scratch/console" -serial stdio \
    >"$scratch/said" 2>"$scratch/qemu" &
machine=$!
status=
while IFS= read -r line; do
    case $line in
        begun) ;;
        status\ *) status=${line#status } ;;
        *) printf '%s\n' "$line" ;;
    esac
done <"$scratch/said"
wait "$machine" || true
machine=
if [ -z "$status" ]; then
    cat "$scratch/qemu" "$scratch/console" >&2
    echo "$(basename "$0"): the machine ended before its script, or took longer than $limit s" >&2
    exit 1
fi
exit "$status"
