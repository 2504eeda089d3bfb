#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
#
# What does a newcomer meet? Makes a Debian 12 with nothing but git in a folder, clones the last commit into it and runs
# there, as root in a chroot, what the README says. Package sources, proxies, certificates and npm's settings are taken
# from the machine it runs on. Needs root and debootstrap; not part of CI.
#
#   tests/support/bare_debian.sh [--keep FOLDER] [COMMAND...]      without COMMAND: ./dev test, then ./dev run --help
#
# With --keep the folder stays, and is used again when it is there already.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

fail() {
  printf 'bare_debian: %s\n' "$*" >&2
  exit 1
}
[ "$(id -u)" -eq 0 ] || fail "needs root"
command -v debootstrap >/dev/null || fail "needs debootstrap: apt-get install debootstrap"

keep=''
if [ "${1:-}" = --keep ]; then
  [ $# -gt 1 ] || fail "--keep needs a folder"
  keep=$2
  shift 2
fi
folder=${keep:-$(mktemp -d)}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

clean_up() {
  local point
  for point in dev/pts dev/shm dev proc sys; do
    if mountpoint -q "$folder/$point"; then umount -l "$folder/$point"; fi
  done
  [ -n "$keep" ] || rm -rf --one-file-system "$folder"
}
trap clean_up EXIT

# The first package source of this machine, in either of apt's notations.
mirror() {
  local sources=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
  awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }' \
    "${sources[@]}" 2>/dev/null | grep . || true
}

# What this machine needs to reach its package sources: copied, whatever it is.
inherit() {
  local file
  cp /etc/resolv.conf "$folder/etc/resolv.conf"
  for file in apt.conf.d sources.list.d auth.conf.d; do
    if [ -d "/etc/apt/$file" ]; then mkdir -p "$folder/etc/apt/$file" && cp -r "/etc/apt/$file/." "$folder/etc/apt/$file/"; fi
  done
  if [ -e /etc/apt/sources.list ]; then cp /etc/apt/sources.list "$folder/etc/apt/"; else rm -f "$folder/etc/apt/sources.list"; fi
  for file in /root/.npmrc /etc/npmrc; do
    if [ -e "$file" ]; then cp "$file" "$folder$file"; fi
  done
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$folder/etc/ssl/certs" "$folder/usr/local/share/ca-certificates"
    cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/"
    # One file each, so that installing ca-certificates keeps them.
    awk -v folder="$folder/usr/local/share/ca-certificates" \
      '/BEGIN CERTIFICATE/ { file = sprintf("%s/inherited-%03d.crt", folder, ++n) } file { print > file }
       /END CERTIFICATE/ { close(file); file = "" }' /etc/ssl/certs/ca-certificates.crt
  fi
}

if [ ! -e "$folder/etc/debian_version" ]; then
  debootstrap --variant=minbase bookworm "$folder" "$(mirror)" >&2
fi
inherit
mkdir -p "$folder/dev" "$folder/proc" "$folder/sys"
mount --bind /proc "$folder/proc"
mount --bind /dev "$folder/dev"
for point in dev/pts dev/shm; do
  if [ -d "/$point" ]; then mount --bind "/$point" "$folder/$point"; fi
done
mount --bind /sys "$folder/sys"

inside() {
  local variable settings=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8)
  for variable in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY NODE_EXTRA_CA_CERTS SSL_CERT_FILE; do
    if [ -n "${!variable:-}" ]; then settings+=("$variable=${!variable}"); fi
  done
  chroot "$folder" env -i "${settings[@]}" "$@"
}

inside apt-get update -q >&2
inside env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends git </dev/null >&2
rm -rf "$folder/root/flowspan"
git clone -q --no-hardlinks "$root" "$folder/root/flowspan"
chown -R 0:0 "$folder/root/flowspan"

run() {
  printf '\n## bare Debian 12: %s\n' "$*" >&2
  local start=$SECONDS status=0
  inside sh -c 'cd /root/flowspan && exec "$@"' sh "$@" </dev/null || status=$?
  printf '## %s: exit %d after %d s\n' "$*" "$status" $((SECONDS - start)) >&2
  return "$status"
}

if [ $# -gt 0 ]; then
  run "$@"
else
  run ./dev test
  run ./dev run --help
fi
