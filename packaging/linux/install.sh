#!/bin/sh
# Installs Desktop Inbox for the user who runs it, without any right of an administrator.
#
#   ./install.sh                 into ~/.local
#   ./install.sh --prefix DIR    into DIR
#
# Run again with a newer version it replaces the older one. Mail and settings lie elsewhere and are
# never touched; uninstall.sh, beside the installed program, takes away what this script put down.
set -eu

prefix="$HOME/.local"
while [ $# -gt 0 ]; do
    case "$1" in
        --prefix) prefix="${2:?--prefix needs a folder}"; shift 2 ;;
        *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
done

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "$prefix/lib" "$prefix/bin" "$prefix/share"
prefix=$(CDPATH= cd -- "$prefix" && pwd)
program="$prefix/lib/desktop-inbox"

# First everything in its place under another name, then one rename: an interrupted installation
# leaves the older version whole.
fresh="$program.new"
rm -rf "$fresh"
cp -R "$here/program" "$fresh"
cp "$here/uninstall.sh" "$fresh/"
printf '%s\n' "$prefix" > "$fresh/prefix"
if ! "$fresh/desktop-inbox" --version > "$fresh/said" 2>&1; then
    cat "$fresh/said" >&2
    rm -rf "$fresh"
    echo "Desktop Inbox cannot start on this system, so nothing was installed; see the lines above." >&2
    exit 1
fi
rm "$fresh/said"

# A window that is open reads its modules when it needs them: it must not meet those of another
# version. Drafts are kept.
if [ -x "$program/desktop-inbox" ] && ! "$program/desktop-inbox" --quit; then
    rm -rf "$fresh"
    echo "Nothing was installed. Close the window of Desktop Inbox, then start this again." >&2
    exit 1
fi

rm -rf "$program.old"
if [ -e "$program" ]; then mv "$program" "$program.old"; fi
mv "$fresh" "$program"
rm -rf "$program.old"

ln -sf "$program/desktop-inbox" "$prefix/bin/desktop-inbox"
cp -R "$here/share/." "$prefix/share/"
# Quoted as a desktop file wants it: the home folder's name may hold a space.
entry="$prefix/share/applications/desktop-inbox.desktop"
quoted=$(printf '%s' "\"$program/desktop-inbox\"" | sed 's/[&|\\]/\\&/g')
sed "s|@PROGRAM@|$quoted|" "$here/share/applications/desktop-inbox.desktop" > "$entry"
(cd "$here/share" && find . -type f) > "$program/files"

if command -v update-desktop-database > /dev/null; then
    update-desktop-database -q "$prefix/share/applications" || true
fi

echo "Desktop Inbox is installed. Start it from the menu, or with"
echo "    $prefix/bin/desktop-inbox"
echo "To remove it: $program/uninstall.sh"
if ! "$program/desktop-inbox" --self-test > "$program/self-test.txt" 2>&1; then
    cat "$program/self-test.txt" >&2
    echo "Something is missing on this system: see the lines above that begin with FAILED." >&2
    exit 1
fi
