# Every target bootstraps .venv by itself; all it needs is Python 3.11 or newer and make (and Go for test-kube).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.PHONY: demo test check test-kube bench lock clean

demo: $(STAMP)          ## three simulated clusters, a Helm release, an override, a cut cable; stays up until Ctrl-C
	$(BIN)/flotilla demo $(ARGS)

test: $(STAMP)          ## unit, contract and flow tests against a real nats-server; needs nothing but Python
	$(BIN)/python -m pytest -m "not kube" $(ARGS)

check: $(STAMP)         ## format, lint, types, layers, sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.gates

test-kube: $(STAMP)     ## the same contracts and scenarios on real kube-apiservers and two kubectls
	$(BIN)/python -m pytest -m kube $(ARGS)

bench: $(STAMP)         ## every benchmark there is, each between two looks at what the machine itself can do
	$(BIN)/python -m tests.bench $(ARGS)

lock: $(STAMP)          ## re-resolve the hashed locks after a change of dependencies
	$(BIN)/python -m tests.lock

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .hypothesis

$(STAMP): pyproject.toml deploy/requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit("Flotilla needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
