#!/bin/sh
# Runs a command with a fitting Node first on its PATH: the machine's own, or the one that setup put into .venv.
set -eu

# Even major versions only: Vite supports ^20.19 and >=22.12.
fits='const [major, minor] = process.versions.node.split(".").map(Number);
process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || (major >= 24 && major % 2 === 0) ? 0 : 1)'

if command -v npm >/dev/null 2>&1 && node -e "$fits" >/dev/null 2>&1; then
    :
elif [ -x .venv/node/bin/node ]; then
    PATH=$PWD/.venv/node/bin:$PATH
    export PATH
else
    exit 127
fi
exec "$@"
