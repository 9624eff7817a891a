#!/bin/sh
# Writes the hash-locked requirement files from pyproject.toml. Universal: one file for every platform and Python from 3.12 on.
set -eu

compile() {
    .venv/bin/uv pip compile --universal --generate-hashes --python-version 3.12 --quiet \
        --no-emit-index-url --custom-compile-command 'make lock' "$@"
}
compile pyproject.toml -o requirements.txt
compile --group dev -c requirements.txt -o requirements-dev.txt
compile --group node -o requirements-node.txt
