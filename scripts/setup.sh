#!/usr/bin/env bash
# Everything a build needs: system packages, a .venv with pip's torch (unless FUSION_PYTHON names a Python that has
# it), a cmake that reads the presets. Says nothing and takes no time when all is there.
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

venv=$root/.venv
# Lies in the .venv while pip works there: a half-written package is not to be trusted, so such a .venv is made anew.
unfinished=$venv/.unfinished

make_venv() {
  if [[ -e $unfinished ]]; then
    say "an earlier set-up was interrupted: starting .venv anew"
    rm -rf "$venv"
  fi
  [[ -x $venv/bin/python ]] && return
  say "making .venv"
  mkdir -p "$venv"
  touch "$unfinished"
  python3 -m venv "$venv"
}

# pip_install STAMP KEY WHAT ARGUMENT...
pip_install() {
  local stamp=$venv/$1 key=$2 what=$3
  shift 3
  if [[ ! -e $unfinished && -x $venv/bin/python ]] && stamped "$stamp" "$key"; then return; fi
  make_venv
  say "installing $what into .venv"
  touch "$unfinished"
  rm -f "$stamp"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2 ||
    fail "pip could not install $what. What pip says is above; PIP_INDEX_URL and pip's other settings are honoured"
  echo "$key" >"$stamp"
  rm -f "$unfinished"
}

scripts/packages.sh build

if [[ -n ${FUSION_PYTHON:-} ]]; then
  command -v "$fusion_python" >/dev/null || fail "FUSION_PYTHON=$FUSION_PYTHON is not a program"
else
  pip_install .stamp-torch "$(sha256sum <requirements.txt)" "torch (up to 3 GB, minutes)" -r requirements.txt
fi

if ! choose_cmake; then
  pip_install .stamp-cmake "cmake 3.25 to 4" cmake "cmake>=3.25,<5"
  choose_cmake || fail "no cmake of 3.25 or newer, and pip's does not run"
fi
