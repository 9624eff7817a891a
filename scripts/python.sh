#!/bin/sh
# Prints a Python that can make the virtualenv: PYTHON= if given, else the first fitting one. Says what helps if none fits.
set -eu

fits='import sys; sys.exit(sys.version_info < (3, 12))'
can_make_venv='import ensurepip, venv'
without_venv=

try() {
    # A pyenv shim of a version that is not selected exists and fails; so does Apple's stub without its tools.
    "$1" -c "$fits" >/dev/null 2>&1 || return 1
    if ! "$1" -c "$can_make_venv" >/dev/null 2>&1; then
        without_venv=${without_venv:-$1}
        return 1
    fi
    "$1" -c 'import sys; print(sys.executable)'
}

has() { command -v "$1" >/dev/null 2>&1; }

explain() {
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
        echo "$version is here but cannot make a virtual environment. This helps: sudo apt-get install -y $version-venv"
    elif has brew; then
        echo "Parley needs Python 3.12 or newer. This helps: brew install python@3.12"
    elif has pyenv; then
        echo "Parley needs Python 3.12 or newer. This helps: pyenv install 3.12"
    elif has uv; then
        echo "Parley needs Python 3.12 or newer. This helps: uv python install 3.12"
    elif has apt-get; then
        for version in python3.13 python3.12 python3.14; do
            if apt-cache show "$version-venv" >/dev/null 2>&1; then
                echo "Parley needs Python 3.12 or newer. This helps: sudo apt-get install -y $version-venv"
                return
            fi
        done
        echo "Parley needs Python 3.12 or newer, which this system does not package. This helps: curl -fsSL https://pyenv.run | bash && ~/.pyenv/bin/pyenv install 3.12 && make run PYTHON=\"\$HOME/.pyenv/versions/\$(ls ~/.pyenv/versions | grep '^3.12' | tail -1)/bin/python\""
    elif has dnf; then
        echo "Parley needs Python 3.12 or newer. This helps: sudo dnf install -y python3.12"
    else
        echo "Parley needs Python 3.12 or newer: https://www.python.org/downloads/"
    fi
}

if [ -n "${PYTHON:-}" ]; then
    try "$PYTHON" && exit
    if [ -z "$without_venv" ]; then
        echo "PYTHON=$PYTHON is not a Python 3.12 or newer. Leave it out to let make look for one." >&2
        exit 1
    fi
else
    for candidate in python3.14 python3.13 python3.12 python3; do
        try "$candidate" && exit
    done
    if has pyenv; then
        for found in "$(pyenv root)"/versions/3.*/bin/python3; do
            try "$found" && exit
        done
    fi
    if has uv && found=$(uv python find --no-project '>=3.12' 2>/dev/null); then
        try "$found" && exit
    fi
fi
explain >&2
exit 1
