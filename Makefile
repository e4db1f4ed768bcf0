# `make` alone lists what can be done. Everything lives in .venv and in the cache; nothing is installed system-wide.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run-installed
DEV := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.PHONY: help demo ward test test-picamera2 test-v4l2 test-boot test-arm64 test-deb bundle deb check bench assets faults fuzz clean reference

help: ## list the targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 26

$(RUN): setup.py pyproject.toml
	@echo "Setting up $(VENV) (once, some minutes) / Đang chuẩn bị $(VENV) (một lần, vài phút)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) # a venv that was broken off has a python but no pip
	@$(BIN)/pip install -qq --disable-pip-version-check --editable '.[assets,cards]'
	@touch $@

$(DEV): $(RUN)
	@echo "Adding the developers' tools / Đang thêm công cụ phát triển"
	@$(BIN)/pip install -qq --disable-pip-version-check --editable '.[assets,dev]'
	@touch $@

demo: $(RUN) ## run the whole node on a street video (VIDEO= MODEL= CAMERA=/dev/video0 RTSP=rtsp://…)
	@$(BIN)/python -m deploy.demo $(if $(VIDEO),--video '$(VIDEO)') $(if $(MODEL),--model '$(MODEL)') \
	  $(if $(CAMERA),--camera '$(CAMERA)') $(if $(RTSP),--rtsp '$(RTSP)') $(DEMO_ARGS)

ward: $(RUN) ## run a whole ward here, and a node's identity to try it with (WARD_ARGS='--ward phuong-1')
	@$(BIN)/python -m deploy.ward run $(WARD_ARGS)

test: $(DEV) ## set up what is missing and run all tests
	@$(BIN)/python -m deploy.prepare
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

test-picamera2: $(DEV) ## Raspberry Pi cameras on the real picamera2 and libcamera (root, some minutes once)
	@PICAMERA2=1 $(BIN)/python -m pytest tests/capture/test_picamera2_real.py -v $(PYTEST_ARGS)

test-v4l2: $(DEV) ## USB cameras against a real kernel, in an emulated machine (root, some minutes)
	@$(BIN)/python -m tests.v4l2.machine $(PYTEST_ARGS)

test-boot: $(DEV) ## from a stock image to a node that told its birth, in a machine of its own (root, some minutes)
	@$(BIN)/python -m deploy.assets all
	@BOOT=1 $(BIN)/python -m pytest tests/deploy/boot -s $(PYTEST_ARGS)

test-arm64: $(DEV) ## the bundle on an emulated ARM processor: installed offline, the same events as here (root, 20 min)
	@$(BIN)/python -m tests.deploy.boot.arm64 $(SECONDS_OF_VIDEO)

test-deb: $(DEV) ## the Debian package in a fresh Debian 13: install, upgrade, remove, purge (root, some minutes)
	@DEB=1 $(BIN)/python -m pytest tests/deploy/test_deb.py $(PYTEST_ARGS)

bundle: $(RUN) ## everything a node installs, as one offline file (ARCH=aarch64 PY=3.13 OUT=dist KEY=minisign.key)
	@$(BIN)/python -m deploy.bundle build --arch $(or $(ARCH),aarch64) --python $(or $(PY),3.13) \
	  --out $(or $(OUT),dist) $(if $(KEY),--key '$(KEY)')

deb: $(RUN) ## Debian packages for arm64 and amd64 around it (PY=3.13 OUT=dist KEY=minisign.key)
	@$(BIN)/python -m deploy.deb --python $(or $(PY),3.13) --out $(or $(OUT),dist) $(if $(KEY),--key '$(KEY)')

check: $(DEV) ## what CI runs: format, lint, types, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

bench: $(DEV) ## every figure of the README, quickly (NAME=detection for one in full)
	@$(BIN)/python -m bench $(if $(NAME),$(NAME),all --quick)

assets: $(RUN) ## fetch and check the model and the street video (cached outside the tree)
	@$(BIN)/python -m deploy.assets all

faults: $(DEV) ## break one thing at a time and print the table
	@$(BIN)/python -m deploy.prepare
	@FAULTS=1 FAULT_SEED=$(SEED) $(BIN)/python -m pytest --faults --junitxml=faults.xml $(PYTEST_ARGS)

fuzz: $(DEV) ## send mutated commands at the door for five minutes (SECONDS=300)
	@$(BIN)/python -m pip install --quiet --editable ".[fuzz]"
	@$(BIN)/python -m tests.commands.fuzz_door $(or $(SECONDS),300)

reference: $(DEV) # writes the pages that are made from the code; tests compare them
	@$(BIN)/python -m agent.contract.asyncapi docs/reference/mqtt
	@$(BIN)/python -m agent.config.reference docs/guide
	@$(BIN)/python -m agent.cli.man docs/reference

clean: ## remove the virtual environment and caches in the tree
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
