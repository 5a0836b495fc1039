#!/usr/bin/env bash
# What the tests need of the system besides Python: a database server, a SIP tester, and what fetches an Asterisk.
# Only what is missing is installed; no service of it is started, the tests start their own.
set -euo pipefail
wanted=()
[ -x /usr/sbin/mariadbd ] || wanted+=(mariadb-server-core)
command -v mariadb >/dev/null || wanted+=(mariadb-client-core)
command -v sipp >/dev/null || wanted+=(sip-tester)
command -v mmdebstrap >/dev/null || command -v asterisk >/dev/null || wanted+=(mmdebstrap)
command -v systemd-analyze >/dev/null || wanted+=(systemd)
[ ${#wanted[@]} -gt 0 ] || exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
echo "Installing ${wanted[*]} ..."
$sudo apt-get update -q >/dev/null
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${wanted[@]}" >/dev/null
