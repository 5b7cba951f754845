# The front door. `make help` says what each target is for.

PYTHON ?= python3
BASE   ?= raspberrypi
LISTEN ?= localhost
PORT   ?= 8443

VENV := build/venv
PY   := $(VENV)/bin/python

# The modules of tests/bench that can be run by themselves.
BENCHES := delivery panel

# Debian and Ubuntu packages by purpose; `need` installs what is missing.
SYSTEM_RUN   := python3-venv fonts-terminus-otb
SYSTEM_CHECK := python3-venv shellcheck
SYSTEM_TEST  := $(SYSTEM_RUN) gcc libc6-dev python3-dev chromium nodejs openssl iproute2 mmdebstrap qemu-system-x86 e2fsprogs debian-archive-keyring
SYSTEM_IMAGE := python3-venv mmdebstrap qemu-user-static qemu-system-arm mtools zstd debian-archive-keyring

# $(call need,PACKAGES): install them when root, otherwise print the line that does.
define need
@missing=; for package in $(1); do \
    dpkg-query -W -f='$${db:Status-Status}\n' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
done; \
[ -z "$$missing" ] && exit 0; \
if [ "$$(id -u)" != 0 ]; then echo "missing packages, install them first: sudo apt-get install$$missing" >&2; exit 1; fi; \
apt-get update -q; available=; for package in $$missing; do \
    if apt-cache show $$package >/dev/null 2>&1; then available="$$available $$package"; \
    else echo "not available on this system: $$package; what needs it is skipped" >&2; fi; \
done; \
[ -z "$$available" ] || DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$available
endef

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: run-packages $(VENV)/ready ## the appliance on this machine with a simulated board and target
	@mkdir -p build/run
	@$(PY) -m epaper --socket build/run/status.sock --settings build/run/settings.toml --state build/run \
	    --runtime build/run --simulate build/run/glass.png & panel=$$!; \
	trap 'kill $$panel; wait $$panel' EXIT; trap : INT TERM; \
	$(PY) -m app --simulate --listen $(LISTEN) --port $(PORT) --state build/run --runtime build/run $(ARGS)

test: test-packages $(VENV)/board ## units, contracts, browser and the kernel's drivers in a virtual machine
	$(PY) -m pytest --ignore=tests/qemu
	$(PY) -m tests.kernel.bench

soak: test-packages $(VENV)/board ## the full counts: long, hostile and slow
	@git log -1 --format='commit %h'; echo 'effort 20, seeds are the tests own'
	INKVM_EFFORT=20 $(PY) -m pytest -q -s -rs tests/app/stream tests/app/web tests/links \
	    tests/epaper/test_life.py tests/epaper/test_view.py tests/epaper/test_policy.py

bench: test-packages $(VENV)/ready ## ratios against peers and limits, in one run; output goes to docs/measurements
	@mkdir -p docs/measurements; set -e; for bench in $(BENCHES); do \
	    { $(PY) -m tests.bench.$$bench; echo; git log -1 --format='Taken at commit %h.'; } > build/$$bench.md; \
	    cat build/$$bench.md; mv build/$$bench.md docs/measurements/$$bench.md; \
	done

check: check-packages $(VENV)/ready ## format, lint, types, shell scripts, direction of imports
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	git ls-files -z | xargs -0 grep -slE '^#!/(usr/bin/env |bin/)(ba)?sh' | xargs -r shellcheck
	$(PY) -m pytest -q tests/test_imports.py

image: image-packages ## the SD-card image; BASE=debian for the one that boots in QEMU
	image/build $(BASE)

test-image: image-packages $(VENV)/ready ## boots dist/inkvm-debian.img.zst in QEMU and uses it from outside
	$(PY) -m pytest tests/qemu

vm: image-packages ## boots that image in QEMU, on https://localhost:8443
	image/vm

pictures: test-packages $(VENV)/ready ## the pictures of the README
	$(PY) -m tests.browser.screenshot
	$(PY) -m tests.epaper.pictures

clean: ## removes what was built
	rm -rf build dist

run-packages:
	$(call need,$(SYSTEM_RUN))

test-packages:
	$(call need,$(SYSTEM_TEST))

check-packages:
	$(call need,$(SYSTEM_CHECK))

image-packages:
	$(call need,$(SYSTEM_IMAGE))

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --disable-pip-version-check -e '.[dev]'
	touch $@

# The panel's wires as on a board: spidev comes as a source that has to be compiled.
$(VENV)/board: $(VENV)/ready
	$(PY) -m pip install -q --disable-pip-version-check -e '.[dev,board]'
	touch $@

.PHONY: help run test soak bench check image test-image vm pictures clean run-packages test-packages check-packages image-packages
