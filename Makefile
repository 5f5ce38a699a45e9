# SPDX-License-Identifier: GPL-2.0-or-later
# Every goal does its own set-up on a fresh Debian 12 with Swift on PATH. `make help` lists them.

BOARD ?= armhf
# Any board of targets/ is tested when it is named: make test-boards BOARDS="arm64 i386 x86_64-debug"
BOARDS ?= armhf x86_64
KTAPC := .build/debug/ktapc

.PHONY: help setup ktapc module agent demo test test-swift test-native test-boards lint bench fuzz clean

help:
	@echo 'make demo  [BOARD=armhf]   build, sign and verify a script and trace an emulated board with it'
	@echo 'make test                  everything: Swift, native with sanitizers, real kernels of all boards'
	@echo 'make test-boards [BOARDS=x86_64-debug]     the board tests alone; with lockdep and KASAN'
	@echo 'make lint                  formatting (of samples too), shell scripts, kernel style, sparse'
	@echo 'make bench                 speed beside Lua, sizes, memory, and instructions an event costs'
	@echo 'make fuzz                  a million mutated bundles, 100,000 spoilt scripts, 10,000 generated programs'
	@echo 'make ktapc                 the compiler, into $(KTAPC)'
	@echo 'make module BOARD=NAME [KTAP_CERTS=PATH]   ktapvm.ko of a board'
	@echo 'make agent  BOARD=NAME     ktap-run of a board'
	@echo 'make setup                 the Debian packages that all this needs'
	@echo 'make clean                 remove what was built; downloads stay in ~/.cache/ktap'

setup:
	@tools/setup

ktapc: setup
	swift build --product ktapc

module: setup
	@tools/board-module $(BOARD)

agent: setup
	@tools/board-agent $(BOARD)

demo: ktapc
	@tools/demo $(BOARD)

test: setup
	@tools/run-tests $(BOARDS)

test-swift: setup
	swift build
	swift test

test-native: ktapc
	swift build --product ktap-cases
	$(MAKE) -C Tests/native test language generated BUNDLES="$$(tools/seed-bundles | tr '\n' ' ')"

test-boards: ktapc
	swift build --product ktap-cases
	@status=0; for b in $(BOARDS); do Tests/board/run $$b || status=1; done; exit $$status

lint: ktapc
	@tools/lint

bench: ktapc
	@bench/run

fuzz: ktapc
	swift build --product ktap-cases
	.build/debug/ktap-cases mutate 10000 100000
	$(MAKE) -C Tests/native generated FIRST_SEED=10000 PROGRAMS=10000
	$(MAKE) -C Tests/native fuzz BUNDLES="$$(tools/seed-bundles | tr '\n' ' ')"

clean:
	rm -rf .build .build-*
	[ ! -e Tests/native/Makefile ] || $(MAKE) -C Tests/native clean
