#!/usr/bin/env bash
# Installs the package that `make deb` has built in a fresh Debian, runs it there as a user's service under a real service
# manager, and removes it. Takes two minutes; needs root for namespaces and the folder. Leaves nothing behind.
#
# SARAI_TEST_ROOT names a folder with a Debian that debootstrap has made already, to try again faster; it is kept.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

HERE=$(dirname -- "${BASH_SOURCE[0]}")
MODEL=SmolLM2-135M-Instruct-Q4_1.gguf

main() {
    ((EUID == 0)) || die "this test makes namespaces and a system below a folder: run it as root."
    command -v debootstrap >/dev/null || need_packages debootstrap
    package=$(find "$REPOSITORY/.build-static/packages" -name 'sarai_*.deb' | sort --version-sort | tail -n 1)
    [[ -n $package ]] || die "there is no package in $REPOSITORY/.build-static/packages. Run 'make deb'."
    group=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET) ||
        die "this system has no cgroups of version 2, without which no service manager runs."
    group+=/sarai-test-$$
    root=${SARAI_TEST_ROOT:-$(mktemp --directory --tmpdir=/var/tmp sarai-deb-XXXXXX)}
    trap clean_up EXIT
    chmod 755 -- "$root" # the root of a system is everybody's
    make_system
    lay_out
    step "Testing ${package##*/} in $root"
    mkdir -- "$group"
    # In its own namespaces, so that whatever it leaves running ends with it and sees no cgroup but its own.
    bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec unshare --mount --cgroup --pid --fork --kill-child "$@"' \
        bash "$group" bash -c "$(declare -f inside); inside \"\$1\"" inside "$root"
    step "The package installs, runs as a service and goes away cleanly"
}

clean_up() {
    [[ ! -d $group ]] || find "$group" -depth -type d -exec rmdir {} +
    [[ -n ${SARAI_TEST_ROOT:-} ]] || rm -rf --one-file-system -- "$root"
}

make_system() {
    local codename mirror
    [[ ! -x $root/usr/bin/apt-get ]] || return 0
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # Where this machine's own packages come from.
    # shellcheck disable=SC2016 # apt-get fills it in
    mirror=$(apt-get indextargets --format '$(SITE)' "Codename: $codename" 2>/dev/null | head -n 1) || true
    step "Making a fresh Debian $codename in $root"
    take_lock
    quietly "debootstrap cannot make a system." \
        debootstrap --variant=minbase "$codename" "$root" "${mirror:-http://deb.debian.org/debian}"
}

# What the package does not bring: the engine, a model, and the test itself.
lay_out() {
    local data=$root/srv/sarai engine
    engine=$(find "$DATA/engine" -path '*/bin/llama-server' | head -n 1)
    [[ -n $engine && -f $DATA/models/$MODEL ]] || die "the engine or $DATA/models/$MODEL is missing."
    mkdir -p -- "$data/engine/bin" "$data/models"
    cp -- "$engine" "$data/engine/bin/llama-server"
    cp -- "$DATA/models/$MODEL" "$data/models"
    cp -- "$package" "$root/srv/sarai.deb"
    install --mode 755 "$HERE/test-deb-inside.sh" "$root/srv/test.sh"
    cp -- /etc/resolv.conf "$root/etc/resolv.conf"
}

# Runs in the namespaces.
inside() {
    set -euo pipefail
    mount --make-rprivate /
    mount --bind "$1" "$1"
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/run"
    mount -t sysfs sysfs "$1/sys" 2>/dev/null || mount -t tmpfs tmpfs "$1/sys"
    mkdir -p "$1/sys/fs/cgroup"
    mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
    env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" chroot "$1" /srv/test.sh root
}

main
