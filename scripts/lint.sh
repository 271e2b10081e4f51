#!/usr/bin/env bash
# Layout, clang-tidy and shellcheck. clang-tidy runs as part of a compilation in build/lint, so ninja knows which files
# have changed since they were last found clean.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

scripts/format.sh --check
say "shellcheck"
shellcheck -x scripts/*.sh .ci/run

# Without precompiled headers, since clang cannot read g++'s. Nothing here is run: no optimisation.
# The configuration's hash makes a change of .clang-tidy check everything again.
checks=$(sha256sum <.clang-tidy | cut -c 1-12)
stamp=build/lint/.checks
if ! stamped "$stamp" "$checks"; then
  rm -rf build/lint
  mkdir -p build/lint
  echo "$checks" >"$stamp"
fi
say "clang-tidy-19 (the first run takes half a minute a file that includes libtorch)"
BUILD_DIR=build/lint BUILD_ARGS="-k 0" scripts/build.sh release \
  -DCMAKE_CXX_CLANG_TIDY="clang-tidy-19;--quiet" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
  -DCMAKE_CXX_FLAGS_RELEASE="-O0 -DNDEBUG"
