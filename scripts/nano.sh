#!/usr/bin/env bash
# Makes models/nano anew in build/nano: data, tokenizer, five trainings, grade, card. What is done is found so, and what
# was interrupted goes on: the same command again. Data or a training of other settings are refused.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

fusion=$root/build/release/fusion
recipe=$root/examples/nano
work=$root/build/nano
mkdir -p "$work"

for set in words cells places facts looks skills signs reads; do
  say "writing the data: $set"
  "$fusion" synth "$recipe/data/$set.yaml" --out "$work/data/$set"
done

if [[ ! -f $work/start/config.json ]]; then
  say "learning the tokenizer, fitting the first weights to the pictures"
  "$fusion" data tokenizer "$work/data/words/mixture.yaml" --out "$work/tokenizer" --size 800 --single-capitals
  "$fusion" init "$recipe/model" "$work/start" --tokenizer "$work/tokenizer" --dtype float32 --seed 1 \
    --pictures "$work/data/words/mixture.yaml"
fi

# A model this small gains more from two processes of one thread than from two threads; a GPU is for one process.
launch=()
if (($(nproc) >= 2)) && ! "$fusion_python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  launch=("$fusion_python" -m torch.distributed.run --standalone --no-python --nproc-per-node 2)
fi
stages=(stage1 stage1.5-places stage1.5-facts stage2-looks stage2)
for stage in "${stages[@]}"; do
  say "training $stage"
  OMP_NUM_THREADS=1 "${launch[@]}" "$fusion" train "$recipe/train-$stage.yaml"
done

say "grading"
rm -rf "$work/model"
cp -r "$work/runs/stage2/model" "$work/model"
cp -r "$root/models/nano/test" "$work/model/test"
"$fusion" eval "$work/model" --json >"$work/grade.json"
"$fusion_python" "$recipe/card.py" "$work" "${stages[@]}" >"$work/model/README.md"
sed -n '/^| kind/,/^$/p' "$work/model/README.md"
say "the model and its card are in build/nano/model; models/nano is what ships"
