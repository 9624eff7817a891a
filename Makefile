# The one command surface; hooks and CI call the same targets. Works with make 3.81 and any POSIX sh.
#   make run            start at http://127.0.0.1:8000 (PORT=8001 for another one)
#   make test           everything: Python on SQLite and on Postgres + Redis, TypeScript, browser
#   make check          static checks, under a minute; `make fix` mends what can be mended
PORT ?= 8000
PYTHON ?=
SHELL = /bin/sh

python = .venv/bin/python
checks = check-style check-types check-imports check-templates check-schema check-page check-house

.PHONY: run setup setup-dev test test-python test-services test-page test-browser test-chaos test-deploy check $(checks) fix types seed bench bench-people bench-threads bench-reading bench-reconnecting bench-lighthouse bench-operations bench-gateway pictures messages lock clean

run:
	@PYTHON='$(PYTHON)' PORT='$(PORT)' exec sh scripts/run.sh

setup:
	@PYTHON='$(PYTHON)' sh scripts/setup.sh

setup-dev:
	@PYTHON='$(PYTHON)' sh scripts/setup.sh dev

test: setup-dev
	@sh scripts/node.sh $(python) -m tests

test-python test-services test-page test-browser test-chaos test-deploy: setup-dev
	@sh scripts/node.sh $(python) -m tests $@

check: setup-dev
	@$(MAKE) -s $(checks)
	@echo 'All checks passed.'

check-style:
	$(python) -m ruff check .
	$(python) -m ruff format --check .

check-types:
	$(python) -m mypy .

check-imports:
	.venv/bin/lint-imports --no-logo --cache-dir .import_linter_cache

check-templates:
	$(python) -m djlint templates --lint --quiet

check-schema:
	$(python) manage.py check --fail-level WARNING
	$(python) manage.py makemigrations --check --dry-run

check-page:
	sh scripts/node.sh npm run --silent check
	sh scripts/node.sh $(python) manage.py export_event_types --check

check-house:
	$(python) -m pytest -q tests/architecture config/tests/test_guides.py

fix: setup-dev
	$(python) -m ruff check --fix .
	$(python) -m ruff format .
	sh scripts/node.sh npm run --silent fix

types: setup-dev
	sh scripts/node.sh $(python) manage.py export_event_types

seed: setup
	$(python) manage.py seed_demo

bench: setup-dev
	sh scripts/node.sh $(python) -m benchmarks

# What pages cost in a team of 1,000 against one of 10; a part of `make bench`.
bench-people: setup-dev
	$(python) -m benchmarks people

# What lists and search cost with 10,000 conversations against 100; a part of `make bench`.
bench-threads: setup-dev
	$(python) -m benchmarks threads

# What the page costs whoever reads, in Chromium; a part of `make bench`.
bench-reading: setup-dev
	sh scripts/node.sh $(python) -m benchmarks reading

# How soon a tab that lost its connection is back; a part of `make bench`.
bench-reconnecting: setup-dev
	$(python) -m benchmarks reconnecting

# What the call log costs with 1,000,000 calls; a part of `make bench`.
bench-operations: setup-dev
	$(python) -m benchmarks operations

# Our client beside LiteLLM's proxy, which is installed into var/litellm-proxy the first time; a part of `make bench`.
bench-gateway: setup-dev
	$(python) -m benchmarks gateway

# Lighthouse's scores of the landing page and a conversation, on a phone and a desktop; a part of `make bench`. The first
# time it fetches Lighthouse into var/lighthouse.
bench-lighthouse: setup-dev
	sh scripts/node.sh $(python) -m benchmarks lighthouse

# The pictures of docs/guide, the README and the front page, taken anew from the running product.
pictures: setup-dev
	$(python) -m tests.pictures

# Takes what the product says into `locale/` and compiles the translations: Python and templates, then the page's scripts.
messages: setup-dev
	$(python) manage.py messages
	sh scripts/node.sh npm run --silent messages

# Universal locks: one file for every platform and Python from 3.12 on.
lock: setup-dev
	sh scripts/lock.sh

clean:
	rm -rf .venv node_modules static/dist staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
