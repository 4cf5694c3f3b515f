# Each verb sets up what it needs in an environment of its own, .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: bench test check data speed docs freeze clean

bench: $(VENV)/.bench  ## run every offline baseline over the gold and print the leaderboard
	$(BIN)/tripoli run rules crf --out runs/bench --fresh
	$(BIN)/tripoli score runs/bench --with seqeval

test: $(VENV)/.test  ## the test suite
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.check  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

data: $(VENV)/.bench  ## checksums and contract of the gold
	$(BIN)/tripoli data verify

speed: $(VENV)-speed/.speed  ## measure beside the peers, in an environment of its own, and write benchmarks/speed.md
	$(VENV)-speed/bin/python benchmarks/speed

docs: $(VENV)/.test  ## write the figures in the documents anew
	UPDATE_DOCS=1 $(BIN)/python -m pytest -q tests/test_docs.py

freeze: $(VENV)/.bench  ## after a deliberate change of the data: schema and checksums anew
	$(BIN)/tripoli data schema > annotations/schema/document.schema.json
	cd annotations && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > ../SHA256SUMS.new
	mv SHA256SUMS.new annotations/SHA256SUMS

clean:
	rm -rf $(VENV) $(VENV)-speed runs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or later is needed; name one with make PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "python3 -m venv failed; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# A stamp an extra: pip runs again only when pyproject.toml has changed.
$(VENV)/.bench: EXTRAS = crf
$(VENV)/.test: EXTRAS = crf,test
$(VENV)/.check: EXTRAS = crf,test,check
$(VENV)/.%: pyproject.toml | $(BIN)/python
	$(RUN) install --editable '.[$(EXTRAS)]'
	@touch $@

$(VENV)-speed/.speed: pyproject.toml benchmarks/speed/requirements.txt
	$(PYTHON) -m venv $(VENV)-speed
	$(VENV)-speed/bin/python -m pip --disable-pip-version-check --quiet install --editable . -r benchmarks/speed/requirements.txt
	@touch $@
