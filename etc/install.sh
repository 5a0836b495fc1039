#!/usr/bin/env bash
# install.sh [--remove]: agentd as a systemd service. `make install` calls it; DESTDIR installs into another root.
#
# Again over an older agentd: the program and the units become this one's, what the administrator owns stays as it is.
# PYTHON is the interpreter that the service will run on, as the target sees it (/usr/bin/python3).
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
root=${DESTDIR:-}
root=${root%/}
python=${PYTHON:-/usr/bin/python3}
prefix=/opt/agentd
command=/usr/local/bin/agentd
units=/etc/systemd/system
spool=/var/spool/agentd/recordings

fail() {
    echo "make install: $*" >&2
    exit 1
}

in_root() { # run a command inside the root that is installed into
    if [ -n "$root" ]; then chroot "$root" "$@"; else "$@"; fi
}

running_systemd() {
    [ -z "$root" ] && [ -d /run/systemd/system ]
}

remove() {
    if running_systemd; then systemctl disable --now --quiet agentd.socket agentd.service || true; fi
    rm -rf "$root$prefix" "$root$command" "$root$units/agentd.service" "$root$units/agentd.socket"
    if running_systemd; then systemctl daemon-reload; fi
    echo "agentd is removed. Kept: the user agentd, /etc/agentd, /etc/asterisk/agentd, /var/lib/agentd, $spool."
}

# The service runs as a user of its own, who can read nothing in anybody's home (ProtectHome=), a Python neither.
check_python() {
    in_root "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "$python is not there or older than 3.11: name another one with PYTHON="
    in_root "$python" -c 'import ensurepip, venv' 2>/dev/null || {
        [ -z "$root" ] || fail "python3-venv is missing in $root"
        apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends python3-venv >/dev/null ||
            fail "python3-venv is missing and could not be installed"
    }
    case $(in_root "$python" -c 'import os, sys; print(os.path.realpath(sys._base_executable))') in
    /home/* | /root/* | /run/user/*) fail "$python is in somebody's home, where the service cannot read it" ;;
    esac
}

make_user() {
    in_root getent group agentd >/dev/null || in_root groupadd --system agentd
    in_root getent passwd agentd >/dev/null || in_root useradd --system --gid agentd \
        --home-dir /var/lib/agentd --no-create-home --shell /usr/sbin/nologin --comment "agentd" agentd
}

# What pip knows on this machine (an index, a proxy, a certificate) holds inside another root too, as far as it can;
# nothing else of this environment does, whose paths mean something else there.
pip_settings() { # pip_settings FOLDER: as environment variables, one a line; a certificate is copied into FOLDER
    local name value
    env | grep -iE '^(http|https|no)_proxy=' || true
    {
        { python3 -m pip config list || .venv/bin/python -m pip config list; } 2>/dev/null |
            sed -n "s/^\(global\|:env:\)\.\([a-z-]*\)='\(.*\)'$/\2 \3/p"
        [ -z "${REQUESTS_CA_BUNDLE:-}" ] || echo "cert $REQUESTS_CA_BUNDLE"
    } | while read -r name value; do
        case $name=$value in
        cert=*)
            cp "$value" "$root$1/cert.pem"
            value=$1/cert.pem
            ;;
        *=file:*) continue ;;
        index-url=* | extra-index-url=* | proxy=* | trusted-host=* | default-timeout=*) ;;
        *) continue ;;
        esac
        echo "PIP_$(echo "$name" | tr 'a-z-' 'A-Z_')=$value"
    done
}

same_python() { # whether the virtual environment that is there belongs to this Python
    local version="import sys; print(sys.base_prefix, sys.version_info[:2])"
    [ "$(in_root "$python" -c "$version")" = "$(in_root "$prefix/bin/python" -c "$version" 2>/dev/null)" ]
}

# A virtual environment with agentd's wheel and what it depends on, made by the target's own Python from a copy of the
# sources, so that nothing is left in the checkout. pip fetches all before it changes anything.
install_program() {
    local build settings=()
    build=$(in_root mktemp -d /var/tmp/agentd-build.XXXXXX)
    # shellcheck disable=SC2064 # the folder's name is known now
    trap "rm -rf '$root$build'" EXIT
    cp -R setup.cfg pyproject.toml README.md LICENSE agentd agi sql etc systemd docs "$root$build/"
    if [ -n "$root" ]; then
        mapfile -t settings < <(pip_settings "$build")
        settings=(-i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 PIP_NO_CACHE_DIR=1 "${settings[@]}")
    fi
    same_python || in_root "$python" -m venv --clear "$prefix"
    in_root env "${settings[@]}" PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$prefix/bin/python" -m pip install --quiet --upgrade "$build"
    rm -rf "$root$build"
    trap - EXIT
    in_root "$prefix/bin/agentd" --version >/dev/null || fail "the installed agentd does not run"
}

# Readable by root and the daemon alone; what is there stays. The secret of Asterisk's manager is made here.
install_configuration() {
    in_root install -d -o root -g agentd -m 0750 /etc/agentd
    [ -e "$root/etc/agentd/agentd.toml" ] || put etc/agentd.toml /etc/agentd/agentd.toml
    [ -e "$root/etc/agentd/ami-secret" ] || put <(od -An -N24 -tx1 /dev/urandom | tr -d ' \n') /etc/agentd/ami-secret
    in_root install -d -m 0755 /etc/asterisk/agentd
    install -m 0644 etc/asterisk/*.conf "$root/etc/asterisk/agentd/"
}

put() { # put FILE PLACE: for the daemon to read, for nobody else; never half of it under its name
    (umask 0077 && cat "$1" >"$root$2.new")
    in_root chown root:agentd "$2.new"
    chmod 0640 "$root$2.new"
    mv "$root$2.new" "$root$2"
}

# The state is the daemon's alone. Recordings are Asterisk's, and its files inherit the group that lets agentd read
# them: neither needs to be in the other's group.
make_folders() {
    local writer=root
    if in_root getent passwd asterisk >/dev/null; then writer=asterisk; fi
    in_root install -d -o agentd -g agentd -m 0750 /var/lib/agentd
    in_root install -d -o root -g root -m 0755 "${spool%/*}"
    in_root install -d -o "$writer" -g agentd -m 2770 "$spool"
}

[ "${1:-}" != --remove ] || { remove; exit; }
[ "$(id -u)" = 0 ] || fail "this needs root: sudo make install"
[ -z "$root" ] || [ -x "$root/bin/sh" ] || fail "DESTDIR=$root holds no system to install into"
check_python
make_user
install_program
install_configuration
make_folders
in_root install -d -m 0755 "$units"
install -m 0644 systemd/agentd.service systemd/agentd.socket "$root$units/"
in_root ln -sfn "$prefix/bin/agentd" "$command"
if running_systemd; then systemctl daemon-reload; fi

cat <<TXT
agentd is installed.
  1. Asterisk:  docs/asterisk.md says what to include; the manager's secret is in /etc/agentd/ami-secret
  2. Check:     agentd check
  3. Database:  agentd migrate
  4. Start:     systemctl enable --now agentd
After an update:  agentd check && agentd migrate && systemctl restart agentd          (calls stay up)
TXT
