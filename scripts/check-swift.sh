#!/bin/bash
# check-swift.sh: fails with a sentence where `swift` is missing or older than Package.swift's tools version.
set -euo pipefail

needed=$(sed -n '1s|^// swift-tools-version: *||p' "$(dirname "$0")/../Package.swift")
if ! command -v swift >/dev/null; then
    echo "cannot build: no 'swift' in PATH; Swift $needed or newer is at https://www.swift.org/install/linux/" >&2
    exit 1
fi
found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -1)
oldest=$(printf '%s\n%s\n' "$needed" "$found" | sort -V | head -1)
if [ "$oldest" != "$needed" ]; then
    echo "cannot build: $(command -v swift) is Swift ${found:-of an unknown version}, but $needed or newer is needed" >&2
    exit 1
fi
