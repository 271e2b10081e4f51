#!/usr/bin/env bash
# Asks the model that ships about two pictures.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

ask() {
  local picture=$1 question
  say "$picture"
  for question in "${@:2}"; do
    printf '%s\n  %s\n' "$question" "$(build/release/fusion ask "$picture" "$question" --quiet)"
  done
}

ask examples/nano/pictures/library.jpg "What does the sign say?" "What text does the sign show?" \
  "What color are the letters on the sign?"
ask examples/nano/pictures/park.jpg "Where are we here?" "How many bells are there?" "What color is the umbrella?"
