#!/usr/bin/env bash
# Makes packages of what `make install` installs: `package.sh deb`, `package.sh archive`. `make deb` and `make dist` call
# it, after the program was built with Swift's libraries inside; MAKE_STATIC holds the variables for make that say so.
#
# The same program gives the same bytes: times are those of the last commit (SOURCE_DATE_EPOCH), owners are root.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

PACKAGES=$REPOSITORY/.build-static/packages
STAGE=$REPOSITORY/.build-static/stage
VERSION=$(sed -n 's/.*current = "\(.*\)"/\1/p' "$REPOSITORY/Sources/Sarai/SaraiVersion.swift")

umask 022
cd -- "$REPOSITORY"

# commit FORMAT ELSE: something of the last commit; where the source is not in a repository, something else.
commit() { git log -1 --format="$1" 2>/dev/null || echo "$2"; }

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(commit %ct "$(stat --format %Y packaging/changelog)")}
export SOURCE_DATE_EPOCH

main() {
    rm -rf -- "$STAGE"
    mkdir -p -- "$STAGE" "$PACKAGES"
    case ${1:-} in
    deb) build_deb ;;
    archive) build_archive ;;
    *) die "usage: package.sh deb|archive" ;;
    esac
    rm -rf -- "$STAGE"
}

# install_into PREFIX: what make install installs, stripped, with documents and examples.
install_into() {
    local prefix=$1 docs=$STAGE$1/share/doc/sarai
    xargs make --silent install DESTDIR="$STAGE" PREFIX="$prefix" <<<"$MAKE_STATIC" >/dev/null
    strip --strip-unneeded --remove-section=.comment --remove-section=.note "$STAGE$prefix/bin/sarai"
    mkdir -p -- "$docs"
    cp --recursive -- ./*.md examples docs/. "$docs"
    # All in one folder: links lead to what is beside them.
    sed --in-place 's|](docs/|](|g; s|](\.\./\([^.]\)|](\1|g' "$docs"/*.md
    sed --in-place 's|](\.\./\.\./|](../|g' "$docs"/*/*.md
    cp -- packaging/copyright "$docs/copyright"
    collect_licenses "$docs/licenses"
}

# collect_licenses FOLDER: of everything that is in the program.
collect_licenses() {
    local package file name swift
    mkdir -- "$1"
    for package in .build-static/checkouts/*/; do
        for file in "$package"LICENSE* "$package"NOTICE*; do
            [[ -f $file ]] || continue
            name=$(basename -- "$file")
            install --mode 644 -- "$file" "$1/$(basename -- "$package")-${name%%.*}"
        done
    done
    swift=$(dirname -- "$(realpath -- "$(command -v swift)")")
    install --mode 644 -- "$swift/../share/swift/LICENSE.txt" "$1/swift-LICENSE"
}

# --- Debian

build_deb() {
    local architecture file maintainer
    architecture=$(dpkg --print-architecture)
    file=$PACKAGES/sarai_${VERSION}_$architecture.deb
    maintainer="${DEBFULLNAME:-$(commit %an "Sarai developers")} <${DEBEMAIL:-$(commit %ae "root@localhost")}>"
    step "Building $file"
    install_into /usr
    install_unit
    gzip --best --no-name "$STAGE"/usr/share/man/man1/*
    gzip --best --no-name --stdout packaging/changelog >"$STAGE/usr/share/doc/sarai/changelog.gz"
    mkdir -- "$STAGE/DEBIAN"
    install --mode 755 packaging/prerm "$STAGE/DEBIAN/prerm"
    sed "s|@VERSION@|$VERSION|; s|@ARCHITECTURE@|$architecture|; s|@MAINTAINER@|$maintainer|; s|@DEPENDS@|$(depends)|
        s|@SIZE@|$(du --summarize --apparent-size --block-size=1K "$STAGE/usr" | cut -f 1)|" \
        packaging/control >"$STAGE/DEBIAN/control"
    (cd -- "$STAGE" && find usr -type f -print0 | sort --zero-terminated | xargs --null md5sum >DEBIAN/md5sums)
    find "$STAGE" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
    quietly "dpkg-deb cannot build the package." dpkg-deb --root-owner-group --build "$STAGE" "$file"
    echo "$file"
}

# The unit that the program writes, for a program of the system: nothing of this user gets in.
install_unit() {
    local unit=$STAGE/usr/lib/systemd/user/sarai.service
    mkdir -p -- "${unit%/*}"
    env --ignore-environment PATH=/usr/bin:/bin HOME=/nonexistent \
        "$STAGE/usr/bin/sarai" service install --dry-run --program /usr/bin/sarai --quiet |
        sed '1,/^$/d' >"$unit" # without the mark of units that are one user's
    [[ -s $unit ]] || die "the program wrote no unit."
}

# The packages whose libraries the program is linked with, and their versions.
depends() {
    local folder
    folder=$(mktemp --directory)
    mkdir -- "$folder/debian"
    printf 'Source: sarai\n\nPackage: sarai\nArchitecture: any\n' >"$folder/debian/control"
    (cd -- "$folder" && dpkg-shlibdeps -O "$STAGE/usr/bin/sarai" 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
    rm -rf -- "$folder"
}

# --- The archive of a release

build_archive() {
    local name file
    name=sarai-$VERSION-linux-$(uname --machine)
    file=$PACKAGES/$name.tar.xz
    step "Building $file"
    install_into "/$name"
    cp -- LICENSE packaging/INSTALL.md "$STAGE/$name"
    tar --create --directory "$STAGE" --sort=name --mtime "@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
        --format=gnu "$name" | xz --threads=1 >"$file.part"
    mv -- "$file.part" "$file"
    (cd -- "$PACKAGES" && sha256sum -- "${file##*/}" >SHA256SUMS)
    echo "$file"
    echo "$PACKAGES/SHA256SUMS"
}

main "$@"
