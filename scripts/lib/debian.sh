# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian packages: those that this machine needs, and those that a run takes
# apart without installing them (kernels, QEMU's source, headers, firmware).
# The latter come through a private apt root in the cache, so that the user's
# apt configuration is never touched; the mirror is the machine's own.

# What a run needs.
RUN_PACKAGES="bison bzip2 ca-certificates ccache device-tree-compiler flex gcc
    gcc-aarch64-linux-gnu libc6-dev libc6-dev-arm64-cross libfdt-dev
    libglib2.0-dev libpixman-1-dev libslirp-dev linux-libc-dev-arm64-cross
    make meson ninja-build patch pkg-config python3 python3-venv xz-utils
    zlib1g-dev zstd"

# arch_packages ARCH: what guests of this architecture want beside it
arch_packages() {
    [ "$1" != x86_64 ] || [ "$(dpkg --print-architecture)" = amd64 ] ||
        echo gcc-x86-64-linux-gnu libc6-dev-amd64-cross linux-libc-dev-amd64-cross
}

# What reads the debug information of drivers (scripts/abi).
ABI_PACKAGES="libbpf-dev libdw-dev liblzma-dev"

# What scripts/run --gdb needs.
GDB_PACKAGES="bpftool gdb-multiarch"

# What vng needs, which is fetched by fetch_vng.
VNG_PACKAGES="file kmod python3-argcomplete python3-requests"

# What the tests need beside them.
TEST_PACKAGES="clang libclang-rt-dev llvm $ABI_PACKAGES $GDB_PACKAGES
    $VNG_PACKAGES"

debian_release() {
    local id='' version=''
    id=$(. /etc/os-release 2>/dev/null && echo "${ID:-}")
    version=$(. /etc/os-release 2>/dev/null && echo "${VERSION_ID:-}")
    [ "$id" = debian ] ||
        die "this machine is not Debian (${id:-unknown}): Debian 12 or 13 is needed"
    echo "${version:-13}"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

missing_packages() {
    local p
    for p in "$@"; do
        # pkg-config is a name that newer releases give to pkgconf
        if [ "$p" = pkg-config ] && command -v pkg-config >/dev/null; then
            continue
        fi
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
            echo "$p"
    done
}

# apt_says LOG: the first error of apt's, to go into a sentence
apt_says() {
    sed -n 's/^[EW]: *//p' "$1" | head -n 1 | sed 's/^/ (apt says: /; s/$/)/'
}

# install_packages WHAT PACKAGE...
install_packages() {
    local what=$1 missing log
    shift
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    debian_release > /dev/null
    if [ "$(id -u)" != 0 ] && ! as_root true 2>/dev/null; then
        die "packages are missing: run as root, or run 'sudo apt-get install ${missing% }' and try again"
    fi
    lock_cache
    need_space 1500 "installing packages"
    step "packages-$what" "installing packages: ${missing% }"
    log=$GPUMBOX_CACHE/tmp-shared/apt.log
    if ! as_root apt-get -qq update > "$log" 2>&1; then
        die "apt-get update failed: check the network and the package sources of this machine$(apt_says "$log")"
    fi
    # shellcheck disable=SC2086
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
            -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
            install --no-install-recommends $missing > "$log" 2>&1; then
        die "apt-get could not install ${missing% }$(apt_says "$log")"
    fi
    step_done
}

# The mirror that this machine takes its Debian archive from, whatever form
# its sources are written in: apt itself is asked.
machine_mirror() {
    local uri
    uri=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
              'Created-By: Packages' 2>/dev/null |
          awk '$3 == "main" && $2 ~ /^(bookworm|trixie|stable|oldstable|forky|testing|sid|unstable)$/ {
                   print $1; exit }' || true)
    [ -n "$uri" ] ||
        die "no Debian mirror is named in this machine's package sources (/etc/apt): add one"
    echo "${uri%/}"
}

# The private apt root.  apt_private COMMAND... runs an apt tool in it, on the
# packages of arm64; if the caller has set $apt_also, on that architecture's as
# well.
apt_private() {
    local tool=$1 state=$GPUMBOX_CACHE/apt/${apt_also:-} more=()
    shift
    if [ -n "${apt_also:-}" ]; then
        mkdir -p "$state/lists/partial"
        touch "$state/status"
        more=(-o "APT::Architecture=$apt_also" -o "APT::Architectures::=$apt_also"
              -o "Dir::State=$state" -o "Dir::State::status=$state/status")
    fi
    APT_CONFIG=$GPUMBOX_CACHE/apt/apt.conf "$tool" "${more[@]}" "$@"
}

# The same, with packages of this machine's own architecture as well.
apt_host() {
    local apt_also
    apt_also=$(dpkg --print-architecture)
    apt_private "$@"
}

apt_root() {
    local a=$GPUMBOX_CACHE/apt mirror options='' key
    mirror=$(machine_mirror)
    key=/usr/share/keyrings/debian-archive-keyring
    if [ -e $key.gpg ]; then
        options="signed-by=$key.gpg"
    elif [ -e $key.pgp ]; then
        options="signed-by=$key.pgp"
    fi
    # A mirror that the machine is told to trust as it stands is trusted here.
    if grep -rqsiE '^deb .*\[.*trusted=yes|^trusted: *yes' \
            /etc/apt/sources.list /etc/apt/sources.list.d; then
        options="trusted=yes"
    fi
    [ -z "$options" ] || options="[$options] "

    mkdir -p "$a"/state/lists/partial "$a"/cache/archives/partial "$a"/etc
    touch "$a"/state/status
    cat > "$a"/etc/sources.list.new <<EOF
deb $options$mirror trixie main non-free-firmware
deb-src $options$mirror trixie main
deb $options$mirror trixie-backports main non-free-firmware
EOF
    cat > "$a"/apt.conf <<EOF
Dir::State "$a/state";
Dir::State::status "$a/state/status";
Dir::Cache "$a/cache";
Dir::Etc::sourcelist "$a/etc/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Get::List-Cleanup "true";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::Retries "3";
EOF
    mv -f "$a"/etc/sources.list.new "$a"/etc/sources.list
}

# Bring the package lists up to date, once in the life of this process.
apt_update() {
    [[ " ${apt_updated:-} " != *" ${apt_also:-arm64} "* ]] || return 0
    lock_cache
    need_space 400 "fetching the package lists"
    apt_root
    local log=$GPUMBOX_CACHE/tmp-shared/apt.log
    step apt-lists "fetching the package lists of trixie and trixie-backports"
    if ! apt_private apt-get -qq update > "$log" 2>&1 ||
       ! apt_private apt-cache show meson > /dev/null 2>&1; then
        die "the package lists cannot be fetched from $(machine_mirror): check the network and try again$(apt_says "$log")"
    fi
    step_done
    apt_updated="${apt_updated:-} ${apt_also:-arm64}"
}

# versions PACKAGE: newest first
versions() {
    apt_private apt-cache madison "$1" 2>/dev/null |
        awk -F'|' '$3 !~ /Sources/ { gsub(/ /, "", $2); print $2 }' |
        sort -ruV
}

source_versions() {
    apt_private apt-cache showsrc "$1" 2>/dev/null |
        awk '$1 == "Version:" { print $2 }' | sort -ruV
}

# fetch_deb DIR PACKAGE [VERSION-PATTERN]: put the newest version that really
# downloads into DIR and print its file name.
fetch_deb() {
    local dir=$1 pkg=$2 pattern=${3:-.} v f
    mkdir -p "$dir"
    for v in $(versions "$pkg" | grep -E "$pattern"); do
        if (cd "$dir" && apt_private apt-get -qq download "$pkg=$v" \
                > "$GPUMBOX_CACHE"/tmp-shared/apt.log 2>&1); then
            f=$(ls -t "$dir/${pkg}"_*.deb 2>/dev/null | head -n 1)
            [ -n "$f" ] && { echo "$f"; return 0; }
        fi
        say "  $pkg $v is listed and does not download, trying an older one"
    done
    return 1
}

# names PATTERN: package names that match, newest version last
names() {
    apt_private apt-cache pkgnames | grep -E "$1" | sort -V
}

unpack_deb() {
    dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --no-same-owner "${@:3}"
}
