#!/usr/bin/env bash
# test.sh PRESET: builds the preset and runs its tests; ends in ctest's own summary.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

(($# == 1)) || fail "usage: scripts/test.sh PRESET"
scripts/build.sh "$1"
choose_cmake
say "testing build/$1"
ctest --preset "$1" --parallel "$jobs"
