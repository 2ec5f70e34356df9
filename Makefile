# make demo   sets everything up, makes a sample ministry, checks it, and says where the report is
# make test   sets everything up and runs every test
# make check  lint, types, structure, spelling
# make bench  measures speed against a floor and peers, in one run
# make docs   builds the documentation

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo-out

.PHONY: demo test check bench docs scan lock messages clean

demo: $(VENV)/.product
	$(BIN)/phaseout demo $(DEMO)
	$(BIN)/phaseout check $(DEMO)/logs --directive $(DEMO)/directive.yaml --people $(DEMO)/staff.csv \
	    --waivers $(DEMO)/waivers.yaml --timezone Europe/Moscow --at 2026-11-01 \
	    --html $(DEMO)/report.html --jsonl $(DEMO)/findings.jsonl --rejects $(DEMO)/rejected.jsonl
	@echo
	@echo "The report: $(CURDIR)/$(DEMO)/report.html"

test: $(VENV)/.all
	PYTHON=$(CURDIR)/$(BIN)/python tools/debian-packages tests/debian-packages.txt
	$(MAKE) --no-print-directory scan
	$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)
	$(MAKE) --no-print-directory docs

check: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/codespell -D - -D tools/british-spelling.txt

bench: $(VENV)/.all
	tools/debian-packages bench/debian-packages.txt
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(MAKE) --no-print-directory scan
	$(BIN)/python bench/check.py
	$(BIN)/python bench/readers.py
	$(BIN)/python bench/gate.py

docs: $(VENV)/.all
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

# A virtual environment without ensurepip, which bare Debian lacks; the machine's own pip fills it.
$(VENV)/bin/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.product: requirements/product.txt pyproject.toml hatch_build.py $(wildcard src/phaseout/logs/scan*.[ch]) $(VENV)/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r requirements/product.txt
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.all: requirements/all.txt pyproject.toml hatch_build.py $(wildcard src/phaseout/logs/scan*.[ch]) $(VENV)/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r requirements/all.txt
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.product

# Compiles the scan of access logs where installing found no compiler, and there is one now.
scan:
	test -e src/phaseout/logs/libscan.so || ! command -v cc >/dev/null || \
	    $(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

# Locks what pyproject.toml asks for, with hashes and without addresses; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --extra all --group build pyproject.toml -o requirements/product.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --extra all --group build --group test --group check --group docs pyproject.toml -c requirements/product.txt \
	    -o requirements/all.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --group bench pyproject.toml -c requirements/all.txt -o requirements/bench.txt

clean:
	rm -rf $(VENV) $(DEMO) docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Compiles what refused people read in other languages; needs gettext.
messages:
	for each in src/phaseout/gate/locale/*/LC_MESSAGES/gate.po; do msgfmt --check-format -o $${each%.po}.mo $$each; done
