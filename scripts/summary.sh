# shellcheck shell=bash
# Sourced by test-all.sh: runs parts of the tests and keeps the page about them.

logs=.build/test-logs
rm -rf "$logs"
mkdir -p "$logs"
passed=0
skipped=0
failures=()
# What a line says that tells of a failure, in the words of all the runners.
failed_words='✘|FAILED|^E  |[Ee]rror:|cannot pass|Fatal|signal code'
# What Swift Testing says of a test that begins, and of a group of tests: it may hold those words without telling of a failure.
other_words='◇|➜|✘ (Suite|Test run)|↳'
# failed_lines LOG: the lines that tell of failures.
failed_lines() { grep -anE "$failed_words" "$1" | grep -avE "$other_words"; }

# part NAME "WHAT IS TESTED" COMMAND…: runs one part of the tests and writes its line.
part() {
    local name=$1 what=$2 log=$logs/$1.log begin=$SECONDS status
    shift 2
    printf '  %-13s %-76s ' "$name" "$what"
    if [ -n "${VERBOSE:-}" ]; then
        echo
        "$@" 2>&1 </dev/null | tee "$log"
    else
        "$@" >"$log" 2>&1 </dev/null
    fi
    status=$?
    local count
    count=$(count_passed "$log")
    passed=$((passed + count))
    if [ "$status" != 0 ]; then
        failures+=("$name")
        echo "FAILED after $((SECONDS - begin)) s"
        show_failure "$log"
    elif [ "$count" = 0 ] && grep -q 'SKIPPED: ' "$log"; then
        echo "skipped"
    else
        echo "$(counts "$count")$((SECONDS - begin)) s"
    fi
}

counts() { if [ "$1" != 0 ]; then printf '%5s passed, ' "$1"; fi; }

# What passed, by the closing words of the runners: Swift Testing, pytest, the scripts.
count_passed() {
    sed -nE -e 's/.*Test run with ([0-9]+) tests? .*passed after.*/\1/p' -e 's/^([0-9]+) passed.* in [0-9.]+s.*/\1/p' \
        -e 's/.*: ([0-9]+) claims? held$/\1/p' "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

# What was skipped and why, a line each.
list_skipped() {
    sed -nE -e 's/^.*(Test|Suite) (.*) skipped: "(.*)"$/\2: \3/p' -e 's/^SKIPPED \[([0-9]+)\] [^:]+(:[0-9]+)?: (.*)/\1 tests: \3/p' \
        -e 's/^(.*: )?SKIPPED: (.*)/\1\2/p' "$1" | grep -v 'see above$' | sort | uniq
}

# The words of a part that failed, so far as they fit on a screen; CI shows nothing else.
show_failure() {
    {
        failed_lines "$1" | head -n 60
        echo "... the end of it:"
        tail -n 40 "$1"
    } | sed 's/^/      /'
    echo "      all of it: $1"
}

summary() {
    local log line name
    for log in "$logs"/*.log; do
        while read -r line; do
            if [ "$skipped" = 0 ]; then printf '\nSkipped:\n'; fi
            skipped=$((skipped + 1))
            name=$(basename "$log" .log)
            echo "  $name: ${line#test-"$name".sh: }"
        done < <(list_skipped "$log")
    done
    printf '\n'
    if [ ${#failures[@]} != 0 ]; then
        echo "Failed: ${failures[*]}; their output is in $logs/"
        # Once more at the end, for who sees no more of the page than that.
        for name in "${failures[@]}"; do
            failed_lines "$logs/$name.log" | grep -v ' failed after ' | head -n 8 | cut -c 1-250 | sed "s/^/  $name: /"
        done
    fi
    echo "Total time: $((SECONDS / 60)) min $((SECONDS % 60)) s"
    # The plain closing line that programs read.
    echo "$passed passed, ${#failures[@]} failed, $skipped skipped"
    [ ${#failures[@]} = 0 ]
}
