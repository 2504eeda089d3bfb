#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
#
# Lays DuckDB's library and C header into third_party/duckdb, from two packages of npm's registry pinned by hash:
# no Debian package holds them. Does nothing when they are there. Called by ./dev setup; CMake only finds.
set -euo pipefail
cd "$(dirname "$0")/.."

library_version=1.5.6-r.1
header_version=1.4.4
header_hash=hEJJ5hyVF0VLj3dmOLpsWrQR0b3d4Ykqtygm6iUXjHJDDnSqg/USKxcb5qvNrOhFYPgktayU6dXCtgPqcmmpog==
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64)
    library=@duckdb/node-bindings-linux-x64
    library_hash=IXcrZJE6kEqM0Z4wwdVnGBHX/frOS33VPNAwDXQ/Q+Fs84b058Qe94chrCCIcNJlG8Y3UHIUU4eBeCQxW5mN1Q==
    ;;
  *)
    echo "fetch_duckdb: no DuckDB is pinned for $(uname -s) $(uname -m):" \
      "lay duckdb.h into third_party/duckdb/include and libduckdb.so into third_party/duckdb/lib" >&2
    exit 1
    ;;
esac

target=third_party/duckdb
stamp="$library_version $header_version $(uname -m)"
if [ "$(cat "$target/stamp" 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi
if [ -e "$target/include/duckdb.h" ] && [ -e "$target/lib/libduckdb.so" ] && [ ! -e "$target/stamp" ]; then
  exit 0  # laid there by hand
fi
if ! command -v npm >/dev/null; then
  echo "fetch_duckdb: npm is missing: run ./dev setup, or apt-get install npm" >&2
  exit 1
fi

mkdir -p third_party
work=$(mktemp -d third_party/fetch.XXXXXX)
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE VERSION SHA512 MEMBER: unpacks package/MEMBER below $work.
fetch() {
  local archive
  if ! archive=$(cd "$work" && npm pack --silent "$1@$2"); then
    echo "fetch_duckdb: npm cannot fetch $1 $2: check the network and npm's settings (npm config get registry)" >&2
    exit 1
  fi
  archive=$work/$(printf '%s\n' "$archive" | tail -n 1)
  if [ "$(sha512sum "$archive" | cut -d ' ' -f 1)" != "$(base64 -d <<<"$3" | od -An -v -tx1 | tr -d ' \n')" ]; then
    echo "fetch_duckdb: $1 $2 does not have the pinned hash: do not use it, and tell the maintainers" >&2
    exit 1
  fi
  tar -xzf "$archive" -C "$work" "package/$4"
  rm "$archive"
}

fetch "$library" "$library_version" "$library_hash" libduckdb.so
fetch duckdb "$header_version" "$header_hash" src/duckdb/src/include/duckdb.h
mkdir -p "$work/new/include" "$work/new/lib"
mv "$work/package/libduckdb.so" "$work/new/lib/"
mv "$work/package/src/duckdb/src/include/duckdb.h" "$work/new/include/"
echo "$stamp" >"$work/new/stamp"
rm -rf "$target"
mv "$work/new" "$target"
