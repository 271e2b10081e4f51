#!/usr/bin/env bash
# Builds and runs every benchmark program (*_bench), with the release preset's flags; then the training step beside the
# same in PyTorch, and a training run that is killed many times.
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

say "one training step, here and in plain PyTorch"
"$fusion_python" bench/compare_train_step.py build/bench/train_step

say "a training run that is killed ${FUSION_KILLS:=20} times"
export FUSION_KILLS
BUILD_ARGS=fusion_cli_test scripts/build.sh release
OMP_WAIT_POLICY=PASSIVE build/release/fusion_cli_test --gtest_filter=Train.AKilledRunGoesOnToTheBit
