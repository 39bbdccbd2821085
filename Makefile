# Every task of the project. Set-up steps are silent when there is nothing to do. What they install goes to SARAI_HOME
# (default ~/.local/share/sarai), which all clones share.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL: # the steps of a task depend on each other, and swift build uses all cores by itself
.DEFAULT_GOAL := help

PREFIX ?= $(HOME)/.local
DATA := $(or $(SARAI_HOME),$(or $(XDG_DATA_HOME),$(HOME)/.local/share)/sarai)
TOOLS := $(DATA)/python/tools/bin
CLIENTS := $(DATA)/python/clients/bin
RELEASE := .build/release/sarai
CHAOS := .build/release/sarai-chaos
# For make: the program with Swift's libraries inside, which runs where there is no Swift.
STATIC := RELEASE=.build-static/release/sarai BUILD_OPTIONS="--static-swift-stdlib --scratch-path .build-static"
SWIFT_SOURCES := Package.swift $(wildcard Package.resolved) $(shell find Sources -type f)
SWIFT_FOLDERS := $(wildcard Package.swift Sources Tests Examples benchmarks)
PYTHON_FOLDERS := tools benchmarks Tests/Acceptance training Sources
# Suites with limits of time, which those that keep all cores busy would exceed for them.
TIMED_TESTS := ^(SaraiBackendsTests|SaraiChaosTests|SaraiSearchTests|SaraiTests)
SCRIPTS := .ci/run $(wildcard scripts/*.sh benchmarks/*.sh)

.PHONY: help
help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## install what is missing, build, and serve the quick start on 127.0.0.1:11435
	@scripts/setup-engine.sh
	@scripts/setup-models.sh
	@scripts/setup-speech.sh
	@$(MAKE) --silent build
	@exec scripts/run.sh

.PHONY: build
build: $(RELEASE) ## build the release binary, .build/release/sarai

# A file target: asking SwiftPM whether anything changed takes longer than starting the daemon.
$(RELEASE): $(SWIFT_SOURCES)
	@scripts/setup-libraries.sh
	swift build --configuration release --product sarai $(BUILD_OPTIONS)
	@touch $@

$(CHAOS): $(SWIFT_SOURCES)
	@scripts/setup-libraries.sh
	swift build --configuration release --product sarai-chaos
	@touch $@

.PHONY: test
test: ## install what is missing and run all tests
	@scripts/setup-engine.sh
	@scripts/setup-models.sh
	@scripts/setup-speech.sh
	@scripts/setup-clients.sh
	@scripts/setup-browser.sh
	@scripts/setup-libraries.sh
	swift build --build-tests
	swift test --skip-build --skip '$(TIMED_TESTS)'
	# Many workers share this machine's cores in the tests: they must not spin while they wait.
	GOMP_SPINCOUNT=1000 swift test --skip-build --filter '$(TIMED_TESTS)'
	SARAI_BIN="$$(swift build --show-bin-path)/sarai" PYTHONDONTWRITEBYTECODE=1 \
		$(CLIENTS)/python -m pytest -p no:cacheprovider Tests/Acceptance

.PHONY: check
check: ## look for wrong format, hidden dependencies and faults in scripts; warnings are errors
	@scripts/setup-tools.sh
	@scripts/setup-libraries.sh
	swift format lint --strict --recursive --parallel $(SWIFT_FOLDERS)
	$(TOOLS)/ruff check --no-cache $(PYTHON_FOLDERS)
	$(TOOLS)/ruff format --no-cache --check $(PYTHON_FOLDERS)
	$(TOOLS)/shellcheck --external-sources --source-path SCRIPTDIR $(SCRIPTS)
	swift build --explicit-target-dependency-import-check error

.PHONY: fmt
fmt: ## format Swift and Python
	@scripts/setup-tools.sh
	swift format --in-place --recursive --parallel $(SWIFT_FOLDERS)
	$(TOOLS)/ruff check --no-cache --fix --quiet $(PYTHON_FOLDERS)
	$(TOOLS)/ruff format --no-cache $(PYTHON_FOLDERS)

.PHONY: bench
bench: build $(CHAOS) ## run the benchmarks
	@benchmarks/run.sh

.PHONY: bench-memory
bench-memory: ## prove the memory plan on models of real size, 25 minutes; BENCH="--only unload" for a part
	@scripts/setup-engine.sh
	@scripts/setup-models.sh --mission
	@$(MAKE) --silent build
	@PYTHONDONTWRITEBYTECODE=1 python3 benchmarks/memory.py --sarai $(RELEASE) $(BENCH)

.PHONY: bench-failover
bench-failover: build $(CHAOS) ## measure what a failover costs, 2 minutes; a quiet machine
	@scripts/setup-engine.sh
	@scripts/setup-models.sh
	@PYTHONDONTWRITEBYTECODE=1 python3 benchmarks/failover.py --sarai $(RELEASE) --chaos $(CHAOS)

.PHONY: soak
soak: build $(CHAOS) ## let everything break at random for 10 minutes, and count; SOAK="--seconds 120" for less
	@scripts/setup-engine.sh
	@scripts/setup-models.sh
	@PYTHONDONTWRITEBYTECODE=1 python3 benchmarks/soak.py --sarai $(RELEASE) --chaos $(CHAOS) $(SOAK)

.PHONY: train-router
train-router: ## train the router from training/data, 30 minutes; EMBEDDING=FILE.gguf: a head for another embedding
	@scripts/setup-engine.sh
	@scripts/setup-models.sh
	@scripts/setup-training.sh
	@PYTHONDONTWRITEBYTECODE=1 $(DATA)/python/training/bin/python -m training $(if $(EMBEDDING),--embedding "$(EMBEDDING)")

.PHONY: docs
docs: build ## write the pages that are generated from the code
	@mkdir -p docs
	$(RELEASE) config schema --markdown > .build/configuration.md
	@mv .build/configuration.md docs/configuration.md
	$(RELEASE) metrics --reference > .build/metrics.md
	@mv .build/metrics.md docs/metrics.md

.PHONY: screenshots
screenshots: build $(CHAOS) ## take the pictures of the web page anew, for docs/images
	@scripts/setup-engine.sh
	@scripts/setup-models.sh
	@scripts/setup-clients.sh
	@scripts/setup-browser.sh
	SARAI_BIN=$(RELEASE) PYTHONDONTWRITEBYTECODE=1 $(CLIENTS)/python Tests/Acceptance/screenshots.py docs/images

.PHONY: install
install: build ## install sarai, its manual and completions below PREFIX (default ~/.local)
	DESTDIR="$(DESTDIR)" scripts/install.sh install $(RELEASE) "$(PREFIX)"

.PHONY: uninstall
uninstall: ## remove what install has put below PREFIX
	DESTDIR="$(DESTDIR)" scripts/install.sh uninstall "$(PREFIX)"

.PHONY: deb
deb: ## build the Debian package, in .build-static/packages; 9 minutes
	@$(MAKE) --silent build $(STATIC)
	@MAKE_STATIC='$(STATIC)' scripts/package.sh deb

.PHONY: dist
dist: ## build the archive of a release, in .build-static/packages; 9 minutes
	@$(MAKE) --silent build $(STATIC)
	@MAKE_STATIC='$(STATIC)' scripts/package.sh archive

.PHONY: deb-test
deb-test: deb ## install, run and remove the package in a fresh Debian, 3 minutes; needs root
	@scripts/setup-engine.sh
	@scripts/setup-models.sh
	@scripts/test-deb.sh

.PHONY: clean
clean: ## remove what swift build made; SARAI_HOME stays
	rm -rf .build .build-static
