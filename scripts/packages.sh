#!/usr/bin/env bash
# packages.sh GROUP...: installs the packages of these groups of packages.txt that are missing. Needs no root, and no
# network, when none is.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

listed() { awk -v groups=" $* " '!/^#/ && NF && index(groups, " " $1 " ") { print $2 }' scripts/packages.txt; }

# Of the packages given ("a|b": either will do), those that are not installed.
missing() {
  local installed entry name
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
    awk '$1 == "installed" { print $2 }' | tr '\n' ' ') "
  for entry in "$@"; do
    for name in ${entry//|/ }; do
      [[ $installed == *" $name "* ]] && continue 2
    done
    echo "$entry"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "installing packages needs root and there is no sudo. As root: apt-get install ${names[*]}"
  fi
}

# Sets names: of every "a|b" the first that apt knows.
choose() {
  local entry name
  names=()
  for entry in "$@"; do
    for name in ${entry//|/ }; do
      if [[ -n $(apt-cache --no-all-versions show "$name" 2>/dev/null) ]]; then break; fi
      name=${entry%%|*}
    done
    names+=("$name")
  done
}

install() {
  choose "$@"
  say "installing system packages: ${names[*]}"
  as_root apt-get update -qq >&2 || say "apt-get update failed: going on with the lists at hand"
  choose "$@"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${names[@]}" >/dev/null ||
    fail "apt-get could not install: ${names[*]}. Debian 12 and 13 and Ubuntu 24.04 offer all of them"
}

ensure() {
  local wanted
  mapfile -t wanted < <(missing "$@")
  if ((${#wanted[@]})); then install "${wanted[@]}"; fi
}

(($#)) || fail "usage: scripts/packages.sh GROUP..."
mapfile -t packages < <(listed "$@")
((${#packages[@]})) || fail "scripts/packages.txt has no group '$*'"

if ! command -v dpkg-query >/dev/null; then
  say "no dpkg here: taking it that these are installed by other means: ${packages[*]}"
  exit 0
fi
ensure "${packages[@]}"

choose_compiler
if [[ $CXX == g++-12 ]]; then
  mapfile -t packages < <(listed compiler)
  ensure "${packages[@]}"
fi
