# SPDX-License-Identifier: Apache-2.0
# `make` prints the targets. The build itself is CMake's: sw/CMakeLists.txt.

MODEL  ?= mlp
DATA_lstm        = fsdd
DATA_transformer = tinyshakespeare
DATA   ?= $(or $(DATA_$(MODEL)),fashion-mnist)
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
.PHONY: help setup configure build sim test soak lint synth energy gates formal fuzz sanitize coverage mutate fpga bench accuracy ablation clean
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
	@echo '  make soak     random rounds on the whole block against golden, with errors and resets: MINUTES=30 SEED=drawn SEEDS=N ARGS="--shape Rows4"'
	@echo '  make bench    measure speed and utilisation; writes build/bench.json'
	@echo '  make accuracy every net of sw/configs/accuracy.toml in 4 bits, FP16 and FP32, three seeds; writes build/accuracy/'
	@echo '  make ablation the same for formats, rounding and scaling of the gradient; writes build/ablation/'
	@echo '  make synth    synthesise every module and the FP16 baselines: area, clock, ratios; writes build/synth/'
	@echo '  make energy   energy per MAC of real training operands, gate by gate; make synth merges it'
	@echo '  make gates    netlists through their benches, equivalence proofs (one with a second Yosys, from npm), a training step in gates'
	@echo '  make formal   proofs of the RTL and of the AXI rules, each with faults that it must find; tb/formal/README.md'
	@echo '  make fuzz     every parser on damaged files for MINUTES=10, shared; what breaks one is kept in build/fuzz/crash/'
	@echo '  make coverage lines and toggled bits of every module that the benches reach; ARGS="--missed fifo" names the others'
	@echo '  make mutate   small faults in modules that their benches must notice, and proofs that the others are none; ARGS="--only fifo"'
	@echo '  make sanitize the software tests with address, undefined-behaviour and float-cast checks; SANITIZE=thread: others'
	@echo '  make fpga     LUTs, flip-flops and RAM on ECP5, 7-series and iCE40'
	@echo '  make lint     check the sources: Verilator -Wall, house rules'
	@echo '  make setup    only install what is missing (apt)'
	@echo '  make clean    remove build/; runs/ stays'
	@echo
	@echo 'Variables: MODEL=$(MODEL) DATA=$(DATA) (the pairs in sw/configs/) ENGINE=$(ENGINE) (golden, fp32, fp16) EPOCHS=$(EPOCHS) SEED=$(SEED)'
	@echo '  CHECK=$(CHECK) (all, off) RECIPE=file.toml ARGS="more options" PDK=sky130hd LIBERTY=cells.lib SETUP=0 (install nothing)'
	@echo '  QUICK=1 (accuracy, ablation: a look in minutes)'
	@echo 'Example: make sim EPOCHS=8 RECIPE=sw/configs/mlp-fashion-mnist-sun2020.toml'

setup:
	@scripts/setup

configure: setup
	@if [ -f build/CMakeCache.txt ] && ! grep -qxF 'CMAKE_HOME_DIRECTORY:INTERNAL=$(CURDIR)/sw' build/CMakeCache.txt; then \
	  echo 'build/ was made for another folder: building afresh'; \
	  find build -mindepth 1 -maxdepth 1 ! -name data ! -name accuracy ! -name ablation -exec rm -rf {} +; \
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
	@name=$$(sed -n 's/^ *data *= *"\(.*\)".*/\1/p' '$(RECIPE)'); [ "$$name" = fashion-mnist ] || scripts/get-data "$$name"

# What fuzzing needs beyond the rest.
FUZZING = clang libclang-rt-dev

test: configure lint
	@scripts/setup $(FUZZING)
	@echo 'building everything'
	@$(NINJA)
	@ctest --test-dir build --output-on-failure --no-tests=error -j $(JOBS) -LE gates

lint: setup
	@scripts/lint

synth: setup
	@synth/run --pdk '$(PDK)' $(if $(LIBERTY),--liberty '$(LIBERTY)') --jobs $(JOBS) $(ARGS)

energy: configure
	@echo 'building the gate-level simulator'
	@$(NINJA) cuatro_energy cuatro_operands
	@synth/energy/run --pdk '$(PDK)' $(if $(LIBERTY),--liberty '$(LIBERTY)') $(ARGS)

gates: configure
	@command -v npm >/dev/null || scripts/setup nodejs npm
	@echo 'building the netlists and their benches'
	@$(NINJA) gates
	@status=0; ctest --test-dir build --output-on-failure --no-tests=error -j $(JOBS) -R '^(netlist_|equiv_|operands_|second_yosys)' || status=$$?; \
	  cp build/Testing/Temporary/LastTest.log build/gates.log; exit $$status

# ARGS=fifo: one proof; tb/formal/run --help.
formal: setup
	@tb/formal/run --jobs $(JOBS) $(ARGS)

# ARGS="png sound": only these.
fuzz: MINUTES ?= 10
fuzz:
	@scripts/setup $(FUZZING)
	@tb/fuzz/run --minutes $(MINUTES) $(ARGS)

SANITIZE ?= address,undefined,float-cast-overflow
CHECKED = build/sanitize/$(SANITIZE)
sanitize: setup
	@[ -f $(CHECKED)/build.ninja ] || cmake -S sw -B $(CHECKED) -G Ninja -DCMAKE_BUILD_TYPE=Sanitize -DCUATRO_UNITY=OFF -DCUATRO_SANITIZE=$(SANITIZE) --log-level=WARNING >/dev/null
	@ninja -C $(CHECKED) -j $(JOBS) $$([ -t 1 ] || echo --quiet) sanitized
	@ctest --test-dir $(CHECKED) --output-on-failure --no-tests=error -j $(JOBS) -L sanitized

coverage:
	@scripts/setup lcov
	@tb/coverage/run --jobs $(JOBS) $(ARGS)

# ARGS="--only fifo --survivors"; tb/mutate/run --help.
mutate: configure
	@tb/mutate/run --jobs $(JOBS) $(ARGS)

fpga:
	@scripts/setup nextpnr-ice40
	@synth/fpga/run $(ARGS)

# SEEDS=N: so many rounds instead of MINUTES. build/tb/soak --help.
soak: MINUTES ?= 30
soak: configure
	@echo 'building the endurance run'
	@$(NINJA) soak
	@build/tb/soak $(if $(SEEDS),--seeds $(SEEDS),--minutes $(MINUTES)) $(if $(filter-out file,$(origin SEED)),--seed $(SEED)) --folder build/soak $(ARGS)

bench: build
	@build/cuatro bench $(ARGS)

# Finished runs are kept and an interrupted one continues. ARGS="'lenet-*'" picks runs; scripts/accuracy --help.
accuracy ablation: build
	@scripts/$@ --jobs $(JOBS) $(ARGS)

clean:
	@rm -rf build
