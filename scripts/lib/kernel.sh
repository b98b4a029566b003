# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest kernels out of Debian's packages, the headers of their uAPI, and the
# firmware of the vendor.  Each lands in the cache under its own version; a
# small file beside it says which one a name like "debian" stands for now.

kernel_choice="give debian, debian:backports, debian:VERSION, the name of a kernel of scripts/kernel's, or the path of an Image or of a kernel build tree"

# What the names of a kernel's packages begin with, up to "+deb13-arm64".
kernel_series() {
    case $1 in
    debian) echo 'linux-image-6\.12\.[0-9.]+' ;;
    debian:backports) echo 'linux-(image|binary)-[7-9]\.[0-9.]+' ;;
    debian:[0-9]*.[0-9]*)
        [[ $1 =~ ^debian:[0-9.]+$ ]] ||
            die "'$1' is no kernel of Debian's: a version looks like debian:6.12.107"
        echo "linux-(image|binary)-${1#debian:}" | sed 's/\./\\./g' ;;
    *) die "unknown kernel '$1': $kernel_choice" ;;
    esac
}

# debian_arch ARCH: what Debian calls QEMU's aarch64 and x86_64
debian_arch() {
    case ${1:-aarch64} in
    x86_64) echo amd64 ;;
    *) echo arm64 ;;
    esac
}

# kernel_pointer SPEC [ARCH]
kernel_pointer() {
    local arch=
    [ "${2:-aarch64}" = aarch64 ] || arch=.$2
    echo "$GPUMBOX_CACHE/kernel/$(echo "$1" | tr ':' '-')$arch.current"
}

# kernel_dir SPEC [ARCH]: where a kernel is that is there: a folder, or an Image
kernel_dir() {
    local p
    case $1 in
    debian|debian:*) ;;
    *)
        [ -e "$1" ] || set -- "$GPUMBOX_CACHE/kernel-build/$1"
        [ -e "$1" ] && realpath "$1"
        return ;;
    esac
    p=$(kernel_pointer "$1" "${2:-}")
    [ -r "$p" ] || return 1
    p=$GPUMBOX_CACHE/kernel/$(cat "$p")
    [ -r "$p/Image" ] && echo "$p"
}

unpack_kernel() {
    local pkg=$1 dir=$2 rel=$3 tmp=$GPUMBOX_CACHE/tmp-shared/kernel deb mods
    rm -rf "$tmp"
    mkdir -p "$tmp/root"
    deb=$(fetch_deb "$tmp" "$pkg") || return 1
    unpack_deb "$deb" "$tmp/root"
    if [[ $pkg == linux-binary-* ]]; then
        mods=$(fetch_deb "$tmp" "linux-modules-$rel") || return 1
        unpack_deb "$mods" "$tmp/root"
    fi
    local m=$tmp/root/usr/lib/modules/$rel
    [ -d "$m" ] || m=$tmp/root/lib/modules/$rel
    [ -d "$m/kernel" ] || return 1
    mkdir "$tmp/out"
    if [ -f "$tmp/root/boot/vmlinuz-$rel" ]; then
        mv "$tmp/root/boot/vmlinuz-$rel" "$tmp/out/Image"
    else
        mv "$m/vmlinuz" "$tmp/out/Image" || return 1
    fi
    [ ! -f "$tmp/root/boot/config-$rel" ] ||
        mv "$tmp/root/boot/config-$rel" "$tmp/out/config"
    mv "$m" "$tmp/out/modules"
    echo "$rel" > "$tmp/out/release"
    basename "$deb" > "$tmp/out/package"
    rm -rf "$dir"
    mv "$tmp/out" "$dir"
    rm -rf "$tmp"
}

# fetch_kernel SPEC [ARCH]: see that it is there
fetch_kernel() {
    local spec=$1 arch=${2:-aarch64} series pkg rel deb_arch apt_also=
    case $spec in
    debian|debian:*) ;;
    *) check_kernel_spec "$spec"; return ;;
    esac
    series=$(kernel_series "$spec")
    if [ "${GPUMBOX_UPDATE:-0}" = 0 ] && kernel_dir "$spec" "$arch" > /dev/null; then
        return 0
    fi
    deb_arch=$(debian_arch "$arch")
    [ "$deb_arch" = arm64 ] || apt_also=$deb_arch
    lock_cache
    apt_update
    need_space 900 "unpacking a kernel"
    mkdir -p "$GPUMBOX_CACHE/kernel"
    step "kernel-$spec${apt_also:+-$apt_also}" "fetching the kernel $spec${apt_also:+ for $apt_also}"
    # Of one version, linux-image may only be a name for linux-binary.
    for pkg in $(names "^${series}(\+|-)[a-z0-9+~.]*-?$deb_arch$" |
                 sed -E 's/^linux-[a-z]+-(.*)/\1 &/' |
                 sort -k 1,1Vr -k 2,2 | cut -d ' ' -f 2); do
        case $pkg in
        *-dbg|*-unsigned|*cloud*|*-rt-*|*16k*) continue ;;
        esac
        rel=$(echo "$pkg" | sed -E 's/^linux-(image|binary)-//')
        if [ -r "$GPUMBOX_CACHE/kernel/$rel/Image" ] ||
           unpack_kernel "$pkg" "$GPUMBOX_CACHE/kernel/$rel" "$rel"; then
            echo "$rel" > "$GPUMBOX_CACHE/tmp-shared/pointer"
            mv -f "$GPUMBOX_CACHE/tmp-shared/pointer" "$(kernel_pointer "$spec" "$arch")"
            say "  $spec is $rel"
            step_done
            return 0
        fi
        say "  $pkg cannot be had, trying an older one"
    done
    die "no kernel for '$spec' could be fetched from $(machine_mirror): check the network and try again"
}

# Headers of the newest uAPI (the cross packages' are older than the drivers).
headers_dir() {
    local p=$GPUMBOX_CACHE/headers/current
    [ -e "$p/drm/panthor_drm.h" ] && echo "$p"
}

fetch_headers() {
    if [ "${GPUMBOX_UPDATE:-0}" = 0 ] && headers_dir > /dev/null; then
        return 0
    fi
    lock_cache
    apt_update
    local tmp=$GPUMBOX_CACHE/tmp-shared/headers deb v
    step headers "fetching the kernel's uAPI headers"
    mkdir -p "$tmp/root" "$GPUMBOX_CACHE/headers"
    deb=$(fetch_deb "$tmp" linux-libc-dev) ||
        die "linux-libc-dev cannot be fetched from $(machine_mirror): check the network and try again"
    unpack_deb "$deb" "$tmp/root"
    v=$(basename "$deb" | cut -d_ -f2)
    rm -rf "$GPUMBOX_CACHE/headers/$v"
    mkdir "$tmp/out"
    mv "$tmp/root/usr/include/drm" "$tmp/out/drm"
    mv "$tmp/out" "$GPUMBOX_CACHE/headers/$v"
    ln -sfn "$v" "$GPUMBOX_CACHE/tmp-shared/current"
    mv -fT "$GPUMBOX_CACHE/tmp-shared/current" "$GPUMBOX_CACHE/headers/current"
    rm -rf "$tmp"
    step_done
}

# The vendors' own firmware, for --firmware vendor: one folder, laid out like
# /lib/firmware.
vendor_dir() {
    local p=$GPUMBOX_CACHE/firmware/vendor
    [ -e "$p/arm/mali/arch10.8/mali_csffw.bin" ] ||
        [ -e "$p/nvidia" ] && echo "$p"
}

# fetch_vendor GPU...: see that the firmware of these is there
fetch_vendor() {
    local g
    for g in "$@"; do
        case $g in
        nvidia-*)
            # Only a newer one has the files of both versions.
            vendor_part "nvidia/${g#nvidia-}/gsp/gsp-570.144.bin" firmware-nvidia-graphics "nvidia/${g#nvidia-}" . ;;
        none) ;;
        *)
            vendor_part arm/mali/arch10.8/mali_csffw.bin firmware-misc-nonfree arm/mali '^[^~]*$' ;;
        esac
    done
}

# vendor_part FILE PACKAGE FOLDER VERSION-PATTERN: FOLDER of PACKAGE, if FILE
# is not there
vendor_part() {
    local file=$1 pkg=$2 folder=$3 pattern=$4 deb from
    local tmp=$GPUMBOX_CACHE/tmp-shared/vendor to=$GPUMBOX_CACHE/firmware/vendor
    [ ! -e "$to/$file" ] || return 0
    lock_cache
    apt_update
    need_space 600 "unpacking the vendor's firmware"
    step "vendor-$pkg" "fetching the vendor's firmware"
    rm -rf "$tmp"
    mkdir -p "$tmp/root" "$to/$(dirname "$folder")"
    deb=$(fetch_deb "$tmp" "$pkg" "$pattern") ||
        die "$pkg cannot be fetched from $(machine_mirror): check the network and try again"
    # Some of its files are links to a neighbour's.
    unpack_deb "$deb" "$tmp/root" --wildcards "*/firmware/${folder%/*}/*"
    from=$(find "$tmp/root" -type d -path "*/firmware/$folder" | head -n 1)
    [ -n "$from" ] && cp -rL "$from" "$tmp/out" && [ -e "$tmp/out/${file#"$folder"/}" ] ||
        die "the package $(basename "$deb") has no $file"
    rm -rf "${to:?}/$folder"
    mv "$tmp/out" "$to/$folder"
    rm -rf "$tmp"
    step_done
}

# What a PC starts with: SeaBIOS, and what it loads a kernel by.
fetch_bios() {
    local tmp=$GPUMBOX_CACHE/tmp-shared/bios to=$GPUMBOX_CACHE/bios pkg deb f
    [ ! -e "$to" ] || return 0
    lock_cache
    apt_update
    step bios "fetching the firmware of a PC"
    mkdir -p "$tmp/root" "$tmp/out"
    for pkg in seabios qemu-system-data; do
        deb=$(fetch_deb "$tmp" $pkg) ||
            die "$pkg cannot be fetched from $(machine_mirror): check the network and try again"
        unpack_deb "$deb" "$tmp/root"
    done
    for f in bios-256k.bin linuxboot_dma.bin kvmvapic.bin; do
        deb=$(find "$tmp/root" -type f -name $f | head -n 1)
        [ -n "$deb" ] && cp "$deb" "$tmp/out/$f" ||
            die "there is no $f in the packages seabios and qemu-system-data"
    done
    mv "$tmp/out" "$to"
    rm -rf "$tmp"
    step_done
}

# A static shell for --shell.  shell_path [ARCH], fetch_shell [ARCH]
shell_path() {
    local p
    p=$GPUMBOX_CACHE/busybox/busybox-$(debian_arch "${1:-}")
    [ -x "$p" ] && echo "$p"
}

fetch_shell() {
    local apt_also=
    if shell_path "${1:-}" > /dev/null; then
        return 0
    fi
    [ "${1:-aarch64}" = aarch64 ] || apt_also=$(debian_arch "$1")
    lock_cache
    apt_update
    local tmp=$GPUMBOX_CACHE/tmp-shared/busybox deb
    step shell "fetching a static shell for the guest"
    mkdir -p "$tmp/root"
    deb=$(fetch_deb "$tmp" busybox-static) ||
        die "busybox-static cannot be fetched from $(machine_mirror): check the network and try again"
    unpack_deb "$deb" "$tmp/root"
    cp "$(find "$tmp/root" -type f -path '*bin/busybox' | head -n 1)" "$tmp/busybox" &&
        [ -x "$tmp/busybox" ] ||
        die "the package $(basename "$deb") has no bin/busybox"
    mkdir -p "$GPUMBOX_CACHE/busybox"
    mv -f "$tmp/busybox" "$GPUMBOX_CACHE/busybox/busybox-$(debian_arch "${1:-}")"
    rm -rf "$tmp"
    step_done
}

# Debian 13's virtme-ng, which Debian 12 has not, and the shell that a guest of
# its wants: DIR/usr/bin/vng, DIR/bash.
vng_dir() {
    local p=$GPUMBOX_CACHE/vng
    [ -x "$p/bash" ] && echo "$p"
}

fetch_vng() {
    if vng_dir > /dev/null; then
        return 0
    fi
    lock_cache
    apt_update
    local tmp=$GPUMBOX_CACHE/tmp-shared/vng p deb
    step vng "fetching virtme-ng"
    mkdir -p "$tmp/out"
    for p in virtme-ng bash-static; do
        deb=$(fetch_deb "$tmp" $p) ||
            die "$p cannot be fetched from $(machine_mirror): check the network and try again"
        unpack_deb "$deb" "$tmp/out"
    done
    mv "$tmp/out/usr/bin/bash-static" "$tmp/out/bash"
    rm -rf "$GPUMBOX_CACHE/vng"
    mv "$tmp/out" "$GPUMBOX_CACHE/vng"
    rm -rf "$tmp"
    step_done
}

# check_kernel_spec SPEC: end with a sentence if it can name no kernel
check_kernel_spec() {
    local built=$GPUMBOX_CACHE/kernel-build/$1
    case $1 in
    debian|debian:*) kernel_series "$1" > /dev/null ;;
    '') die "an empty name is no kernel: $kernel_choice" ;;
    *)
        [ ! -e "$1" ] || return 0
        [ -d "$built" ] || die "there is no kernel at '$1': $kernel_choice"
        [ -e "$built/.gpumbox-done" ] ||
            die "the kernel $1 is not built to its end: run 'scripts/kernel build' with its options again" ;;
    esac
}
