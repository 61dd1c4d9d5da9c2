#!/bin/bash
# make-dist.sh BIN DIST VERSION: what is installed beside the programs and is made from them. Manual pages and completions come
# from xpmctl itself, so they know what it knows.
set -euo pipefail
bin=$1 dist=$2 version=$3
cd "$(dirname "$0")/.."

mkdir -p "$dist"
for shell in bash zsh fish; do
    "$bin/xpmctl" --generate-completion-script "$shell" >"$dist/xpmctl.$shell"
done

"$bin/xpmctl" --experimental-dump-help | python3 man/commands.py man/xpmctl.1.in >"$dist/xpmctl.1.in"
cp man/xpmd.1.in man/xpm-keeper.1.in man/xpm-logger.1.in man/xpm-web.1.in "$dist"
for page in xpmctl xpmd xpm-keeper xpm-logger xpm-web; do
    # -n leaves the time out: the same sources give the same file.
    sed -e '/^@ENVIRONMENT@$/{r man/places.in' -e 'd}' -e "s|@VERSION@|$version|" "$dist/$page.1.in" |
        gzip -9n >"$dist/$page.1.gz"
    rm "$dist/$page.1.in"
done

# Some toolchains come without it; a crash then has no backtrace.
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
rm -f "$dist/swift-backtrace"
if [ -f "$toolchain/libexec/swift/linux/swift-backtrace-static" ]; then
    install -m 755 "$toolchain/libexec/swift/linux/swift-backtrace-static" "$dist/swift-backtrace"
fi
