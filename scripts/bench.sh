#!/usr/bin/env bash
# Builds and runs every benchmark program (*_bench), with the release preset's flags.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

BUILD_DIR=build/bench scripts/build.sh release -DFUSION_BENCH=ON -DFUSION_TESTS=OFF
shopt -s nullglob
programs=(build/bench/*_bench)
((${#programs[@]})) || fail "build/bench holds no *_bench program: bench/ has no sources"
for program in "${programs[@]}"; do
  say "$program"
  "$program"
done
