# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every script of this folder shares: where things are, how they speak,
# how they fail, the lock and the memory of how long things took.
#
# stdout belongs to results; everything said to a person goes to stderr.

set -euo pipefail
export LC_ALL=C.UTF-8

GPUMBOX_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
GPUMBOX_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/gpumbox
export HOME GPUMBOX_ROOT GPUMBOX_CACHE

say() {
    [ "${GPUMBOX_QUIET:-0}" = 1 ] || printf 'gpumbox: %s\n' "$*" >&2
}

# Wrong use, or a thing that the user has to mend: one sentence, exit 2.
die() {
    printf 'gpumbox: %s\n' "$*" >&2
    exit 2
}

# number OPTION VALUE LEAST MOST: an option wants a number.
number() {
    [[ $2 =~ ^[0-9]{1,9}$ ]] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] ||
        die "$1 wants a number from $3 to $4, not '$2'"
}

# quoted WORD...: words as one types them, a space before each
quoted() {
    [ $# = 0 ] || printf ' %q' "$@"
}

# usual_gpu ARCH DRIVER, usual_driver GPU: what is taken if none was named; the
# driver may be empty
usual_gpu() {
    case $1,$2 in
    x86_64,*|*,nouveau|*,nova) echo nvidia-ga102 ;;
    *) echo mali-g610 ;;
    esac
}

usual_driver() {
    case $1 in
    nvidia-*) echo nouveau ;;
    *) echo panthor ;;
    esac
}

# check_gpu_arch GPU ARCH: end with a sentence if no such guest has the GPU
check_gpu_arch() {
    [ "$2" = aarch64 ] || [[ $1 != mali-* ]] ||
        die "$1 is no PCI card: --arch $2 wants an NVIDIA GPU"
}

# check_arch ARCH: end with a sentence if no guest can be of it
check_arch() {
    [ "$1" = aarch64 ] || [ "$1" = x86_64 ] ||
        die "--arch is aarch64 or x86_64, not '$1'"
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
    local took=$((SECONDS - step_start))
    remember "$step_name" "$took"
    [ "$took" -lt 2 ] || say "  done in $(human_time "$took")"
}

# remember NAME NUMBER: for the next time
remember() {
    local tmp
    tmp=$(mktemp "$GPUMBOX_CACHE/.times.XXXXXX")
    { grep -v "^$1 " "$GPUMBOX_CACHE/times" 2>/dev/null || true
      printf '%s %d\n' "$1" "$2"; } > "$tmp"
    mv -f "$tmp" "$GPUMBOX_CACHE/times"
}

# take_lock FD NAME: NAME is one process's at a time, and with it the folder
# for unfinished things $GPUMBOX_CACHE/tmp-NAME.  A second process is refused,
# or waits when GPUMBOX_WAIT is 1.
take_lock() {
    local fd=$1 file=$GPUMBOX_CACHE/lock-$2 tmp=$GPUMBOX_CACHE/tmp-$2 who
    mkdir -p "$GPUMBOX_CACHE" 2>/dev/null ||
        die "the cache folder $GPUMBOX_CACHE cannot be made: give a writable place with XDG_CACHE_HOME"
    [ -w "$GPUMBOX_CACHE" ] ||
        die "the cache folder $GPUMBOX_CACHE is not writable: give a writable place with XDG_CACHE_HOME"
    eval "exec $fd>>\"\$file\""
    if ! flock -n "$fd"; then
        who=$(tail -n 1 "$file" 2>/dev/null || true)
        [ "${GPUMBOX_WAIT:-0}" = 1 ] ||
            die "another set-up (process ${who:-unknown}) is at work in $GPUMBOX_CACHE: wait for it to end, or pass --wait"
        say "waiting for another set-up (process ${who:-unknown})"
        flock "$fd"
    fi
    : > "$file"
    echo $$ >> "$file"
    # What an interrupted run left is of no use to anyone.
    rm -rf "$tmp"
    mkdir -p "$tmp"
}

# The lock for what all checkouts share.
lock_cache() {
    [ "${cache_locked:-0}" = 0 ] || return 0
    take_lock 9 shared
    cache_locked=1
}

unlock_cache() {
    exec 9>&-
    cache_locked=0
}

# lock_part NAME, unlock_part: the lock for one checkout's part of the cache.
# Whoever takes it holds no other, so that a long build keeps nobody else
# from working.
lock_part() {
    unlock_cache
    take_lock 8 "$1"
}

unlock_part() {
    exec 8>&-
}

# checkout_name: what this checkout is called in the cache
checkout_name() {
    echo "$GPUMBOX_ROOT" | sha256sum | cut -c1-12
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
