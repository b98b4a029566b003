# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest kernels that are built here.  In the cache:
#   toolchain/trixie     a small Debian 13 with rustc, bindgen, clang, lld,
#                        pahole, for machines whose own are too old
#   source/linux-V       Debian's kernel source of version V
#   source/NAME          a source with patches: hard links but for what they
#                        touch
#   kernel-build/NAME    a built kernel: the object tree, which --kernel takes
# Sources and objects have the same path inside the toolchain's root, so that
# debuggers and later builds find them.

TOOLCHAIN_PACKAGES="bc bindgen bison clang cpio dwarves flex gcc kmod libc6-dev
    libdw-dev libelf-dev libssl-dev lld llvm make python3 rsync rust-src rustc
    rustfmt xz-utils zlib1g-dev"

# What the kernel's own files call QEMU's aarch64 and x86_64: make_arch for
# make, source_arch for the folder.
make_arch() {
    [ "$1" = x86_64 ] && echo x86_64 || echo arm64
}

source_arch() {
    [ "$1" = x86_64 ] && echo x86 || echo arm64
}

# built_arch OBJ: of a kernel that is built here
built_arch() {
    cat "$1/.gpumbox-arch" 2>/dev/null || echo aarch64
}

toolchain_root() {
    echo "$GPUMBOX_CACHE/toolchain/trixie"
}

# not_older A B: version A is B or newer
not_older() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

# tree_minimum SRC TOOL: the version that the tree wants, empty if it names none
tree_minimum() {
    (cd "$1" && ARCH=$(make_arch $arch) SRCARCH=$(source_arch $arch) \
        sh scripts/min-tool-version.sh "$2" 2>/dev/null) || true
}

# version_of COMMAND: the first thing that looks like a version
version_of() {
    "$@" 2>/dev/null | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1 || true
}

# own_tools SRC: why this machine's own tools cannot build the tree; empty if
# they can
own_tools() {
    local tool want have
    have=$(own_rust "$1")
    [ -z "$have" ] || { echo "$have"; return; }
    for tool in clang ld.lld llvm-objcopy pahole bc flex bison make; do
        command -v $tool > /dev/null || { echo "there is no $tool"; return; }
    done
    for tool in libelf.h openssl/ssl.h; do
        [ -e /usr/include/$tool ] || { echo "there is no $tool"; return; }
    done
    have=$(version_of clang --version)
    want=$(tree_minimum "$1" llvm)
    not_older "${have:-0}" "${want:-0}" ||
        echo "clang is $have and the tree wants $want or newer"
}

# own_rust SRC: the same for Rust alone
own_rust() {
    local tool want have
    for tool in rustc bindgen; do
        want=$(tree_minimum "$1" $tool)
        [ -n "$want" ] || continue
        command -v $tool > /dev/null || { echo "there is no $tool"; return; }
        have=$(version_of $tool --version)
        not_older "${have:-0}" "$want" ||
            { echo "$tool is ${have:-unknown} and the tree wants $want or newer"; return; }
    done
    [ -z "$(tree_minimum "$1" rustc)" ] ||
        [ -e "$(rustc --print sysroot)/lib/rustlib/src/rust/library/core/src/lib.rs" ] ||
        echo "rustc has no rust-src"
}

# What apt is told on this machine about reaching the network, as options.
apt_network_options() {
    apt-config dump 2>/dev/null |
        grep -E '^Acquire::(http|https|Check-[A-Za-z-]*)\b.*"[^"]+";$' || true
}

fetch_toolchain() {
    local root new log line mark options=()
    root=$(toolchain_root)
    mark=$(echo $TOOLCHAIN_PACKAGES)
    [ "$(cat "$root/.gpumbox" 2>/dev/null)" != "$mark" ] || return 0
    install_packages kernel mmdebstrap
    lock_cache
    need_space 3000 "the kernel's toolchain"
    apt_root
    new=$GPUMBOX_CACHE/toolchain/.new
    log=$GPUMBOX_CACHE/tmp-shared/toolchain.log
    as_root rm -rf "$new"
    mkdir -p "${new%/*}"
    line=$(grep -E '^deb .* trixie main' "$GPUMBOX_CACHE/apt/etc/sources.list" |
           head -n 1 | sed 's/ non-free-firmware//')
    while read -r option; do
        [ -z "$option" ] || options+=("--aptopt=$option")
    done < <(apt_network_options)
    step toolchain "making the kernel's toolchain: a private Debian 13 with rustc, bindgen, clang and pahole"
    if ! as_root mmdebstrap --quiet --mode=root --variant=apt "${options[@]}" \
            --architectures="$(dpkg --print-architecture)" \
            --aptopt='Acquire::Languages "none"' \
            --dpkgopt='path-exclude=/usr/share/man/*' \
            --dpkgopt='path-exclude=/usr/share/doc/*' \
            --dpkgopt='path-exclude=/usr/share/locale/*' \
            --include="$(echo $TOOLCHAIN_PACKAGES | tr ' ' ,)" \
            --customize-hook='rm -rf "$1"/var/cache/apt/archives/*.deb' \
            trixie "$new" "$line" > "$log" 2>&1; then
        as_root rm -rf "$new"
        die "the kernel's toolchain cannot be made from $(machine_mirror): check the network, and that this user may use sudo$(apt_says "$log")"
    fi
    as_root rm -rf "$root"
    as_root sh -c 'echo "$1" > "$2/.gpumbox" && mv "$2" "$3"' sh \
        "$mark" "$new" "$root"
    step_done
}

# toolchain_version PACKAGE: what Debian 13 has, without fetching it
toolchain_version() {
    local v
    v=$(versions "$1" | head -n 1)
    v=${v#*:}
    echo "${v%%[-+~]*}"
}

# choose_toolchain SRC: set toolchain to own or private, or end with a sentence
choose_toolchain() {
    local why want have
    why=$(own_tools "$1")
    if [ "$toolchain" = own ]; then
        [ -z "$why" ] ||
            die "this machine's own tools cannot build $1: $why: install it (Rust from https://rustup.rs, with 'rustup component add rust-src' and 'cargo install bindgen-cli'), or leave --toolchain own out"
        return
    fi
    if [ -z "$why" ] && [ "$toolchain" != private ]; then
        toolchain=own
        return
    fi
    want=$(tree_minimum "$1" rustc)
    if [ -n "$want" ]; then
        apt_update
        have=$(toolchain_version rustc)
        not_older "${have:-0}" "$want" ||
            die "$1 wants rustc $want or newer, Debian 13 has $have, and of this machine's own tools $why: install Rust from https://rustup.rs with rust-src and bindgen-cli, put it into PATH and try again"
    fi
    toolchain=private
}

# Folders that commands in the toolchain see beside source and objects.
toolchain_folders=()

# in_root WHO FOLDERS COMMAND...: run a command in the toolchain's root as user
# WHO, with that many folders at their own places.  Mounts, processes and /tmp
# are of private name spaces and end with the command: what a killed make leaves
# there is in the way of the next one of the same process number.
in_root() {
    # shellcheck disable=SC2016
    as_root unshare --mount --pid --fork --kill-child bash -c '
        set -e
        root=$1 who=$2 n=$3
        shift 3
        mount --make-rprivate /
        mount -t tmpfs -o mode=1777 gpumbox "$root/tmp"
        while [ "$n" -gt 0 ]; do
            mkdir -p "$root$1"
            mount --bind "$1" "$root$1"
            n=$((n - 1))
            shift
        done
        mount -t proc proc "$root/proc"
        mount --bind /dev "$root/dev"
        exec chroot --userspec="$who" "$root" /usr/bin/env -i \
            PATH=/usr/bin:/usr/sbin HOME=/tmp "$@"' \
        in_root "$(toolchain_root)" "$@"
}

# in_toolchain SRC OBJ COMMAND...: run a command where the compilers are, as
# the user
in_toolchain() {
    local src=$1 obj=$2
    shift 2
    local keep=(KBUILD_BUILD_TIMESTAMP=2026-01-01 KBUILD_BUILD_USER=gpumbox
                KBUILD_BUILD_HOST=gpumbox KBUILD_BUILD_VERSION=1
                LC_ALL=C.UTF-8)
    if [ "$(cat "$obj/.gpumbox-tools")" = own ]; then
        env "${keep[@]}" "$@"
        return
    fi
    in_root "$(id -u):$(id -g)" $((2 + ${#toolchain_folders[@]})) \
        "$src" "$obj" "${toolchain_folders[@]}" "${keep[@]}" "$@"
}

# kmake SRC OBJ TARGET...: make as the kernel wants it.  No path of this machine
# gets into the kernel: it is the same everywhere, and so is a run of it.
kmake() {
    local src=$1 obj=$2
    local map="-fdebug-prefix-map=$1/= -fdebug-prefix-map=$2=."
    shift 2
    in_toolchain "$src" "$obj" make -C "$src" O="$obj" LLVM=1 \
        KCFLAGS="$map" KAFLAGS="$map" \
        KRUSTFLAGS="--remap-path-prefix=$src/= --remap-path-prefix=$obj=." \
        ARCH="$(make_arch "$(built_arch "$obj")")" -j$(($(nproc) + 1)) "$@"
}

# The newest kernel source of a suite: its package and version pattern.
source_pattern() {
    case $1 in
    debian|debian:trixie) echo '^[0-9.]+-[0-9]+(\+deb13u[0-9]+)?$' ;;
    debian:backports|debian:trixie-backports) echo '~bpo13' ;;
    *) die "unknown source '$1': give debian:trixie, debian:backports, or the folder of a Linux source tree" ;;
    esac
}

# fetch_source SPEC: Debian's kernel source in the cache; its folder becomes
# source_dir
fetch_source() {
    local spec=$1 pattern pkg deb v tmp pointer
    pattern=$(source_pattern "$spec")
    pointer=$GPUMBOX_CACHE/source/$(echo "$spec" | tr ':' '-').current
    if [ "${GPUMBOX_UPDATE:-0}" = 0 ] && [ -r "$pointer" ]; then
        source_dir=$GPUMBOX_CACHE/source/linux-$(cat "$pointer")
        [ ! -e "$source_dir/Makefile" ] || return 0
    fi
    lock_cache
    apt_update
    need_space 4000 "unpacking a kernel's source"
    tmp=$GPUMBOX_CACHE/tmp-shared/source
    mkdir -p "$tmp/out" "$GPUMBOX_CACHE/source"
    step "source-$spec" "fetching and unpacking the kernel source $spec"
    for pkg in $(names '^linux-source-[0-9]+\.[0-9]+$' | tac); do
        v=$(versions "$pkg" | grep -E "$pattern" | head -n 1)
        [ -n "$v" ] || continue
        if [ ! -e "$GPUMBOX_CACHE/source/linux-$v/Makefile" ]; then
            deb=$(fetch_deb "$tmp" "$pkg" "$pattern") || continue
            v=$(dpkg-deb -f "$deb" Version)
            dpkg-deb --fsys-tarfile "$deb" |
                tar -xO --wildcards '*/linux-source-*.tar.xz' |
                tar -xJ -C "$tmp/out" --strip-components=1 --no-same-owner
            rm -rf "$GPUMBOX_CACHE/source/linux-$v"
            mv "$tmp/out" "$GPUMBOX_CACHE/source/linux-$v"
        fi
        rm -rf "$tmp"
        echo "$v" > "$GPUMBOX_CACHE/tmp-shared/pointer"
        mv -f "$GPUMBOX_CACHE/tmp-shared/pointer" "$pointer"
        say "  $spec is $v"
        step_done
        source_dir=$GPUMBOX_CACHE/source/linux-$v
        return 0
    done
    die "no kernel source for '$spec' can be fetched from $(machine_mirror): check the network and try again"
}

# check_source DIR: end with a sentence if kernels cannot be built from it
check_source() {
    local f
    [ -d "$1" ] ||
        die "there is no source at '$1': give debian:trixie, debian:backports, or the folder of a Linux source tree"
    for f in Makefile Kconfig "arch/$(source_arch $arch)" scripts/min-tool-version.sh; do
        [ -e "$1/$f" ] ||
            die "$1 is no Linux source tree: it has no $f"
    done
    if [ -e "$1/.config" ] || [ -d "$1/include/config" ]; then
        die "$1 was built in place: run it as it is with 'scripts/run --kernel $1', or clean it with 'make -C $1 ARCH=$(make_arch $arch) mrproper' first"
    fi
}

# patched_source SRC NAME PATCH...: a copy of hard links with these patches
# becomes source_dir.  Files that do not change keep their times.
patched_source() {
    local src=$1 dir=$GPUMBOX_CACHE/source/$2 new p
    shift 2
    new=$GPUMBOX_CACHE/source/.new-${dir##*/}
    rm -rf "$new"
    mkdir -p "${dir%/*}"
    cp -al "$src" "$new" 2>/dev/null ||
        { rm -rf "$new"; cp -a "$src" "$new"; }
    rm -rf "$new/.git"
    for p in "$@"; do
        patch -d "$new" -p1 -f -s --no-backup-if-mismatch < "$p" \
                > "$new.log" 2>&1 || {
            rm -rf "$new"
            die "the patch $p does not apply to $src: $(grep -m 1 -E 'FAILED|find file|malformed|Only garbage' "$new.log" || head -n 1 "$new.log"): make it for this source, or give another --source"
        }
    done
    rm -f "$new.log"
    if [ -d "$dir" ]; then
        (cd "$new" && find . -type f -links 1) | while read -r p; do
            ! cmp -s "$new/$p" "$dir/$p" || touch -r "$dir/$p" "$new/$p"
        done
        rm -rf "$dir"
    fi
    mv "$new" "$dir"
    source_dir=$dir
}

# The configuration: our fragments, those of --kasan and --lockdep, the user's;
# what comes later wins.
kernel_fragments() {
    local k
    cat "$GPUMBOX_ROOT/scripts/configs/base.config" \
        "$GPUMBOX_ROOT/scripts/configs/$arch.config"
    for k in "${kinds[@]}"; do
        cat "$GPUMBOX_ROOT/scripts/configs/$k.config"
    done
    [ ${#configs[@]} = 0 ] || cat "${configs[@]}"
}

# unmet_options FRAGMENT CONFIG: its lines that did not come to be
unmet_options() {
    awk '
        function key(line) {
            sub(/^# /, "", line)
            sub(/[ =].*/, "", line)
            return line
        }
        !/^CONFIG_[A-Za-z0-9_]*=/ && !/^# CONFIG_[A-Za-z0-9_]* is not set$/ { next }
        FNR == NR { have[$0] = 1; known[key($0)] = 1; next }
        { want[key($0)] = $0 }
        END {
            for (k in want) {
                line = want[k]
                if (line in have) continue
                if (line ~ /(is not set|=n)$/ && !(k "=y" in have) && !(k "=m" in have)) continue
                print line
            }
        }' "$2" "$1" | sort
}

configure_kernel() {
    local src=$1 obj=$2 log=$3 k line unmet new=$2/.gpumbox-config.new
    kernel_fragments > "$new"
    if ! cmp -s "$new" "$obj/.gpumbox-config" || [ ! -e "$obj/.config" ]; then
        rm -f "$obj/.gpumbox-config"
        kmake "$src" "$obj" KCONFIG_ALLCONFIG="$new" allnoconfig \
            > "$log" 2>&1 || compile_error "$src" "$log"
        for k in "${kinds[@]}"; do
            unmet=$(unmet_options "$GPUMBOX_ROOT/scripts/configs/$k.config" \
                        "$obj/.config" | paste -sd ' ')
            [ -z "$unmet" ] ||
                die "$src cannot have $unmet, which --$k wants: take another source, or leave --$k out"
        done
        for k in "${configs[@]}"; do
            unmet=$(unmet_options "$k" "$obj/.config" | paste -sd ' ')
            [ -z "$unmet" ] ||
                die "$src cannot have $unmet, which $k asks for: it is not in this tree, or wants other options that must be named, too"
        done
        unmet=$(unmet_options "$new" "$obj/.config" | paste -sd ' ')
        [ -z "$unmet" ] || say "  this source cannot have $unmet"
        mv "$new" "$obj/.gpumbox-config"
    fi
    rm -f "$new"
}

# compile_error SRC LOG: say what the compiler says
compile_error() {
    grep -a -A 6 -E '(^|[^-_.a-z])error(\[E[0-9]+\])?:|^make.*\*\*\* |ERROR: |undefined symbol' "$2" |
        head -n 30 >&2 || true
    printf 'gpumbox: %s cannot be built: mend what the compiler says above (the whole log is %s)\n' \
        "$1" "$2" >&2
    exit 125
}

# Show how far a build is until it ends.  What is counted are the lines that
# make prints, against those of the last build from nothing.
watch_make() {
    local pid=$1 log=$2 total=$3 lines last=0 at shown=0 status=0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        shown=$((shown + 1))
        [ $((shown % 15)) = 0 ] || continue
        lines=$(wc -l < "$log")
        [ "$lines" != "$last" ] || continue
        last=$lines
        at=$(tail -n 1 "$log" | awk '{ print $NF }')
        if [ "$total" -gt "$lines" ]; then
            say "  $((lines * 100 / total)) % ($lines of about $total steps), at $at"
        else
            say "  $lines steps, at $at"
        fi
    done
    wait "$pid" || status=$?
    return "$status"
}

# The name that a kernel gets by its source and kind.
name_kernel() {
    local k
    [ -z "$name" ] || return 0
    case $source in
    debian*)
        fetch_source "$source"
        name=debian-${source_dir##*/linux-}
        name=${name%-[0-9]*} ;;
    *)
        [ -d "$source" ] || check_source "$source"
        name=$(basename "$(realpath "$source")" | tr -c 'A-Za-z0-9._+\n' -) ;;
    esac
    [ $arch = aarch64 ] || name=$name-$arch
    for k in "${kinds[@]}"; do
        name=$name-$k
    done
    [ ${#patches[@]} = 0 ] ||
        name=$name-$(cat "${patches[@]}" | sha256sum | cut -c1-8)
}

# build_kernel: what the options say; the folder becomes kernel_built
build_kernel() {
    local src obj log total=0 fresh=0 origin started took pid target
    case $source in
    debian*) fetch_source "$source"; src=$source_dir ;;
    *) check_source "$source"; src=$(realpath "$source") ;;
    esac
    name_kernel
    origin="$source$([ $arch = aarch64 ] || echo " --arch $arch")$([ ${#kinds[@]} = 0 ] || printf ' --%s' "${kinds[@]}")$(
             [ ${#patches[@]} = 0 ] || printf ' with %s' "${patches[@]##*/}")"
    obj=$GPUMBOX_CACHE/kernel-build/$name
    # Objects stay with the compilers that made them.
    [ "$toolchain" != auto ] || [ ! -r "$obj/.gpumbox-tools" ] ||
        toolchain=$(cat "$obj/.gpumbox-tools")
    choose_toolchain "$src"
    [ "$toolchain" = own ] || fetch_toolchain
    lock_part "kernel-$name"
    if [ -r "$obj/.gpumbox-source" ] &&
       [ "$(cat "$obj/.gpumbox-source")" != "$source" ]; then
        die "the kernel $name was built from $(cat "$obj/.gpumbox-source"): give another --name, or 'scripts/kernel remove $name' first"
    fi
    if [ -r "$obj/.gpumbox-source" ] && [ "$(built_arch "$obj")" != $arch ]; then
        die "the kernel $name is one for $(built_arch "$obj"): give another --name, or 'scripts/kernel remove $name' first"
    fi
    if [ ${#patches[@]} -gt 0 ]; then
        patched_source "$src" "$name" "${patches[@]}"
        src=$source_dir
    fi
    [ -e "$obj/vmlinux" ] || { fresh=1; need_space 6000 "building a kernel"; }
    mkdir -p "$obj"
    rm -f "$obj/.gpumbox-done"
    echo "$toolchain" > "$obj/.gpumbox-tools"
    echo $arch > "$obj/.gpumbox-arch"
    echo "$source" > "$obj/.gpumbox-source"
    echo "$origin" > "$obj/.gpumbox-build"
    log=$obj/.gpumbox-log
    started=$SECONDS
    if [ $fresh = 1 ]; then
        total=$(awk -v n="steps-$name" '$1 == n { print $2 }' \
                    "$GPUMBOX_CACHE/times" 2>/dev/null || true)
        step "kernel-build-$name" "building the kernel $name"
    else
        step "kernel-rebuild-$name" "building what has changed in the kernel $name"
    fi
    configure_kernel "$src" "$obj" "$log"
    target=Image
    [ $arch = aarch64 ] || target=bzImage
    kmake "$src" "$obj" $target modules > "$log" 2>&1 &
    pid=$!
    # unshare is deaf to all but SIGKILL, and takes its name space along.
    trap 'pkill -P $pid || true; pkill -KILL -x -P $pid unshare || true
          kill $pid 2>/dev/null || true' EXIT
    if ! watch_make $pid "$log" "${total:-0}"; then
        trap - EXIT
        compile_error "$src" "$log"
    fi
    trap - EXIT
    [ $fresh = 0 ] || remember "steps-$name" "$(wc -l < "$log")"
    touch "$obj/.gpumbox-done"
    took=$((SECONDS - started))
    step_done
    say "the kernel $name is $(cat "$obj/include/config/kernel.release"), built in $(human_time $took): scripts/run --kernel $name$([ $arch = aarch64 ] || echo " --arch $arch --gpu nvidia-ga102")"
    unlock_part
    kernel_built=$obj
}

# tree_compiler TREE: what compiled it, as the tree itself remembers
tree_compiler() {
    sed -nE '1s/^(saved)?cmd_[^ ]* := *//p' "$1/scripts/mod/.empty.o.cmd" \
        2>/dev/null | tr ' ' '\n' |
        grep -m 1 -E '(^|[-/])(gcc|clang)(-[0-9.]+)?$' || true
}

# tree_arch TREE, tree_prefix TREE: what its configuration is for, in make's
# words; and how GNU tools for it are called
tree_arch() {
    sed -nE '1,9s,^# Linux/([a-z0-9_]+) .*,\1,p' "$1/.config"
}

tree_prefix() {
    case $(tree_arch "$1") in
    arm64) echo aarch64-linux-gnu- ;;
    *) echo x86_64-linux-gnu- ;;
    esac
}

# tree_variables TREE: set make_words to what make was told when it built the
# tree
tree_variables() {
    local cc base
    cc=$(tree_compiler "$1")
    [ -n "$cc" ] ||
        die "$1 does not say which compiler built it: build it with make, or give the command with --make"
    command -v "$cc" > /dev/null ||
        die "$1 was built with $cc, which is not on this machine: put it into PATH, or give the command with --make"
    base=${cc##*/}
    make_words=(ARCH=$(tree_arch "$1"))
    if [[ $base != clang* ]]; then
        make_words+=("CROSS_COMPILE=${cc%gcc*}" "CC=$cc")
    elif ! grep -q '^CONFIG_LD_IS_LLD=y' "$1/.config"; then
        make_words+=("CROSS_COMPILE=$(tree_prefix "$1")" "CC=$cc")
    elif [ "$cc" != "$base" ]; then
        make_words+=("LLVM=${cc%"$base"}")
    else
        base=${base#clang}
        make_words+=("LLVM=${base:-1}")
    fi
}

# toolchain_gcc CC: see that the toolchain has the compiler of Debian's kernels
toolchain_gcc() {
    local version=${1##*-} pkg log=$GPUMBOX_CACHE/tmp-shared/toolchain.log
    [ ! -x "$(toolchain_root)/usr/bin/$1" ] || return 0
    pkg=gcc-$version
    [ "$(dpkg --print-architecture)" = arm64 ] || pkg=$pkg-aarch64-linux-gnu
    lock_cache
    step toolchain-gcc "adding $pkg to the kernel's toolchain"
    in_root root 0 sh -c 'apt-get -qq update &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 \
            install --no-install-recommends "$1"' sh "$pkg" > "$log" 2>&1 ||
        die "$pkg cannot be fetched from $(machine_mirror): check the network and try again$(apt_says "$log")"
    step_done
}

# fetch_kernel_headers SPEC: what modules for one of Debian's kernels are built
# against; the folder becomes headers_built
fetch_kernel_headers() {
    local rel common tmp deb p
    rel=$(cat "$(kernel_dir "$1")/release")
    common=${rel%-arm64}
    headers_built=$GPUMBOX_CACHE/kernel-headers/$rel
    fetch_toolchain
    if [ ! -e "$headers_built/.gpumbox-tools" ]; then
        lock_cache
        apt_update
        need_space 300 "unpacking a kernel's headers"
        tmp=$GPUMBOX_CACHE/tmp-shared/kernel-headers
        step "kernel-headers-$1" "fetching the headers of $rel"
        mkdir -p "$tmp/out" "$GPUMBOX_CACHE/kernel-headers"
        apt_host apt-get -qq update > "$GPUMBOX_CACHE/tmp-shared/apt.log" 2>&1 || true
        for p in "linux-headers-$rel:arm64" "linux-headers-$common-common:all" \
                 "linux-kbuild-$common:$(dpkg --print-architecture)"; do
            (cd "$tmp" && apt_host apt-get -qq download "${p%:all}") \
                > "$GPUMBOX_CACHE/tmp-shared/apt.log" 2>&1 ||
                die "${p%:*} cannot be fetched from $(machine_mirror): run scripts/setup --update if this kernel is an old one, or check the network$(apt_says "$GPUMBOX_CACHE/tmp-shared/apt.log")"
        done
        for deb in "$tmp"/*.deb; do
            unpack_deb "$deb" "$tmp/out" --exclude './usr/share'
        done
        # It is not where Debian has it.
        sed -i "s,/usr/src/,$headers_built/usr/src/," \
            "$tmp/out/usr/src/linux-headers-$rel/Makefile"
        echo private > "$tmp/out/.gpumbox-tools"
        rm -rf "$headers_built"
        mv "$tmp/out" "$headers_built"
        rm -rf "$tmp"
        step_done
    fi
    toolchain_gcc "$(sed -nE 's/^CONFIG_CC_VERSION_TEXT="([^ ]+) .*/\1/p' \
        "$headers_built/usr/src/linux-headers-$rel/.config")"
    headers_built=$headers_built/usr/src/linux-headers-$rel
}

# make_in KERNEL ARGUMENT...: make in a built kernel, told what its builder was
make_in() {
    local tree word top
    for word in "${@:2}"; do
        case $word in
        M=*|MO=*) toolchain_folders+=("$(realpath "${word#*=}")") ;;
        esac
    done
    fetch_kernel "$1"
    tree=$(kernel_dir "$1")
    tree=${tree%/arch/*/boot/*}
    case $1 in
    debian|debian:*)
        fetch_kernel_headers "$1"
        unlock_cache
        top=${headers_built%/usr/src/*}
        in_toolchain "$top" "$top" make -C "$headers_built" -j"$(nproc)" "${@:2}"
        return ;;
    esac
    [ -d "$tree" ] || die "$1 is no build tree, and only those can be made"
    if [ ! -r "$tree/.gpumbox-tools" ]; then
        tree_variables "$tree"
        make -C "$tree" "${make_words[@]}" -j"$(nproc)" "${@:2}"
        return
    fi
    [ "$(cat "$tree/.gpumbox-tools")" = own ] || fetch_toolchain
    lock_part "kernel-${tree##*/}"
    kmake "$(realpath "$tree/source")" "$tree" "${@:2}"
    unlock_part
}
