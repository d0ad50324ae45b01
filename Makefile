# Everything a contributor or CI types. Each target first makes sure that .venv is there and up to date.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BENCH_READY := .venv/.bench-ready

.PHONY: install demo test check lint types layers bench bench-growth bench-watches bench-overload soak docs words pictures pins clean

install: $(READY)

$(READY): requirements.txt requirements-dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (about a minute the first time)" >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable . >&2
	@touch $@
	@echo "Done. Try: $(BIN)/faxbot demo" >&2

demo: install
	@$(BIN)/faxbot demo

# Two at a time, a file to each: they mostly wait for sockets, and many of them for a part of a second only.
test: install
	@$(BIN)/pytest -n 2 --dist loadfile

# pytest comes last, so that its closing line ends the run.
check: lint types layers test

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install
	@$(BIN)/mypy

layers: install
	@$(BIN)/lint-imports

# Faxbot against what one would write instead, and against the limit; a quarter of an hour, into bench/RESULTS.md.
# Figures are worth something on a machine that does nothing else; `make bench QUICK=1` takes two minutes.
bench: $(BENCH_READY)
	@$(BIN)/python -m bench $(if $(QUICK),--quick)

# What a command costs as there is more of this and that: a plot each, into bench/RESULTS.md too.
bench-growth: $(BENCH_READY)
	@$(BIN)/python -m bench.growth $(if $(QUICK),--quick)

$(BENCH_READY): $(READY) requirements-bench.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-bench.txt >&2
	@touch $@

# Ten thousand watches against the whole bot, in minutes: what they cost, and how soon all are told.
bench-watches: install
	@$(BIN)/python -m bench.watches

# Acks and sheds at 1, 2 and 4 times the load that the bot can serve.
bench-overload: install
	@$(BIN)/python -m bench.overload

# Two hundred kills for each database, then ten minutes of everything at once; docs/reliability.md has figures.
soak: install
	@SOAK_ROUNDS=200 $(BIN)/pytest tests/watches/processes -s -q
	@$(BIN)/python -m bench.soak --minutes 10 --rate 71

# docs/causes.md, from the data files of bot/triage.
docs: install
	@$(BIN)/python -m bot.triage.docs > docs/causes.md

# The catalogs of bot/locale: what is new in the code comes in, what is translated is compiled. The template keeps no
# time of day, so that it changes with the sentences alone.
LOCALE := bot/locale
words: install
	@$(BIN)/pybabel --quiet extract --keyword marked --add-location file --width 120 \
		--header-comment "# The sentences of Faxbot, as they stand in the code." --project Faxbot --version sentences \
		--msgid-bugs-address docs/languages.md --last-translator Faxbot --output $(LOCALE)/faxbot.pot bot
	@sed -i.bak -e '/^"POT-Creation-Date:/d' -e '/^"PO-Revision-Date:/d' -e '/^"Language-Team:/s/ <.*>//' $(LOCALE)/faxbot.pot
	@rm $(LOCALE)/faxbot.pot.bak
	@$(BIN)/pybabel --quiet update --domain faxbot --input-file $(LOCALE)/faxbot.pot --output-dir $(LOCALE) \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120
	@$(BIN)/pybabel --quiet compile --domain faxbot --directory $(LOCALE)

# The README's pictures, taken from the running demo by the system's Chromium.
pictures: install
	@$(BIN)/python -m playground.pictures

# Exact versions with hashes, from the ranges in pyproject.toml.
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe
pins:
	@$(PIP_COMPILE) --output-file requirements.txt pyproject.toml
	@$(PIP_COMPILE) --extra bench --constraint requirements.txt --output-file requirements-bench.txt pyproject.toml
	@$(PIP_COMPILE) --extra dev --extra mcp --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
