# SPDX-License-Identifier: GPL-2.0-or-later
#
# The checkout's own build: stub firmware, profiles, tools, guest programs.

# build_checkout TARGET: run-needs-ARCH (what a guest is made of) or all
build_checkout() {
    local build=$GPUMBOX_ROOT/build log
    # Nothing to do is the usual case, and needs no lock.
    if [ -e "$build/build.ninja" ] &&
       ninja -C "$build" -n "$1" 2>/dev/null | grep -q 'no work to do'; then
        return 0
    fi
    lock_part "checkout-$(checkout_name)"
    log=$GPUMBOX_CACHE/tmp-checkout-$(checkout_name)/log
    if [ ! -e "$build/build.ninja" ]; then
        rm -rf "$build"
        if ! meson setup "$build" "$GPUMBOX_ROOT" > "$log" 2>&1; then
            tail -n 15 "$log" >&2
            rm -rf "$build"
            die "the checkout could not be configured: mend what meson says above"
        fi
    fi
    # A compiler for this architecture may have come since.
    [[ $1 != run-needs-* ]] || grep -q "^build $1:" "$build/build.ninja" ||
        meson setup --reconfigure "$build" "$GPUMBOX_ROOT" > "$log" 2>&1 || {
            tail -n 15 "$log" >&2
            die "the checkout could not be configured: mend what meson says above"
        }
    step checkout "building firmware, profiles and guest programs"
    if ! ninja -C "$build" "$1" > "$log" 2>&1; then
        grep -a -A 12 -E '^FAILED|error:|ERROR' "$log" | head -n 40 >&2 || true
        die "the checkout could not be built: mend what the compiler says above"
    fi
    step_done
    unlock_part
}

# prepare_guest ARCH [KERNEL...]: all that guests of this architecture with these
# kernels are made of; the path of QEMU becomes qemu
prepare_guest() {
    local arch=$1 k
    # shellcheck disable=SC2086
    install_packages run $RUN_PACKAGES $(arch_packages $arch)
    for k in "${@:2}"; do
        fetch_kernel "$k" $arch
    done
    [ $arch = aarch64 ] || fetch_bios
    fetch_headers
    build_qemu '' $arch
    build_checkout run-needs-$arch
    qemu=$(qemu_program '' $arch)
}

# build_abi_tools COMMAND: what scripts/abi COMMAND runs, and the profiles.  A
# checkout that was configured before their libraries were there looks again.
build_abi_tools() {
    local build=$GPUMBOX_ROOT/build log
    if [ "$1" != mutate ] && [ -e "$build/build.ninja" ] &&
       ! grep -q '^build tools/abi/abi-import:' "$build/build.ninja"; then
        lock_part "checkout-$(checkout_name)"
        log=$GPUMBOX_CACHE/tmp-checkout-$(checkout_name)/log
        meson setup --reconfigure "$build" "$GPUMBOX_ROOT" > "$log" 2>&1 || {
            tail -n 15 "$log" >&2
            die "the checkout could not be configured: mend what meson says above"
        }
        unlock_part
    fi
    build_checkout abi-tools
}
