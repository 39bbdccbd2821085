#!/usr/bin/env bash
# Makes sure that the libraries that the Swift code is linked with are installed. Silent when they are.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Asks the compiler and not the package manager: it is only there that they must be found, wherever they come from.
has_sqlite() {
    clang -x c -fsyntax-only - <<<'#include <sqlite3.h>' 2>/dev/null &&
        [[ $(clang -print-file-name=libsqlite3.so) == /* ]]
}

if ! has_sqlite; then
    take_lock
    need_packages libsqlite3-dev
    has_sqlite || die "clang still finds no SQLite (sqlite3.h, libsqlite3.so), which the search cache needs."
fi
