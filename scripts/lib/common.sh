# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every script of this folder shares: where things are, how they speak,
# how they fail, the lock and the memory of how long things took.
#
# stdout belongs to results; everything said to a person goes to stderr.

set -euo pipefail
export LC_ALL=C.UTF-8

GPUMBOX_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
GPUMBOX_CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gpumbox
export GPUMBOX_ROOT GPUMBOX_CACHE

say() {
    [ "${GPUMBOX_QUIET:-0}" = 1 ] || printf 'gpumbox: %s\n' "$*" >&2
}

# Wrong use, or a thing that the user has to mend: one sentence, exit 2.
die() {
    printf 'gpumbox: %s\n' "$*" >&2
    exit 2
}

human_time() {
    local s=$1
    if [ "$s" -ge 90 ]; then
        printf '%d min %d s' $((s / 60)) $((s % 60))
    else
        printf '%d s' "$s"
    fi
}

# step NAME TEXT, then step_done: say what is done and how long it took the
# last time, and remember how long it took this time.
step() {
    step_name=$1
    step_start=$SECONDS
    local last
    last=$(awk -v n="$1" '$1 == n { print $2 }' "$GPUMBOX_CACHE/times" \
           2>/dev/null || true)
    if [ -n "$last" ]; then
        say "$2 (took $(human_time "$last") the last time)"
    else
        say "$2"
    fi
}

step_done() {
    local took=$((SECONDS - step_start)) tmp
    tmp=$(mktemp "$GPUMBOX_CACHE/.times.XXXXXX")
    { grep -v "^$step_name " "$GPUMBOX_CACHE/times" 2>/dev/null || true
      printf '%s %d\n' "$step_name" "$took"; } > "$tmp"
    mv -f "$tmp" "$GPUMBOX_CACHE/times"
    [ "$took" -lt 2 ] || say "  done in $(human_time "$took")"
}

# The cache is written by one process at a time.  A second one is refused, or
# waits when GPUMBOX_WAIT is 1.
lock_cache() {
    [ "${GPUMBOX_LOCKED:-0}" = 0 ] || return 0
    mkdir -p "$GPUMBOX_CACHE" 2>/dev/null ||
        die "the cache folder $GPUMBOX_CACHE cannot be made: give a writable place with XDG_CACHE_HOME"
    [ -w "$GPUMBOX_CACHE" ] ||
        die "the cache folder $GPUMBOX_CACHE is not writable: give a writable place with XDG_CACHE_HOME"
    exec 9>>"$GPUMBOX_CACHE/lock"
    if ! flock -n 9; then
        local who
        who=$(tail -n 1 "$GPUMBOX_CACHE/lock" 2>/dev/null || true)
        [ "${GPUMBOX_WAIT:-0}" = 1 ] ||
            die "another set-up (process ${who:-unknown}) is at work in $GPUMBOX_CACHE: wait for it to end, or pass --wait"
        say "waiting for another set-up (process ${who:-unknown})"
        flock 9
    fi
    : > "$GPUMBOX_CACHE/lock"
    echo $$ >> "$GPUMBOX_CACHE/lock"
    export GPUMBOX_LOCKED=1
    # What an interrupted run left is of no use to anyone.
    rm -rf "$GPUMBOX_CACHE"/tmp
    mkdir -p "$GPUMBOX_CACHE"/tmp
}

unlock_cache() {
    exec 9>&-
    export GPUMBOX_LOCKED=0
}

# need_space MEGABYTES WHAT
need_space() {
    local dir=$GPUMBOX_CACHE free
    free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$1" ] ||
        die "$2 needs $1 MB in $dir and only $free MB are free: make room, or name another place with XDG_CACHE_HOME"
}

# watch_log PID LOG: show how far a build is, wait for it, return its status.
watch_log() {
    local pid=$1 log=$2 at last='' shown=0 status=0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        shown=$((shown + 1))
        [ $((shown % 10)) = 0 ] || continue
        at=$(grep -ao '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 1 || true)
        [ "$at" = "$last" ] || [ -z "$at" ] || say "  $at"
        last=$at
    done
    wait "$pid" || status=$?
    return "$status"
}

# hash_files PATH...: one name for the content of these files and folders.
hash_files() {
    find -L "$@" -type f ! -name '.*' -print0 | sort -z |
        xargs -0 sha256sum | sha256sum | cut -c1-20
}
