#!/usr/bin/env bash
# Makes models/nano anew in build/nano: data, tokenizer, three stages of training, grade, card. Every step that is done
# is passed over, and one that was interrupted goes on: the same command again.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

fusion=$root/build/release/fusion
recipe=$root/examples/nano
work=$root/build/nano
mkdir -p "$work"

for stage in stage1 stage1.5 stage2; do
  if [[ ! -f $work/data/$stage/mixture.yaml ]]; then
    say "writing the data of $stage"
    "$fusion" synth "$recipe/$stage.yaml" --out "$work/data/$stage"
  fi
done

if [[ ! -f $work/start/config.json ]]; then
  say "learning the tokenizer, drawing the first weights"
  # Captions and questions, about as many texts of each.
  cat >"$work/words.yaml" <<'END'
datasets:
  - json_path: data/stage1/data/train.jsonl
    sampling_strategy: all
  - json_path: data/stage2/data/train.jsonl
    sampling_strategy: first:29853
END
  "$fusion" data tokenizer "$work/words.yaml" --out "$work/tokenizer" --size 800 --single-capitals
  "$fusion" init "$recipe/model" "$work/start" --tokenizer "$work/tokenizer" --dtype float32 --seed 1
fi

# A model this small gains more from two processes of one thread than from two threads.
launch=()
if (($(nproc) >= 2)); then launch=("$root/.venv/bin/torchrun" --standalone --no-python --nproc-per-node 2); fi
for stage in stage1 stage1.5 stage2; do
  if [[ ! -f $work/runs/$stage/model/config.json ]]; then
    say "training $stage"
    OMP_NUM_THREADS=1 "${launch[@]}" "$fusion" train "$recipe/train-$stage.yaml"
  fi
done

say "grading"
rm -rf "$work/model"
cp -r "$work/runs/stage2/model" "$work/model"
cp -r "$root/models/nano/test" "$work/model/test"
"$fusion" eval "$work/model" --json >"$work/grade.json"
"$root/.venv/bin/python" "$recipe/card.py" "$work" >"$work/model/README.md"
sed -n '/^| kind/,/^$/p' "$work/model/README.md"
say "the model and its card are in build/nano/model; models/nano is what ships"
