# Sourced by the other scripts: where things are and how a step is announced.
# shellcheck shell=bash disable=SC2034  # The variables are for the scripts that source this one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

say() { printf '==> %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# A file that includes libtorch takes up to 1.3 GB to compile, so memory limits the jobs as the cores do.
default_jobs() {
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemTotal:/ { print int($2 / 1572864) }' /proc/meminfo)
  ((gigabytes >= 1)) || gigabytes=1
  echo $((cores < gigabytes ? cores : gigabytes))
}
jobs=${JOBS:-$(default_jobs)}

# The Python whose torch is built against; with FUSION_PYTHON no .venv is made for torch.
fusion_python=${FUSION_PYTHON:-$root/.venv/bin/python}
if [[ $fusion_python == */* && $fusion_python != /* ]]; then fusion_python=$root/$fusion_python; fi

compiler_major() { "$1" -dumpversion 2>/dev/null | cut -d. -f1; }

# CXX is honoured; else the default g++ where it is new enough, else g++-12.
choose_compiler() {
  local major
  if [[ -z ${CXX:-} ]]; then
    major=$(compiler_major g++ || true)
    if ((${major:-0} >= 12)); then CXX=g++; else CXX=g++-12; fi
  fi
  export CXX
}

cmake_is_recent() {
  local version
  version=$("$1" --version 2>/dev/null | awk 'NR == 1 { print $3 }') || return 1
  [[ $(printf '3.25\n%s\n' "$version" | sort -V | head -n 1) == 3.25 ]]
}

# Puts a cmake that can read the presets, and its ctest, first in PATH.
choose_cmake() {
  cmake_is_recent cmake && return
  cmake_is_recent "$root/.venv/bin/cmake" || return 1
  PATH=$root/.venv/bin:$PATH
}

# Whether the stamp FILE holds KEY: the step that it stands for has been finished for exactly these inputs.
stamped() { [[ -f $1 && $(<"$1") == "$2" ]]; }
