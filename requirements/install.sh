#!/bin/sh
# Make the virtual environment $1 and install the pinned, hashed requirements $2 into it.
# Needs Python 3.11 or later and nothing else; uv is used where it is at hand, because it is quick.
set -eu
venv=$1
requirements=$2

say() { printf '%s\n' "$*" >&2; }

fits() { "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
        if fits "$name"; then command -v "$name"; return; fi
    done
    say "Python 3.11 or later is needed and was not found on PATH; name one with: make PYTHON=/path/to/python"
    exit 1
}

make_environment() {
    python=$(find_python)
    say "making $venv with $("$python" --version)"
    if "$python" -c 'import ensurepip' >/dev/null 2>&1; then "$python" -m venv "$venv"; return; fi
    # Some distributions ship Python without ensurepip: the environment is then filled from outside.
    "$python" -m venv --without-pip "$venv"
    if uv_works || "$python" -m pip --version >/dev/null 2>&1; then return; fi
    rm -rf "$venv"
    say "this Python has no ensurepip, and neither pip nor uv is at hand; on Debian: apt-get install python3-venv"
    exit 1
}

uv_works() { uv --version >/dev/null 2>&1; }

install_requirements() {
    say "installing $requirements"
    if uv_works; then
        uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$requirements"
    elif "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
    else
        "$(find_python)" -m pip --python "$venv/bin/python" install --quiet --disable-pip-version-check \
            --require-hashes -r "$requirements"
    fi
}

if ! fits "$venv/bin/python"; then rm -rf "$venv"; make_environment; fi
install_requirements
