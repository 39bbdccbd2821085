#!/usr/bin/env bash
# The part of test-deb.sh that runs in the fresh Debian: first as root, then, called by itself, as a user.

set -Eeuo pipefail

USER_NAME=tester
PORT=18435
MODEL=smollm2 # the name that `sarai init` makes of the file's

fail() {
    printf '    FAILED: %s\n' "$*" >&2
    exit 1
}

# What ends the test without words of its own.
trap 'printf "    FAILED in line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

passed() { printf '    %s\n' "$*" >&2; }

# wait_until WHAT COMMAND…: for a minute at most.
wait_until() {
    local what=$1 end=$((SECONDS + 60))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || fail "waited in vain until $what"
        sleep 0.2
    done
}

# --- As root

as_root() {
    apt-get --quiet=2 update
    apt-get --quiet=2 install --yes --no-install-recommends systemd libgomp1 procps >/dev/null
    apt-get --quiet=2 install --yes --no-install-recommends /srv/sarai.deb >/dev/null
    ldd /usr/bin/sarai | grep --quiet 'not found' && fail "a library is missing"
    dpkg --listfiles sarai | sort >/srv/files
    passed "installed: $(sarai version --quiet), $(wc -l </srv/files) files"

    useradd --create-home --shell /bin/bash "$USER_NAME"
    mkdir -p "/home/$USER_NAME/.local/share"
    cp --recursive -- /srv/sarai "/home/$USER_NAME/.local/share/sarai"
    chown --recursive "$USER_NAME:$USER_NAME" "/home/$USER_NAME/.local"
    start_user_manager
    setpriv --reuid "$USER_NAME" --regid "$USER_NAME" --init-groups \
        env HOME="/home/$USER_NAME" USER="$USER_NAME" XDG_RUNTIME_DIR="$runtime" "$0" user
    remove_package
}

# A session's manager, as systemd-logind would start it: in a cgroup that is the user's, with all controllers there are.
start_user_manager() {
    local cgroup=/sys/fs/cgroup controller
    mkdir -- $cgroup/system $cgroup/user
    xargs --max-args 1 <$cgroup/cgroup.procs | while read -r pid; do
        echo "$pid" >$cgroup/system/cgroup.procs 2>/dev/null || true
    done
    for controller in $(<$cgroup/cgroup.controllers); do
        echo "+$controller" >$cgroup/cgroup.subtree_control 2>/dev/null || true
    done
    chown --recursive "$USER_NAME" $cgroup/user
    # Only with this folder does a manager believe that there is a systemd at all.
    mkdir -p /run/systemd/system
    runtime=/run/user/$(id --user "$USER_NAME")
    install --directory --mode 700 --owner "$USER_NAME" "$runtime"
    bash -c 'echo $$ >/sys/fs/cgroup/user/cgroup.procs && exec "$@"' manager \
        setpriv --reuid "$USER_NAME" --regid "$USER_NAME" --init-groups \
        env --ignore-environment PATH="$PATH" HOME="/home/$USER_NAME" XDG_RUNTIME_DIR="$runtime" SHELL=/bin/bash \
        /usr/lib/systemd/systemd --user </dev/null >/srv/manager.log 2>&1 &
}

remove_package() {
    apt-get --quiet=2 purge --yes sarai >/dev/null
    local left
    left=$(while read -r path; do [[ ! -f $path ]] || echo "$path"; done </srv/files)
    [[ -z $left ]] || fail "left behind: $left"
    [[ ! -e /usr/share/sarai && ! -e /usr/share/doc/sarai ]] || fail "folders are left behind"
    [[ -f /home/$USER_NAME/.config/sarai/sarai.yaml ]] || fail "the user's configuration is gone"
    passed "removed, and nothing but the user's own files is left"
}

# --- As the user

as_user() {
    local unit=sarai.service pid
    cd
    wait_until "the user's manager runs" systemctl --user show-environment
    if memory_is_delegated; then
        passed "a systemd $(systemctl --version | sed -n '1s/systemd //p') for the user, with memory's controller"
    else
        passed "a systemd $(systemctl --version | sed -n '1s/systemd //p') for the user, without memory's controller"
    fi
    sarai init --max-ram 1 --quiet >/dev/null
    # The network is this machine's, where another daemon may have the usual port.
    echo "SARAI_LISTEN=127.0.0.1:$PORT" >.config/sarai/.env
    export SARAI_HOST=127.0.0.1:$PORT
    sarai config check --quiet

    systemctl --user enable --now --quiet $unit || fail "it does not start: $(systemctl --user show $unit \
        --property=ActiveState,Result,ExecMainCode,ExecMainStatus,StatusText | paste --serial --delimiters ' ')"
    [[ $(systemctl --user show --value --property=FragmentPath $unit) == /usr/lib/systemd/user/$unit ]] ||
        fail "it is not the package's unit that runs"
    answers
    sarai service status --json | grep --quiet '"state" : "active"' || fail "status does not say that it is active"
    passed "the package's unit runs: $(systemctl --user show --value --property=StatusText $unit)"
    if memory_is_delegated; then
        pgrep --full 'bin/llama-server' | while read -r pid; do
            grep --quiet 'sarai.service/worker' "/proc/$pid/cgroup" || fail "a worker has no cgroup of its own"
        done
        passed "each worker has a cgroup of its own"
    fi

    systemctl --user reload $unit
    cp .config/sarai/sarai.yaml saved.yaml
    echo 'nonsense: 1' >>.config/sarai/sarai.yaml
    systemctl --user reload $unit
    wait_until "the status tells of a bad configuration" status_says "Configuration not reloaded"
    cp saved.yaml .config/sarai/sarai.yaml
    systemctl --user reload $unit
    answers
    passed "it reloads, and a bad configuration changes nothing"

    mkdir -p .config/systemd/user/$unit.d
    printf '[Service]\nWatchdogSec=3\n' >.config/systemd/user/$unit.d/test.conf
    systemctl --user daemon-reload
    systemctl --user restart $unit
    pid=$(systemctl --user show --value --property=MainPID $unit)
    kill -STOP "$pid"
    wait_until "the watchdog has started it again" restarted_since "$pid"
    answers
    [[ $(systemctl --user show --value --property=NRestarts $unit) == 1 ]] || fail "it was started again more than once"
    passed "a daemon that hangs is noticed by the watchdog and started again"
    rm -r .config/systemd/user/$unit.d

    systemctl --user disable --now --quiet $unit
    ! pgrep --full llama-server >/dev/null || fail "a worker is left"
    systemctl --user daemon-reload
    sarai service install --quiet
    [[ $(systemctl --user show --value --property=FragmentPath $unit) == "$HOME/.config/systemd/user/$unit" ]] ||
        fail "'sarai service install' did not install its unit"
    answers
    sarai service remove --quiet
    [[ ! -e $HOME/.config/systemd/user/$unit ]] || fail "'sarai service remove' left its unit"
    ! pgrep --full 'sarai serve|llama-server' >/dev/null || fail "a process is left"
    passed "'sarai service' installs a unit of the user's own, and removes it"
}

answers() {
    local text
    text=$(sarai run $MODEL "Say hello." --max-tokens 8) || fail "the daemon does not answer"
    [[ -n $text ]] || fail "the answer is empty"
}

status_says() { systemctl --user show --value --property=StatusText sarai.service | grep --quiet "$1"; }

restarted_since() {
    local pid
    pid=$(systemctl --user show --value --property=MainPID sarai.service)
    systemctl --user is-active --quiet sarai.service && [[ $pid != 0 && $pid != "$1" ]]
}

memory_is_delegated() { grep --quiet --word-regexp memory /sys/fs/cgroup/user/cgroup.controllers; }

case $1 in
root) as_root ;;
user) as_user ;;
esac
