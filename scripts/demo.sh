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

ask examples/nano/pictures/library.jpg "What place is shown?" "What color are the letters on the sign?" \
  "In which color is the text on the sign written?"
ask examples/nano/pictures/park.jpg "Where are we here?" "Which color does the sign itself have?" "What is the weather like?"
