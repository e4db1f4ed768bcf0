#!/bin/sh
# Starts the first boot's work, or what a power cut left of it. Called at every boot (cloud-init's bootcmd) and once by
# firstrun.sh; takes less than a second, may be called twice, and does nothing once the work is done.
set -eu
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
UNIT=camera-agent-first-boot.service
UNITS=${CAMERA_AGENT_ROOT:-}/etc/systemd/system

[ -d "$HERE/node" ] || exit 0 # first-boot.sh removes it last
mkdir -p "$UNITS/multi-user.target.wants"
if ! cmp -s "$HERE/first-boot.service" "$UNITS/$UNIT"; then
    cp "$HERE/first-boot.service" "$UNITS/$UNIT.new"
    sync "$UNITS/$UNIT.new"
    mv "$UNITS/$UNIT.new" "$UNITS/$UNIT"
fi
ln -sfn "../$UNIT" "$UNITS/multi-user.target.wants/$UNIT"
# Nobody sits at this device: the wizard that asks for a user name would wait for ever.
rm -f "$UNITS/multi-user.target.wants/userconfig.service"
sync "$UNITS"
[ "${1:-start}" = start ] || exit 0
systemctl daemon-reload
systemctl --no-block stop userconfig.service 2>/dev/null || true
if grep -q '^SSH=yes$' "$HERE/card.env"; then
    systemctl --no-block enable ssh.service 2>/dev/null || true
    systemctl --no-block start ssh.service 2>/dev/null || true
fi
systemctl --no-block start "$UNIT"
