# SPDX-License-Identifier: Apache-2.0
# `make` prints the targets. The build itself is CMake's: sw/CMakeLists.txt.

MODEL  ?= mlp
DATA   ?= fashion-mnist
ENGINE ?= rtl
EPOCHS ?= 1
SEED   ?= 1
CHECK  ?= sample
SETUP  ?= 1
PDK    ?= osu018
ARGS   ?=

RECIPE ?= sw/configs/$(MODEL)-$(DATA).toml
JOBS   ?= $(shell nproc 2>/dev/null || echo 2)
export SETUP

.DEFAULT_GOAL := help
.PHONY: help setup configure build sim test lint synth bench clean
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

help:
	@echo 'cuatro: a 4-bit training accelerator. Targets:'
	@echo
	@echo '  make sim      train MODEL on DATA on the simulated hardware; everything included'
	@echo '  make test     every test; everything included'
	@echo '  make build    only build the trainer, build/cuatro'
	@echo '  make bench    measure speed and utilisation; writes build/bench.json'
	@echo '  make synth    synthesise every module: cells, area, gates; writes build/synth/'
	@echo '  make lint     check the sources: Verilator -Wall, house rules'
	@echo '  make setup    only install what is missing (apt)'
	@echo '  make clean    remove build/; runs/ stays'
	@echo
	@echo 'Variables: MODEL=$(MODEL) DATA=$(DATA) (or mnist) ENGINE=$(ENGINE) (golden, fp32) EPOCHS=$(EPOCHS) SEED=$(SEED)'
	@echo '  CHECK=$(CHECK) (all, off) RECIPE=file.toml ARGS="more options" LIBERTY=cells.lib SETUP=0 (install nothing)'
	@echo 'Example: make sim EPOCHS=8 RECIPE=sw/configs/mlp-fashion-mnist-sun2020.toml'

setup:
	@scripts/setup

configure: setup
	@if [ -f build/CMakeCache.txt ] && ! grep -qxF 'CMAKE_HOME_DIRECTORY:INTERNAL=$(CURDIR)/sw' build/CMakeCache.txt; then \
	  echo 'build/ was made for another folder: building afresh'; \
	  find build -mindepth 1 -maxdepth 1 ! -name data -exec rm -rf {} +; \
	fi
	@if [ ! -f build/build.ninja ]; then \
	  echo 'configuring build/'; \
	  cmake -S sw -B build -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING >/dev/null; \
	fi

# A progress line on a terminal; silence, but for errors, elsewhere.
NINJA = ninja -C build -j $(JOBS) $$([ -t 1 ] || echo --quiet)

build: configure
	@echo 'building build/cuatro'
	@$(NINJA) cuatro

sim: recipe build data
	@build/cuatro train --config $(RECIPE) --engine $(ENGINE) --epochs $(EPOCHS) --seed $(SEED) \
	  $(if $(filter rtl,$(ENGINE)),--check $(CHECK)) $(ARGS)

.PHONY: recipe data
recipe:
	@[ -f '$(RECIPE)' ] || { \
	  echo "no recipe $(RECIPE) (MODEL=$(MODEL) DATA=$(DATA)); there are:" $$(cd sw/configs && ls *.toml 2>/dev/null) >&2; exit 1; }

data:
	@if grep -q '^ *data *= *"mnist"' '$(RECIPE)'; then scripts/get-data mnist; fi

test: configure lint
	@echo 'building everything'
	@$(NINJA)
	@ctest --test-dir build --output-on-failure --no-tests=error -j $(JOBS)

lint: setup
	@scripts/lint

synth: setup
	@synth/run --pdk '$(PDK)' $(if $(LIBERTY),--liberty '$(LIBERTY)') --jobs $(JOBS) $(ARGS)

bench: build
	@build/cuatro bench $(ARGS)

clean:
	@rm -rf build
