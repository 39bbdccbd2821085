#!/usr/bin/env bash
# Makes sure that the browser is installed in which the web page is tested and photographed. Silent when it is.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# The font is for the pictures: with another one they would not look the same everywhere.
has_browser() {
    command -v chromium >/dev/null && [[ -f /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf ]]
}

if ! has_browser; then
    take_lock
    need_packages chromium fonts-noto-core
    has_browser || die "the packages chromium and fonts-noto-core are installed, and there is no program chromium."
fi
