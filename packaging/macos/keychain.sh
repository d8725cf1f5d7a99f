#!/bin/sh
# Puts the certificate in MACOS_CERTIFICATE (a .p12 in base64, its password in
# MACOS_CERTIFICATE_PASSWORD) into a keychain of its own, and prints whom it names. The keychain
# lies in the folder named as the only argument, and ends with the runner.
set -eu

folder=$1
keychain=$folder/signing.keychain-db
password=$(openssl rand -hex 24)
umask 077
printf '%s' "$MACOS_CERTIFICATE" | base64 --decode > "$folder/certificate.p12"
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 7200 "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$folder/certificate.p12" -k "$keychain" -P "$MACOS_CERTIFICATE_PASSWORD" \
    -T /usr/bin/codesign >&2
rm "$folder/certificate.p12"
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db
security find-identity -v -p codesigning "$keychain" | sed -n 's/^ *1) [0-9A-F]* "\(.*\)"$/\1/p'
