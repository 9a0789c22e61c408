#!/usr/bin/env bash
# Gets the mail servers that the tests in this folder run against. Debian's
# packages of Postfix and Exim exclude each other, so Postfix is installed and
# Exim only unpacked; where another mail server is installed, this stops. No
# service is started, now or at boot. Safe to run again; needs Debian and root
# (or sudo).
set -euo pipefail
exim=${UNSPOOF_EXIM_DIR:-/opt/unspoof-e2e/exim}
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

if installed postfix && [ -x "$exim/usr/sbin/exim4" ] && getent passwd Debian-exim >/dev/null; then
	exit 0
fi
$sudo apt-get update -q

# The libraries that the unpacked Exim is linked with come as packages.
need=()
for p in postfix $(apt-cache depends exim4-daemon-light | awk '$1 == "Depends:" && $2 ~ /^lib/ {print $2}'); do
	installed "$p" || need+=("$p")
done

if [ ${#need[@]} -gt 0 ]; then
	# A package asks this script before it starts a service: the answer is no.
	policy=/usr/sbin/policy-rc.d
	ours=""
	if [ ! -e "$policy" ]; then
		ours=yes
		printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
		$sudo chmod 755 "$policy"
	fi
	echo "postfix postfix/main_mailer_type select No configuration" | $sudo debconf-set-selections
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-remove --no-install-recommends "${need[@]}" ||
		{ [ -z "$ours" ] || $sudo rm -f "$policy"; exit 1; }
	[ -z "$ours" ] || $sudo rm -f "$policy"
	# Nor at the next boot: the tests start their own, with their own folders.
	if command -v systemctl >/dev/null; then
		$sudo systemctl disable postfix >/dev/null 2>&1 || true
	fi
fi

if [ ! -x "$exim/usr/sbin/exim4" ]; then
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	# apt fetches as its own user, which must be able to write here.
	chmod 777 "$tmp"
	(cd "$tmp" && apt-get download -q exim4-daemon-light)
	$sudo mkdir -p "$exim"
	$sudo dpkg -x "$tmp"/exim4-daemon-light_*.deb "$exim"
fi
# Exim looks its user up by name when it starts.
getent passwd Debian-exim >/dev/null ||
	$sudo useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin Debian-exim
