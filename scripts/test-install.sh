#!/bin/bash
# `make install` puts every file where it belongs, and what it installs works from there.
# shellcheck source=scripts/claims.sh
. "$(dirname "$0")/claims.sh"
cd "$root"

stage=$scratch/stage
make --silent install DESTDIR="$stage" PREFIX=/opt/xpmd >"$scratch/install.log" 2>&1 || fail "$(cat "$scratch/install.log")"
prefix=$stage/opt/xpmd

expected() {
    local template
    cat <<'FILES'
644 lib/systemd/user/xpmd.service
644 lib/systemd/user/xpmd.socket
644 share/bash-completion/completions/xpmctl
644 share/fish/vendor_completions.d/xpmctl.fish
644 share/man/man1/xpm-keeper.1.gz
644 share/man/man1/xpm-logger.1.gz
644 share/man/man1/xpm-web.1.gz
644 share/man/man1/xpmctl.1.gz
644 share/man/man1/xpmd.1.gz
644 share/zsh/site-functions/_xpmctl
755 bin/xpm-keeper
755 bin/xpm-logger
755 bin/xpm-web
755 bin/xpmctl
755 bin/xpmd
FILES
    for template in share/xpmd/templates/*.toml; do echo "644 $template"; done
    find protocol/python/xpmd \( -name '*.py' -o -name py.typed \) -printf '644 share/xpmd/python/xpmd/%P\n'
    if [ -f .build/dist/swift-backtrace ]; then echo "755 libexec/xpmd/swift-backtrace"; fi
}
same "the installed files and their modes are the expected ones" \
    "$(expected | sort)" "$(cd "$prefix" && find . -type f -printf '%m %P\n' | sort)"

static() { file -b "$1" | grep -Eq 'statically linked|static-pie linked'; }
holds "xpmctl needs no shared library" static "$prefix/bin/xpmctl"
holds "xpm-keeper needs no shared library" static "$prefix/bin/xpm-keeper"
holds "xpm-logger needs no shared library" static "$prefix/bin/xpm-logger"
holds "xpm-web needs no shared library" static "$prefix/bin/xpm-web"
libraries=$(ldd "$prefix/bin/xpmd")
lacks() { if grep -E "$1" <<<"$2"; then return 1; fi; }
holds "xpmd finds every library" lacks 'not found' "$libraries"
holds "xpmd brings the Swift runtime" lacks 'libswift|libFoundation|libdispatch|libBlocksRuntime' "$libraries"
holds "xpmd takes libsystemd from the system" grep -q libsystemd <<<"$libraries"
holds "xpmd takes PCRE2 from the system" grep -q libpcre2-8 <<<"$libraries"

bare() { env -i HOME="$scratch" PATH=/usr/bin:/bin "$@"; }
holds "xpmctl --help works without an environment" bare "$prefix/bin/xpmctl" --help
# Aliases follow the verb behind a comma.
mentions() { bare "$prefix/bin/xpmctl" --help | grep -Eq "^  $1(,| )"; }
for verb in add start stop restart remove list status logs events wait why url daemon templates web doctor; do
    holds "xpmctl --help tells of $verb" mentions "$verb"
done
holds "xpmctl --version is the change log's" grep -Fqx "$(sed -n 's/^## \([0-9.]*\).*/\1/p' CHANGELOG.md | head -1)" \
    <(bare "$prefix/bin/xpmctl" --version)

holds "Python finds the package" bare PYTHONPATH="$prefix/share/xpmd/python" python3 -c 'import xpmd'

holds "the bash completion is bash" bash -n "$prefix/share/bash-completion/completions/xpmctl"
if command -v zsh >/dev/null; then
    holds "the zsh completion is zsh" zsh -n "$prefix/share/zsh/site-functions/_xpmctl"
fi
if command -v fish >/dev/null; then
    holds "the fish completion is fish" fish --no-execute "$prefix/share/fish/vendor_completions.d/xpmctl.fish"
fi

for page in xpmd xpmctl xpm-keeper xpm-logger xpm-web; do
    gunzip <"$prefix/share/man/man1/$page.1.gz" >"$scratch/$page.1"
    holds "nothing is left to fill in in $page(1)" lacks '@[A-Z_]+@' "$(cat "$scratch/$page.1")"
    if command -v groff >/dev/null; then
        holds "groff has no complaint about $page(1)" test -z "$(groff -man -Tutf8 -ww -z "$scratch/$page.1" 2>&1)"
    fi
done

units=$(cat "$prefix"/lib/systemd/user/xpmd.*)
holds "the units name the prefix and not the staging folder" lacks "@[a-z]+@|$stage" "$units"
holds "the service starts the installed xpmd" grep -qx 'ExecStart=/opt/xpmd/bin/xpmd' <<<"$units"

refused() { ! make --silent install DESTDIR="$scratch/other" PREFIX="$1" >/dev/null 2>&1; }
holds "a relative PREFIX is refused" refused opt
holds "a PREFIX with a space is refused" refused '/opt/a b'

touch "$prefix/share/xpmd/templates/own.toml"
make --silent uninstall DESTDIR="$stage" PREFIX=/opt/xpmd >/dev/null
same "uninstall removes what was installed and keeps the rest" \
    share/xpmd/templates/own.toml "$(cd "$prefix" && find . -type f -printf '%P\n')"
