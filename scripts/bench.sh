#!/usr/bin/env bash
# Builds and runs every benchmark program (*_bench) of the release preset.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

scripts/build.sh release
shopt -s nullglob
programs=(build/release/*_bench)
((${#programs[@]})) || fail "build/release holds no *_bench program: bench/ has no sources"
for program in "${programs[@]}"; do
  say "$program"
  "$program"
done
