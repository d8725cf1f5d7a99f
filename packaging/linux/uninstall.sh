#!/bin/sh
# Takes away what install.sh put down. Mail and settings stay, and it says where.
set -eu

program=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
if [ ! -f "$program/prefix" ] || [ ! -f "$program/files" ]; then
    echo "This is not an installed copy: run the uninstall.sh in lib/desktop-inbox." >&2
    exit 1
fi
prefix=$(cat "$program/prefix")
if ! "$program/desktop-inbox" --quit; then
    echo "Nothing was removed. Close the window of Desktop Inbox, then start this again." >&2
    exit 1
fi

while read -r file; do
    rm -f "$prefix/share/$file"
done < "$program/files"
rm -f "$prefix/bin/desktop-inbox"
rm -rf "$program"
if command -v update-desktop-database > /dev/null; then
    update-desktop-database -q "$prefix/share/applications" || true
fi

echo "Desktop Inbox is removed. Your mail and settings stay in"
echo "    ${XDG_DATA_HOME:-$HOME/.local/share}/desktop-inbox"
echo "    ${XDG_CONFIG_HOME:-$HOME/.config}/desktop-inbox"
echo "    ${XDG_STATE_HOME:-$HOME/.local/state}/desktop-inbox"
