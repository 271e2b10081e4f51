#!/usr/bin/env bash
# test.sh PRESET [LABEL]: builds the preset and runs its tests, or those of a label, whose target is fusion_LABEL_tests;
# ends in ctest's own summary.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

(($# == 1 || $# == 2)) || fail "usage: scripts/test.sh PRESET [LABEL]"
label=${2:-}
BUILD_ARGS=${label:+fusion_${label}_tests} scripts/build.sh "$1"
choose_cmake
say "testing build/$1"
ctest --preset "$1" --parallel "$jobs" ${label:+-L "$label"}
