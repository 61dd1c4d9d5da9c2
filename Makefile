# `make` alone lists what there is to make.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DESTDIR ?=
TORTURE ?= --seconds 120
LEAKS ?=
SECONDS ?= 60
TARGETS ?=
CYCLES ?= 100
ONLY ?=
MODEL ?=
VERSION := $(shell sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -1)

BIN := $(CURDIR)/.build/release
DIST := $(CURDIR)/.build/dist
VENV := $(CURDIR)/.build/venv

bindir := $(PREFIX)/bin
libexecdir := $(PREFIX)/libexec
datadir := $(PREFIX)/share
# systemd looks for user units in lib/ of the system's prefixes, but in share/ of a user's own.
unitdir ?= $(if $(filter $(HOME)/.local,$(PREFIX)),$(datadir),$(PREFIX)/lib)/systemd/user

PROGRAMS := xpmd xpmctl xpm-keeper xpm-logger xpm-web
TEMPLATES := $(notdir $(wildcard share/xpmd/templates/*.toml))
# The package that hosts run, with its folders.
PACKAGE := $(shell cd share/xpmd/python 2>/dev/null && find xpmd -name '*.py' -o -name py.typed | sort)
MANUALS := xpmd.1 xpmctl.1 xpm-keeper.1 xpm-logger.1 xpm-web.1
SHELL_SCRIPTS := .ci/run $(wildcard scripts/*.sh)
SWIFT_SOURCES := Package.swift $(wildcard Sources Tests Examples Benchmarks/log-bench Benchmarks/log-read-bench Benchmarks/web-bench)

# Tests that are Swift's own tasks. The others wait on the threads that these would run on: beside them, tasks may starve.
TASK_TESTS := ^(XPMClientTests|XPMCommandsTests)\.|^IntegrationTests\.(HostingClientTests|WaitingClientTests)

##@ Every day
.PHONY: help deps build test test-python test-templates docs lint format demo torture leaks fuzz powercut model bench clean
help: ## list these targets
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo 'PREFIX=$(PREFIX) and DESTDIR=$(DESTDIR) set where install puts the files.'

deps: ## install missing Debian packages, with sudo unless you are root
	@scripts/deps.sh build test model

build: ## build xpmd, xpmctl, xpm-keeper, xpm-logger and xpm-web into .build/release
	@scripts/deps.sh build
	@scripts/check-swift.sh
	swift build -c release --static-swift-stdlib
	@# xpmd finds its templates beside itself, in ../share, wherever it is run from.
	@ln -sfn '$(CURDIR)/share' "$$(readlink -f '$(BIN)')/../share"
	@scripts/make-dist.sh '$(BIN)' '$(DIST)' '$(VERSION)'

demo: build $(VENV)-demo/.ready ## start a real TensorBoard, kill xpmd, see it keep running, open the web page
	@XPM_BIN='$(BIN)' VENV='$(VENV)-demo' scripts/demo.sh

test: deps build $(VENV)/.ready $(VENV)-older/.ready ## run all tests; prints one page, with VERBOSE=1 everything
	@BIN='$(BIN)' VENV='$(VENV)' TASK_TESTS='$(TASK_TESTS)' scripts/test-all.sh

PYTHON ?= python3
test-python: build ## test the Python package with another interpreter; PYTHON=python3.10
	'$(PYTHON)' -m venv --clear '$(VENV)-other'
	'$(VENV)-other/bin/pip' install --quiet --disable-pip-version-check --requirement scripts/requirements-demo.txt --requirement scripts/requirements-test.txt \
	    "$$(grep == scripts/experimaestro-versions | head -n 1)"
	PATH='$(VENV)-other/bin':"$$PATH" XPM_TEST_BIN='$(BIN)' '$(VENV)-other/bin/python' -m pytest -q protocol/python/tests

test-templates: build ## test every shipped template with its real tool behind the web page; ONLY='aim gradio' for these
	@scripts/deps.sh test
	scripts/test-templates.py --bin '$(BIN)' $(ONLY)

docs: ## write docs/templates.md anew, from the templates
	scripts/template_page.py

torture: build ## send random requests while everything is killed; TORTURE='--seconds 600 --seed 7 --busy 4'
	scripts/torture.py --bin '$(BIN)' $(TORTURE)

leaks: build ## send 10,000 random requests and look for leaks; LEAKS='--requests 100000 --seed 7'
	scripts/leaks.py --bin '$(BIN)' $(LEAKS)

fuzz: build $(VENV)/.ready ## feed every parser and the socket what nobody should send; SECONDS=600 for each, TARGETS='templates names'
	scripts/fuzz.py --seconds '$(SECONDS)' $(TARGETS)
	'$(VENV)/bin/python' scripts/fuzz-socket.py --bin '$(BIN)' --seconds '$(SECONDS)'

powercut: deps build ## cut the power of a file system while services start and logs rotate; as root, CYCLES=100
	scripts/powercut.py --bin '$(BIN)' --cycles '$(CYCLES)'

model: ## model-check the lifecycle; MODEL=--long for larger bounds
	@scripts/deps.sh model
	scripts/check-model.sh $(MODEL)

lint: $(VENV)/.ready ## check the format of the sources, as CI does
	@scripts/check-swift.sh
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	for script in $(SHELL_SCRIPTS); do bash -n "$$script"; done
	if command -v shellcheck >/dev/null; then shellcheck -x $(SHELL_SCRIPTS); fi
	cd protocol/python && '$(VENV)/bin/python' -m mypy --no-error-summary

format: ## format the Swift sources
	@scripts/check-swift.sh
	swift format --in-place --recursive $(SWIFT_SOURCES)

bench: build ## compare with other supervisors and plain C
	cd Benchmarks && ./run

clean: ## remove everything that was built, including the demo's Python packages
	rm -rf .build

##@ Installation
.PHONY: install uninstall
install: ## install to PREFIX (below DESTDIR)
	@case '$(PREFIX)' in /*) ;; *) echo 'cannot install: PREFIX=$(PREFIX) is not an absolute path' >&2; exit 1 ;; esac
	@case '$(PREFIX)' in *[[:space:]\|\&]*) echo 'cannot install: PREFIX=$(PREFIX) cannot stand in a unit file' >&2; exit 1 ;; esac
	@for program in $(PROGRAMS); do \
	    test -x "$(BIN)/$$program" || { echo "cannot install: $(BIN)/$$program is missing; run make build first" >&2; exit 1; }; \
	done
	install -d '$(DESTDIR)$(bindir)' '$(DESTDIR)$(libexecdir)/xpmd' '$(DESTDIR)$(datadir)/xpmd/templates' \
	    '$(DESTDIR)$(unitdir)' '$(DESTDIR)$(datadir)/man/man1' '$(DESTDIR)$(datadir)/bash-completion/completions' \
	    '$(DESTDIR)$(datadir)/zsh/site-functions' '$(DESTDIR)$(datadir)/fish/vendor_completions.d'
	install -m 755 $(PROGRAMS:%='$(BIN)/%') '$(DESTDIR)$(bindir)'
	backtracer='$(DIST)/swift-backtrace'; without=(); \
	if [ -f "$$backtracer" ]; then install -m 755 "$$backtracer" '$(DESTDIR)$(libexecdir)/xpmd/'; \
	else without=(-e '/SWIFT_BACKTRACE/d'); fi; \
	sed -e 's|@bindir@|$(bindir)|g; s|@libexecdir@|$(libexecdir)|g' "$${without[@]}" systemd/xpmd.service.in \
	    >'$(DESTDIR)$(unitdir)/xpmd.service'
	install -m 644 $(TEMPLATES:%=share/xpmd/templates/%) '$(DESTDIR)$(datadir)/xpmd/templates'
	for file in $(PACKAGE); do \
	    install -D -m 644 "share/xpmd/python/$$file" '$(DESTDIR)$(datadir)'"/xpmd/python/$$file"; \
	done
	chmod 644 '$(DESTDIR)$(unitdir)/xpmd.service'
	install -m 644 systemd/xpmd.socket '$(DESTDIR)$(unitdir)/xpmd.socket'
	install -m 644 $(MANUALS:%='$(DIST)/%.gz') '$(DESTDIR)$(datadir)/man/man1'
	install -m 644 '$(DIST)/xpmctl.bash' '$(DESTDIR)$(datadir)/bash-completion/completions/xpmctl'
	install -m 644 '$(DIST)/xpmctl.zsh' '$(DESTDIR)$(datadir)/zsh/site-functions/_xpmctl'
	install -m 644 '$(DIST)/xpmctl.fish' '$(DESTDIR)$(datadir)/fish/vendor_completions.d/xpmctl.fish'

uninstall: ## remove what install installed
	rm -f $(PROGRAMS:%='$(DESTDIR)$(bindir)/%') '$(DESTDIR)$(libexecdir)/xpmd/swift-backtrace' \
	    $(TEMPLATES:%='$(DESTDIR)$(datadir)/xpmd/templates/%') $(PACKAGE:%='$(DESTDIR)$(datadir)/xpmd/python/%') \
	    '$(DESTDIR)$(unitdir)/xpmd.service' '$(DESTDIR)$(unitdir)/xpmd.socket' \
	    $(MANUALS:%='$(DESTDIR)$(datadir)/man/man1/%.gz') \
	    '$(DESTDIR)$(datadir)/bash-completion/completions/xpmctl' \
	    '$(DESTDIR)$(datadir)/zsh/site-functions/_xpmctl' \
	    '$(DESTDIR)$(datadir)/fish/vendor_completions.d/xpmctl.fish'
	@# What Python has compiled of the package goes with it; then the folders, inner ones first, that are empty.
	test ! -d '$(DESTDIR)$(datadir)/xpmd/python' || { \
	    find '$(DESTDIR)$(datadir)/xpmd/python' -path '*/__pycache__/*.pyc' -delete; \
	    find '$(DESTDIR)$(datadir)/xpmd/python' -depth -type d -empty -delete; }
	for folder in '$(DESTDIR)$(libexecdir)/xpmd' '$(DESTDIR)$(datadir)/xpmd/templates' '$(DESTDIR)$(datadir)/xpmd'; do \
	    test ! -d "$$folder" || rmdir --ignore-fail-on-non-empty "$$folder"; \
	done

$(VENV)-demo/.ready: scripts/requirements-demo.txt
	@scripts/deps.sh demo
	@echo 'installing TensorBoard into $(VENV)-demo'
	@python3 -m venv --clear '$(VENV)-demo'
	@'$(VENV)-demo/bin/pip' install --quiet --disable-pip-version-check --requirement scripts/requirements-demo.txt
	@touch '$@'

$(VENV)/.ready: scripts/requirements-test.txt scripts/requirements-demo.txt scripts/experimaestro-versions
	@scripts/deps.sh test
	python3 -m venv --clear '$(VENV)'
	'$(VENV)/bin/pip' install --quiet --disable-pip-version-check --requirement scripts/requirements-demo.txt --requirement scripts/requirements-test.txt \
	    "$$(grep == scripts/experimaestro-versions | head -n 1)"
	touch '$@'

$(VENV)-older/.ready: scripts/requirements-test.txt scripts/requirements-demo.txt scripts/experimaestro-versions
	@scripts/deps.sh test
	python3 -m venv --clear '$(VENV)-older'
	'$(VENV)-older/bin/pip' install --quiet --disable-pip-version-check --constraint scripts/requirements-test.txt pytest pytest-xdist \
	    "$$(grep == scripts/experimaestro-versions | tail -n 1)"
	touch '$@'
