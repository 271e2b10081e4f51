#!/usr/bin/env bash
# Builds and runs every fuzz target (*_fuzz) for FUZZ_SECONDS (60). Seeds lie in fuzz/seeds/NAME and, for pictures, in
# the tests' data; new inputs and crashes go to build/fuzz, so that the sources stay as they are.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

# The preset names clang++-14, which Debian 13 no longer has.
options=()
command -v clang++-14 >/dev/null || options=(-DCMAKE_CXX_COMPILER=clang++-19)
scripts/build.sh fuzz "${options[@]}"
shopt -s nullglob
programs=(build/fuzz/*_fuzz)
((${#programs[@]})) || fail "build/fuzz holds no *_fuzz program: fuzz/ has no sources"
for program in "${programs[@]}"; do
  name=$(basename "$program")
  say "$program, ${FUZZ_SECONDS:-60} s"
  mkdir -p "build/fuzz/found/$name"
  seeds=(fuzz/seeds/"${name%_fuzz}"/)
  [[ $name == picture_fuzz ]] && seeds=(tests/data/pictures/)
  "$program" -max_total_time="${FUZZ_SECONDS:-60}" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/$name-" "build/fuzz/found/$name" "${seeds[@]}"
done
