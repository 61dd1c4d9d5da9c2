#!/bin/bash
# deps.sh GROUP… : installs what is missing of the Debian packages for `build`, `demo`, `test`, `model` and `limits`; silent where nothing is.
set -euo pipefail

build=(libsystemd-dev libmd-dev libpcre2-dev libsqlite3-dev libncurses-dev pkg-config python3)
demo=(python3-venv)
test=(python3-venv systemd systemd-container dbus libpam-systemd file strace tmux bindfs e2fsprogs chromium fonts-dejavu-core)
model=(spin gcc libc6-dev)
limits=(qemu-system-x86 busybox-static)

wanted=()
for group in "$@"; do
    case $group in
        build) wanted+=("${build[@]}") ;;
        demo) wanted+=("${demo[@]}") ;;
        test) wanted+=("${test[@]}") ;;
        model) wanted+=("${model[@]}") ;;
        limits) wanted+=("${limits[@]}") ;;
        *) echo "cannot install the packages of '$group': the groups are build, demo, test, model and limits" >&2; exit 64 ;;
    esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    # Elsewhere the packages have other names, so what they are for is looked at instead.
    if command -v pkg-config >/dev/null && pkg-config --exists libsystemd libmd libpcre2-8 sqlite3 ncursesw && python3 -c 'import ensurepip'; then
        exit 0
    fi
    echo "cannot install what is missing: this system has no apt-get." >&2
    echo "Please install what on Debian is called: ${wanted[*]}" >&2
    exit 1
fi

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    if [ "$state" != installed ]; then missing+=("$package"); fi
done
if [ ${#missing[@]} = 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "cannot install packages: neither root nor sudo. As root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "installing Debian packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
