#!/bin/sh
# Write requirements/*.txt: every release pinned and hashed, for every platform, and no host named.
# $1 is the environment's Python; the rest goes to uv (--upgrade).
set -eu
python=$1
shift
if uv --version >/dev/null 2>&1; then uv=uv; else
    "$python" -m uv --version >/dev/null 2>&1 || "$python" -m pip install --quiet uv
    uv="$python -m uv"
fi

compile() {
    output=$1
    shift
    $uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --output-file "requirements/$output.txt" "$@"
}

compile dev --extra postgres --extra dev "$@"
compile postgres --extra postgres "$@"
compile runtime "$@"
