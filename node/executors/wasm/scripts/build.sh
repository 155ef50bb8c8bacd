#!/usr/bin/env bash
# Builds the modules beside their sources, into the folder that is given, else where they are
# committed. Compiled with -O2 and linked without: clang's driver would else run a wasm-opt if one
# is there, and the bytes would depend on it. `modules.test.ts` builds them anew and compares.
set -euo pipefail
cd "$(dirname "$0")/.."

for source in benchmark/*.c test/modules/*.c; do
  module=${source%.c}.wasm
  object=$(mktemp)
  clang --target=wasm32-wasi -O2 -Wall -Wno-unused-result -c "$source" -o "$object"
  mkdir -p "$(dirname "${1:-.}/$module")"
  clang --target=wasm32-wasi -Wl,--strip-all -Wl,-z,stack-size=1048576 -Wl,--max-memory=67108864 \
    "$object" -o "${1:-.}/$module"
  chmod 644 "${1:-.}/$module"
  rm "$object"
done
