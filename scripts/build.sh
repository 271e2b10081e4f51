#!/usr/bin/env bash
# build.sh PRESET [CMAKE-OPTION...]: configures build/PRESET where that is due, and builds it.
# BUILD_DIR names another folder, BUILD_ARGS goes to the build tool.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

(($#)) || fail "usage: scripts/build.sh PRESET [CMAKE-OPTION...]"
preset=$1
options=("${@:2}")
build=${BUILD_DIR:-build/$preset}

choose_compiler
choose_cmake || fail "no cmake of 3.25 or newer: run make setup"

case $preset in
  sanitize | tsan | fuzz) ;;
  *) options+=("-DFUSION_PYTHON=$fusion_python") ;;
esac

# Ninja configures again by itself when a CMakeLists.txt changes, but does not know of the presets and options.
key="$(sha256sum <CMakePresets.json) $CXX $root ${options[*]}"
stamp=$build/.configured
if [[ ! -f $build/build.ninja ]] || ! stamped "$stamp" "$key"; then
  say "configuring $build"
  rm -f "$stamp"
  cmake --preset "$preset" -B "$build" "${options[@]}" >&2
  echo "$key" >"$stamp"
fi

say "building $build ($jobs jobs)"
# shellcheck disable=SC2086  # BUILD_ARGS is a list of words.
cmake --build "$build" --parallel "$jobs" -- ${BUILD_ARGS:-}
