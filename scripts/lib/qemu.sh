# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU with our devices.  Three layers in the cache:
#   qemu/source-V           Debian's source of QEMU V with our patches
#   qemu/tree-C[-asan]      for checkout C: that source (hard links), our
#                           folders as symbolic links, and the build
#   qemu/bin/H              the programs made from content H, one for each of
#                           the guest's architectures that was asked for;
#                           found again by any checkout of the same content

QEMU_SERIES='10\.0\.'

# attr and virtfs are for vng: a guest's root is a folder of the host.
# By its name gcc: Debian 13's ccache does not stand in for cc.
QEMU_OPTIONS="--target-list=aarch64-softmmu,x86_64-softmmu
    --without-default-features --without-default-devices
    --with-devices-aarch64=gpumbox --with-devices-x86_64=gpumbox --enable-tcg --enable-kvm
    --enable-fdt=system --enable-slirp --enable-pixman --enable-plugins
    --enable-attr --enable-virtfs --enable-trace-backends=log
    --disable-docs --disable-tools --disable-install-blobs --cc=gcc
    --host-cc=gcc"
# qemu/bin/gcc-sanitize
QEMU_OPTIONS_asan="--cc=gcc-sanitize
    --extra-ldflags=-fsanitize=address,undefined"

# QEMU's configure wants meson 1.5 or newer and pycotap: private ones where
# Debian's are older.
meson_is_new() {
    local have
    have=$(meson --version 2>/dev/null || echo 0)
    [ "$(printf '%s\n1.5\n' "$have" | sort -V | head -n 1)" = 1.5 ] &&
        /usr/bin/python3 -c 'import pycotap' 2>/dev/null
}

qemu_meson() {
    ! meson_is_new || return 0
    local m=$GPUMBOX_CACHE/meson
    if [ ! -e "$m/usr/bin/meson" ]; then
        lock_cache
        apt_update
        local tmp=$GPUMBOX_CACHE/tmp-shared/meson p deb
        step meson "fetching a newer meson for QEMU's build"
        mkdir -p "$tmp/out"
        for p in meson python3-pycotap; do
            deb=$(fetch_deb "$tmp" $p) ||
                die "$p cannot be fetched from $(machine_mirror): check the network and try again"
            unpack_deb "$deb" "$tmp/out"
        done
        rm -rf "$m"
        mv "$tmp/out" "$m"
        rm -rf "$tmp"
        step_done
    fi
}

qemu_version() {
    cat "$GPUMBOX_CACHE/qemu/version" 2>/dev/null
}

# Debian's source, once.
qemu_pristine() {
    local q=$GPUMBOX_CACHE/qemu v tmp
    v=$(qemu_version || true)
    if [ -n "$v" ] && [ -e "$q/pristine-$v/configure" ]; then
        return 0
    fi
    lock_cache
    apt_update
    need_space 2500 "building QEMU"
    tmp=$GPUMBOX_CACHE/tmp-shared/qemu
    step qemu-source "fetching the source of QEMU 10.0"
    mkdir -p "$tmp/out" "$q"
    for v in $(source_versions qemu | grep -E "^(1:)?$QEMU_SERIES"); do
        if (cd "$tmp" && apt_private apt-get -qq source --download-only \
                "qemu=$v" > "$GPUMBOX_CACHE/tmp-shared/apt.log" 2>&1); then
            break
        fi
        say "  qemu $v is listed and does not download, trying an older one"
        v=
    done
    [ -n "$v" ] && [ -n "$(ls "$tmp"/*.orig.tar.* 2>/dev/null)" ] ||
        die "the source of QEMU 10.0 cannot be fetched from $(machine_mirror): check the network and try again"
    tar -xf "$(ls "$tmp"/*.orig.tar.* | grep -v '\.asc$' | head -n 1)" \
        -C "$tmp/out" --strip-components=1
    # Blobs' sources are not built; they are two fifths of the tree.
    find "$tmp/out/roms" -mindepth 2 -delete
    v=$(cat "$tmp/out/VERSION")
    say "  QEMU $v"
    rm -rf "$q/pristine-$v"
    mv "$tmp/out" "$q/pristine-$v"
    echo "$v" > "$tmp/version"
    mv -f "$tmp/version" "$q/version"
    rm -rf "$tmp"
    step_done
}

# qemu_hash VARIANT: the name of what this checkout would build
qemu_hash() {
    local options=$QEMU_OPTIONS
    [ "$1" != asan ] || options="$options $QEMU_OPTIONS_asan"
    cd "$GPUMBOX_ROOT"
    { qemu_version; echo $options; gcc --version | head -n 1
      hash_files qemu hw firmware-stubs; } | sha256sum | cut -c1-20
}

# qemu_program VARIANT [ARCH]: the program that build_qemu has just seen to;
# also when sources have been edited since
qemu_program() {
    qemu_path "$@" ||
        cat "$(qemu_tree "$1")/program-${2:-aarch64}" 2>/dev/null ||
        die "the sources of QEMU's devices change while they are built: try again"
}

# qemu_path VARIANT [ARCH]: the program, if it is there
qemu_path() {
    local p
    p=$GPUMBOX_CACHE/qemu/bin/$(qemu_hash "$1")/qemu-system-${2:-aarch64}
    [ -x "$p" ] && touch -c "${p%/*}" && echo "$p"
}

qemu_tree() {
    echo "$GPUMBOX_CACHE/qemu/tree-$(checkout_name)${1:+-$1}"
}

# A source tree for this checkout: hard links to the pristine files, patched
# (patch replaces files, so the pristine ones stay), with links to our folders.
qemu_source_tree() {
    local tree=$1 tmp=$2/src log=$2/patch.log v key p link
    v=$(qemu_version)
    key="$v $(cd "$GPUMBOX_ROOT" && hash_files qemu/patches)"
    if [ "$(cat "$tree/key" 2>/dev/null)" != "$key" ]; then
        say "laying out QEMU's source for this checkout"
        mkdir -p "$tree"
        rm -f "$tree/key"
        rm -rf "$tmp"
        cp -al "$GPUMBOX_CACHE/qemu/pristine-$v" "$tmp"
        for p in "$GPUMBOX_ROOT"/qemu/patches/*.patch; do
            patch -d "$tmp" -p1 -s --no-backup-if-mismatch < "$p" > "$log" 2>&1 ||
                die "qemu/patches/$(basename "$p") does not apply to QEMU $v ($(head -n 1 "$log"))"
        done
        # Files that did not change keep their times, so ninja builds only
        # what a new patch touched: those with one link are the patched ones.
        if [ -d "$tree/src" ]; then
            (cd "$tmp" && find . -type f -links 1) | while read -r p; do
                ! cmp -s "$tmp/$p" "$tree/src/$p" ||
                    touch -r "$tree/src/$p" "$tmp/$p"
            done
            rm -rf "$tree/old"
            mv "$tree/src" "$tree/old"
        fi
        mv "$tmp" "$tree/src"
        rm -rf "$tree/old"
        echo "$key" > "$tree/key"
    fi
    for link in hw/coproc hw/mali-csf hw/nvidia-gsp firmware-stubs; do
        ln -sfnT "$GPUMBOX_ROOT/$link" "$tree/src/$link"
    done
    ln -sfnT "$GPUMBOX_ROOT/tests" "$tree/src/tests/gpumbox"
    qemu_devices "$tree" aarch64 gpumbox.mak
    qemu_devices "$tree" x86_64 gpumbox-x86_64.mak
}

# qemu_devices TREE ARCH FILE: the list of devices of one of the programs
qemu_devices() {
    local from=$GPUMBOX_ROOT/qemu/$3
    local to=$1/src/configs/devices/$2-softmmu/gpumbox.mak
    if ! cmp -s "$from" "$to"; then
        cp "$from" "$to.new"
        mv -f "$to.new" "$to"
    fi
}

# forget_trees: the trees of checkouts that are gone
forget_trees() {
    local t
    for t in "$GPUMBOX_CACHE"/qemu/tree-*; do
        if [ -r "$t/checkout" ] && [ ! -e "$(cat "$t/checkout")" ]; then
            rm -rf "$t"
        fi
    done
}

# qemu_lock VARIANT: fetch what a build of QEMU wants, then take the lock for
# this checkout's tree.
qemu_lock() {
    qemu_pristine
    qemu_meson
    lock_part "tree-$(checkout_name)${1:+-$1}"
}

# qemu_configure: ready the tree of the caller's $variant for ninja; sets the
# caller's $tree, $tmp and $log, and the environment of the build.
qemu_configure() {
    local options=$QEMU_OPTIONS m=$GPUMBOX_CACHE/meson
    [ "$variant" != asan ] || options="$options $QEMU_OPTIONS_asan"
    tree=$(qemu_tree "$variant")
    tmp=$GPUMBOX_CACHE/tmp-tree-$(checkout_name)${variant:+-$variant}
    forget_trees
    qemu_source_tree "$tree" "$tmp"
    echo "$GPUMBOX_ROOT" > "$tree/checkout"
    meson_is_new ||
        export PYTHONPATH=$m/usr/lib/python3/dist-packages PATH=$m/usr/bin:$PATH
    export CCACHE_DIR=$GPUMBOX_CACHE/ccache CCACHE_BASEDIR=$tree \
           CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G CCACHE_COMPRESS=1
    export PATH=/usr/lib/ccache:$GPUMBOX_ROOT/qemu/bin:$PATH
    log=$tree/build.log
    mkdir -p "$tree/build"
    if [ ! -e "$tree/build/build.ninja" ] ||
       [ "$(cat "$tree/options" 2>/dev/null)" != "$options" ]; then
        need_space 2000 "building QEMU"
        step "qemu-configure$variant" "configuring QEMU $(qemu_version)${variant:+ ($variant)}"
        rm -rf "$tree/build"
        mkdir -p "$tree/build"
        # shellcheck disable=SC2086
        if ! (cd "$tree/build" && ../src/configure --python=/usr/bin/python3 \
                $options) > "$log" 2>&1; then
            tail -n 20 "$log" >&2
            die "QEMU could not be configured: the log is $log"
        fi
        echo "$options" > "$tree/options"
        step_done
    fi
}

# build_qemu VARIANT [ARCH], where VARIANT is empty or asan; programs for two
# architectures share a tree and most of its objects
build_qemu() {
    local variant=${1:-} program=qemu-system-${2:-aarch64}
    local tree tmp hash log bin status
    if [ -n "$(qemu_version)" ] && qemu_path "$variant" "${2:-}" > /dev/null; then
        return 0
    fi
    qemu_lock "$variant"
    (
        qemu_configure
        hash=$(qemu_hash "$variant")
        if [ -e "$tree/build/$program" ]; then
            step "qemu-rebuild$variant${2:-}" "building what changed in QEMU's devices"
        else
            step "qemu-build$variant${2:-}" "building QEMU ${2:+for $2 }${variant:+($variant)}"
        fi
        status=0
        NINJA_STATUS='[%f/%t] ' ninja -C "$tree/build" "$program" > "$log" 2>&1 &
        watch_log $! "$log" || status=$?
        if [ "$status" != 0 ]; then
            grep -a -A 12 -E '^FAILED|error:|ERROR' "$log" | head -n 40 >&2 || true
            die "QEMU could not be built: the log is $log"
        fi
        step_done
        # What was edited while the build ran is not what was built.
        [ "$hash" = "$(qemu_hash "$variant")" ] || say "  sources changed during the build: build again"
        bin=$GPUMBOX_CACHE/qemu/bin/$hash
        mkdir -p "$tmp" "$bin"
        objcopy -S "$tree/build/$program" "$tmp/$program" 2>/dev/null ||
            cp "$tree/build/$program" "$tmp/$program"
        # Another checkout may have made the same one meanwhile, and run it.
        mv -n "$tmp/$program" "$bin/$program"
        echo "$bin/$program" > "$tree/program-${2:-aarch64}"
        # Old programs go; the twenty that were used last stay.
        ls -td "$GPUMBOX_CACHE"/qemu/bin/* | tail -n +21 | xargs -r rm -rf
    ) || exit $?
    unlock_part
}

# build_qtests: the register tests, which need libqtest and are therefore
# built in QEMU's tree; any build of QEMU can be tested with them.
build_qtests() {
    local variant= tree tmp log status key
    key="$(qemu_hash '')-$(cd "$GPUMBOX_ROOT" && hash_files tests)"
    [ "$(cat "$(qemu_tree '')/qtests" 2>/dev/null)" != "$key" ] || return 0
    qemu_lock ''
    (
        qemu_configure
        step qtests "building the register tests"
        status=0
        NINJA_STATUS='[%f/%t] ' ninja -C "$tree/build" gpumbox-qtests > "$log" 2>&1 &
        watch_log $! "$log" || status=$?
        if [ "$status" != 0 ]; then
            grep -a -A 12 -E '^FAILED|error:|ERROR' "$log" | head -n 40 >&2 || true
            die "the register tests could not be built: the log is $log"
        fi
        echo "$key" > "$tree/qtests"
        step_done
    ) || exit $?
    unlock_part
}

# qtests_dir: the folder that they are in
qtests_dir() {
    echo "$(qemu_tree '')/build/tests/gpumbox/qtest/qemu"
}
