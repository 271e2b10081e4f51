# Thin names over the CMake presets. Each does its own set-up and is quick when nothing changed.
#
# FUSION_PYTHON=PYTHON  build against the torch of that Python (2.11 or newer) instead of a .venv with pip's 2.13.0
# JOBS=N                compile and test N at a time (default: as many as cores and memory allow)
# FUZZ_SECONDS=N        how long make fuzz runs each target (default 60)

.DEFAULT_GOAL := help
# Ninja and ctest use all cores already.
.NOTPARALLEL:
.PHONY: help setup build demo nano test bench lint format sanitize sanitize-torch tsan fuzz clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile
	@sed -n 's/^# \([A-Z_]*=.*\)/  \1/p' Makefile

setup: ## system packages, .venv with pip's torch, cmake
	@scripts/setup.sh

build: setup ## the program: build/release/fusion
	@BUILD_ARGS=fusion scripts/build.sh release

demo: build ## ask the model that ships about two pictures
	@scripts/demo.sh

nano: build ## make the model that ships anew: data, three stages, grade, card; hours, goes on where it was
	@scripts/nano.sh

test: setup ## all tests: the release preset, then what reads files and replies under sanitizers
	@scripts/test.sh release
	@scripts/test.sh sanitize hostile

bench: setup ## the benchmarks
	@scripts/packages.sh bench
	@scripts/bench.sh

lint: setup ## clang-format, clang-tidy, shellcheck: nothing is changed
	@scripts/packages.sh format lint
	@scripts/lint.sh

format: ## lay out every C++ file
	@scripts/packages.sh format
	@scripts/format.sh

sanitize: setup ## the tests without libtorch under AddressSanitizer and UBSan
	@scripts/test.sh sanitize

sanitize-torch: setup ## all tests under AddressSanitizer and UBSan: slow
	@scripts/test.sh sanitize-torch

tsan: setup ## requests on many threads under ThreadSanitizer: slow
	@scripts/test.sh tsan-torch

fuzz: setup ## the fuzz targets, FUZZ_SECONDS each
	@scripts/packages.sh fuzz
	@scripts/fuzz.sh

clean: ## remove build/ (.venv stays)
	rm -rf build
