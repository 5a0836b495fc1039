#!/usr/bin/env bash
# venv.sh FOLDER WHAT...: a virtual environment in FOLDER with WHAT (pip's arguments) installed in it.
# On Debian the standard library lacks ensurepip until python3-venv is there; it is installed when it is missing.
set -euo pipefail
folder=$1 python=${PYTHON:-python3}
shift

fail() {
    echo "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "agentd needs Python 3.11 or later; $("$python" --version 2>&1 || true) was found (set PYTHON=...)."
if [ -e "$folder" ] && [ ! -w "$folder" ]; then
    fail "$folder belongs to somebody else: remove it, or name another one with VENV=..."
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "Installing python3-venv ..."
    { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends python3-venv; } >/dev/null ||
        fail "python3-venv is missing and could not be installed: run this as root, or: apt-get install python3-venv"
fi
# One that was moved here, or whose Python is gone, is of no use any more.
if ! "$folder/bin/python" -c pass 2>/dev/null ||
    ! grep '^command = ' "$folder/pyvenv.cfg" | grep -qF " $(realpath -m "$folder")"; then
    "$python" -m venv --clear "$folder"
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
