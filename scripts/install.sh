#!/usr/bin/env bash
# Installs a built sarai with its manual, its shell completions and what `sarai setup` runs, or removes them:
#
#     scripts/install.sh install BINARY PREFIX      scripts/install.sh uninstall PREFIX
#
# DESTDIR, if set, stands before PREFIX, for whoever makes packages.

set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd -- "$scripts/../tools" && pwd)
task=${1:?install or uninstall}
prefix=${DESTDIR:-}${!#}

program=$prefix/bin/sarai
manual=$prefix/share/man/man1/sarai.1
declare -A completions=(
    [bash]=$prefix/share/bash-completion/completions/sarai
    [zsh]=$prefix/share/zsh/site-functions/_sarai
    [fish]=$prefix/share/fish/vendor_completions.d/sarai.fish
)
# What builds the engine and fetches what speech needs, where there is no source of the project.
data=$prefix/share/sarai
setup_scripts=("$scripts"/{setup-engine,setup-speech}.sh)
setup_parts=("$scripts"/{lib,engine-source,model-files}.sh) # sourced by these
setup_lists=("$tools"/{requirements,speech-requirements}.txt)

# Writes what a command prints to a file. Nothing is left half written.
write() {
    local file=$1
    shift
    mkdir -p -- "$(dirname -- "$file")"
    "$@" >"$file.new"
    chmod 644 -- "$file.new"
    mv -- "$file.new" "$file"
}

write_manual() {
    "$binary" --experimental-dump-help | "$tools/manual.py" "$("$binary" --version)"
}

case $task in
install)
    binary=${2:?the built program}
    install -D --mode 755 -- "$binary" "$program"
    write "$manual" write_manual
    for shell in "${!completions[@]}"; do
        write "${completions[$shell]}" "$binary" --generate-completion-script "$shell"
    done
    install -D --mode 755 --target-directory "$data/scripts" -- "${setup_scripts[@]}"
    install -D --mode 644 --target-directory "$data/scripts" -- "${setup_parts[@]}"
    install -D --mode 644 --target-directory "$data/tools" -- "${setup_lists[@]}"
    ;;
uninstall)
    rm -f -- "$program" "$manual" "${completions[@]}"
    rm -rf -- "$data/scripts" "$data/tools"
    [[ ! -d $data ]] || rmdir --ignore-fail-on-non-empty -- "$data" # with PREFIX ~/.local the models are there
    ;;
*)
    echo "install.sh: there is no task '$task'; there are install and uninstall" >&2
    exit 64
    ;;
esac
