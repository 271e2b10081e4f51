#!/usr/bin/env bash
# Asks a small random-weight model about a photograph.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

fusion=build/release/fusion
model=build/demo-model

if [[ ! -f $model/config.json || $model/config.json -ot $fusion ]]; then
  say "making a small checkpoint with random weights: $model"
  # Written beside and then moved, so that an interrupted run leaves no half model behind.
  rm -rf "$model" "$model.part"
  "$fusion" init nano "$model.part" --quiet --tokenizer parity/goldens/tokenizers/phi_like
  mv "$model.part" "$model"
fi

say "asking about examples/cat.jpg. The weights are random: the words below mean nothing yet"
"$fusion" ask examples/cat.jpg "What is in this picture?" --model "$model" --temperature 1 --seed 2 --max-tokens 16
