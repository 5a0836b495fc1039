#!/usr/bin/env bash
# venv.sh FOLDER WHAT: a virtual environment in FOLDER with WHAT installed in it, editable.
# On Debian the standard library lacks ensurepip until python3-venv is there; it is installed when it is missing.
set -euo pipefail
folder=$1 what=$2 python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "agentd needs Python 3.11 or later; $("$python" --version) was found (set PYTHON=...)." >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "Installing python3-venv ..."
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    $sudo apt-get update -q >/dev/null && $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends python3-venv >/dev/null || {
        echo "python3-venv is missing and could not be installed: run as root, or: apt-get install python3-venv" >&2
        exit 1
    }
fi
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$what"
