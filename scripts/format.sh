#!/usr/bin/env bash
# format.sh [--check]: lays out every tracked C++ file, or fails where one is not laid out.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

mode=(-i)
if [[ ${1:-} == --check ]]; then mode=(--dry-run -Werror); fi

files=()
while IFS= read -r -d '' file; do
  if [[ -f $file ]]; then files+=("$file"); fi
done < <(git ls-files -z -- '*.cpp' '*.h')
say "clang-format-19 ${mode[*]}: ${#files[@]} files"
clang-format-19 "${mode[@]}" "${files[@]}"
