#!/bin/sh
# Tries a disk image as its owner does: opens it, copies the program out, and lets it check itself.
# On a Mac that nobody uses: packaging/macos/check.sh IMAGE
set -eu

image=$1
place=$(mktemp -d)
trap 'hdiutil detach -quiet "$place/volume" || true; rm -rf "$place"' EXIT
hdiutil attach -quiet -nobrowse -readonly -mountpoint "$place/volume" "$image"
ditto "$place/volume/Desktop Inbox.app" "$place/Desktop Inbox.app"
plutil -lint "$place/Desktop Inbox.app/Contents/Info.plist"
program="$place/Desktop Inbox.app/Contents/MacOS/desktop-inbox"
"$program" --self-test
"$program" demo --tour "$place/tour"
data="$place/data"
"$program" --data-dir "$data" &
window=$!
tries=0
until [ -s "$data/engine.lock" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo "the window did not start" >&2; exit 1; }
    sleep 0.1
done
"$program" --data-dir "$data" --quit
wait "$window"
echo "the program on the disk image is sound"
