#!/usr/bin/env bash
# What the tests need of the system besides Python: a database server, a SIP tester, systemd's own checks, a browser, and
# what fetches an Asterisk and makes a private Debian. Only what is missing is installed; no service of it is started.
set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
wanted=()

need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null || wanted+=("$2")
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
}

need mariadbd mariadb-server-core
need mariadb mariadb-client-core
need sipp sip-tester
need mmdebstrap mmdebstrap
need systemd-analyze systemd
need chromium chromium
[ ${#wanted[@]} -gt 0 ] || exit 0
echo "Installing ${wanted[*]} ..."
{ as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${wanted[@]}"; } >/dev/null || {
    echo "The tests need ${wanted[*]}: run this as root or with sudo, or install them." >&2
    exit 1
}
