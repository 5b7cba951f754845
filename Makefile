# The front door. `make help` says what each target is for.

PYTHON ?= python3
BASE   ?= raspberrypi
IMAGE  ?= dist/inkvm-$(BASE).img.zst
LISTEN ?= localhost
PORT   ?= 8443
SEED   ?= 1743

VENV := build/venv
PY   := $(VENV)/bin/python

# The image has Debian's Tornado, and PyPI's newest treats sockets differently: they are tested with both.
DEBIANS := build/tornado-6.4.2

# Debian and Ubuntu packages by purpose; `need` installs what is missing.
SYSTEM_RUN   := python3-venv fonts-terminus-otb libxkbcommon0 xkb-data libx11-data
SYSTEM_CHECK := python3-venv shellcheck
SYSTEM_TEST  := $(SYSTEM_RUN) gcc libc6-dev python3-dev chromium nodejs openssl iproute2 edid-decode mmdebstrap qemu-system-x86 e2fsprogs fdisk zstd debian-archive-keyring
SYSTEM_FLASH := python3 zstd
SYSTEM_TWICE := faketime
SYSTEM_QEMU  := dosfstools fonts-terminus-otb iproute2 dnsmasq-base dbus avahi-daemon avahi-utils
SYSTEM_IMAGE := python3-venv mmdebstrap qemu-user-static qemu-system-arm mtools zstd openssh-client debian-archive-keyring

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

test: test-packages $(VENV)/board $(DEBIANS)/ready ## units, contracts, browser and the kernel's drivers in a virtual machine
	$(PY) -m pytest --ignore=tests/qemu
	PYTHONPATH=$(DEBIANS) $(PY) -m pytest -q $(addprefix tests/app/web/test_,lane.py places.py sockets.py ws_control.py ws_stream.py)
	$(PY) -m tests.kernel.bench

soak: test-packages image-packages qemu-packages twice-packages $(VENV)/board ## the full counts: long, hostile and slow; SEED=1743
	@git log -1 --format='commit %h'; echo 'effort 20, seed $(SEED) for hypothesis, the others are the tests own'
	INKVM_EFFORT=20 $(PY) -m pytest -q -s -rs --hypothesis-seed=$(SEED) tests/app/firstrun tests/app/hid tests/app/stream tests/app/web tests/links \
	    tests/epaper/test_life.py tests/epaper/test_view.py tests/epaper/test_policy.py tests/app/video/test_states.py
	INKVM_EFFORT=20 $(PY) -m tests.kernel.bench --time-limit 7200 -s \
	    tests/kernel/guest/test_switches.py tests/kernel/guest/test_apply.py tests/kernel/guest/test_paste.py \
	    tests/kernel/guest/test_typing.py
	INKVM_EFFORT=20 $(PY) -m tests.kernel.bench --time-limit 3600 tests/kernel/guest/test_names.py tests/kernel/guest/test_setup.py tests/kernel/guest/test_wifi.py \
	    tests/kernel/guest/test_cable.py tests/kernel/guest/test_customisation.py tests/kernel/guest/test_registry.py
	$(PY) -m tests.image.twice
	INKVM_EFFORT=20 $(PY) -m pytest -q -s -rs tests/qemu/scenarios

bench: test-packages $(VENV)/ready ## ratios against peers and limits, in one run; output goes to docs/measurements/bench
	$(PY) -m tests.bench

check: check-packages $(VENV)/ready ## format, lint, types, shell scripts, direction of imports, the firmware's settings
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	git ls-files -z | xargs -0 grep -slE '^#!/(usr/bin/env |bin/)(ba)?sh' | xargs -r shellcheck
	$(PY) -m pytest -q tests/test_imports.py
	$(PY) -m image.firmware

image: image-packages ## the SD-card image; BASE=debian for the one that boots in QEMU; LOCKED=1 for the locked packages or none
	image/build $(BASE)

twice: image-packages twice-packages $(VENV)/ready ## builds the Debian image here and as another machine would: the same to the bit, or what differs
	$(PY) -m tests.image.twice

pi-gen: image-packages $(VENV)/ready ## lets pi-gen run the stages on the Debian base and compares; PIGEN=/path/to/its/checkout
	image/build debian
	PIGEN=$(PIGEN) image/build debian pi-gen
	$(PY) -m tests.image.runners

lock: image-packages ## accepts the packages that the mirror has now (BASE=raspberrypi: those of the last build) as the lock
	image/build $(BASE) lock

test-image: image-packages qemu-packages $(VENV)/ready ## boots dist/inkvm-debian.img.zst in QEMU and uses it from outside; INKVM_EFFORT=2 for the long stories as well
	$(PY) -m pytest tests/qemu

vm: image-packages ## boots that image in QEMU, on https://localhost:8443
	image/vm

flash: flash-packages ## writes the image to a card and reads it back; DEV=/dev/sdX, IMAGE=FILE
	@$(PYTHON) -B -m image.flash $(DEV) --image '$(IMAGE)'

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

flash-packages:
	$(call need,$(SYSTEM_FLASH))

twice-packages:
	$(call need,$(SYSTEM_TWICE))

qemu-packages:
	$(call need,$(SYSTEM_QEMU))

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

$(DEBIANS)/ready: $(VENV)/ready
	$(PY) -m pip install -q --disable-pip-version-check --no-deps --upgrade --target $(@D) tornado==6.4.2
	touch $@

.PHONY: help run test soak bench check image twice pi-gen lock test-image vm flash pictures clean run-packages test-packages check-packages twice-packages flash-packages qemu-packages image-packages
