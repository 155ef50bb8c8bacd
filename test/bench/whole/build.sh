#!/usr/bin/env bash
# Builds the module of the benchmark beside its source. Compiled with -O2 and linked without:
# clang's driver would else run a wasm-opt if one is there, and the bytes would depend on it.
set -euo pipefail
cd "$(dirname "$0")"
object=$(mktemp)
clang --target=wasm32-wasi -std=c11 -O2 -Wall -Wextra -Werror -c unit.c -o "$object"
clang --target=wasm32-wasi -Wl,--strip-all -Wl,--max-memory=1048576 "$object" -o unit.wasm
chmod 644 unit.wasm
rm "$object"
