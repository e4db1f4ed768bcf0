#!/bin/sh
# Starts the first boot's work, or what a power cut left of it. Called at every boot (cloud-init's bootcmd) and once by
# firstrun.sh; takes less than a second, may be called twice, and does nothing once the work is done.
set -eu
umask 022
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
UNIT=camera-agent-first-boot.service
ROOT=${CAMERA_AGENT_ROOT:-} # of a test
UNITS=$ROOT/etc/systemd/system

[ -d "$HERE/node" ] || exit 0 # first-boot.sh removes it last

lay() { # TARGET: standard input, all of it or nothing
    mkdir -p "${1%/*}"
    cat >"$1.new"
    sync "$1.new"
    mv "$1.new" "$1"
}

value() { # KEY: from card.env, which is read, never run
    sed -n "s/^$1=\([A-Za-z0-9._:\/@+-]*\)\r*$/\1/p" "$HERE/card.env" | tail -n 1
}

lay "$UNITS/$UNIT" <"$HERE/first-boot.service"
mkdir -p "$UNITS/multi-user.target.wants"
ln -sfn "../$UNIT" "$UNITS/multi-user.target.wants/$UNIT"
# Nobody sits at this device: the wizard that asks for a user name would wait for ever.
rm -f "$UNITS/multi-user.target.wants/userconfig.service"
zone=$(value TIMEZONE)
if [ -f "$ROOT/usr/share/zoneinfo/$zone" ]; then
    ln -sfn "/usr/share/zoneinfo/$zone" "$ROOT/etc/localtime"
    printf '%s\n' "$zone" >"$ROOT/etc/timezone"
fi
# Said here too: cloud-init says it only late in its course.
lay "$ROOT/etc/ssh/sshd_config.d/10-camera-agent.conf" <<'END'
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
END
sync "$UNITS"
[ "${1:-start}" = start ] || exit 0

systemctl daemon-reload
systemctl --no-block stop userconfig.service 2>/dev/null || true
if [ "$(value SSH)" = yes ]; then
    systemctl enable ssh.service 2>/dev/null || true
    systemctl --no-block start ssh.service 2>/dev/null || true
fi
systemctl --no-block start "$UNIT"
