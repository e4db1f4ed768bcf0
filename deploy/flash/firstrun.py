"""The first boot of Raspberry Pi OS without cloud-init: firstrun.sh, started once by systemd.run, as its Imager does.

It runs before NetworkManager and ends in a reboot, so it only sets the name and the user, and calls begin.sh.
Its words leave cmdline.txt last: cut off anywhere, it runs again. No secret is in it. Pure.
"""

import re
import shlex

from deploy.flash.node_file import NodeFile

RUN = "systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot systemd.unit=kernel-command-line.target"
_DROPPED = re.compile(
    r"systemd\.(run|run_success_action|unit)=|ds=nocloud|cfg80211\.ieee80211_regdom=|cgroup_enable=memory$"
)


def cmdline(stock: str, country: str, *, firstrun: bool) -> bytes:
    """The kernel's one line, with what we need and without what an earlier tool may have left. Raises ValueError."""
    words = [word for word in stock.split() if not _DROPPED.match(word)]
    if len(stock.strip().splitlines()) != 1 or not any(word.startswith("root=") for word in words):
        raise ValueError("no command line of a kernel")
    # The country unblocks the radio; the memory group lets the unit's MemoryMax count.
    words += [f"cfg80211.ieee80211_regdom={country}", "cgroup_enable=memory", *(RUN.split() if firstrun else [])]
    return " ".join(words).encode() + b"\n"


def firstrun_sh(node: NodeFile) -> bytes:
    """The script; values are quoted for sh."""
    return (_HEAD.format(host=shlex.quote(node.host)) + (_user(node) if node.ssh else "") + _TAIL).encode()


def _user(node: NodeFile) -> str:
    if node.ssh is None:
        return ""
    keys = " ".join(shlex.quote(key) for key in node.ssh.all_keys)
    return _USER.format(user=shlex.quote(node.ssh.user), keys=keys)


_HEAD = """#!/bin/sh
# Made by make-card. Runs once, at the first start, before the network.
set -u
BOOT=/boot/firmware
[ -d "$BOOT/camera-agent" ] || BOOT=/boot

printf '%s\\n' {host} > /etc/hostname
if grep -q '^127\\.0\\.1\\.1' /etc/hosts; then
    sed -i 's/^127\\.0\\.1\\.1.*/127.0.1.1\\t'{host}'/' /etc/hosts
else
    printf '127.0.1.1\\t%s\\n' {host} >> /etc/hosts
fi
"""
_USER = """
# A user without a password: the key is the only way in, and sudo has none to ask for.
USER_NAME={user}
if ! getent passwd "$USER_NAME" > /dev/null; then
    /usr/lib/userconf-pi/userconf "$USER_NAME" '*' || useradd -m -s /bin/bash -G adm,video,sudo,netdev "$USER_NAME"
fi
usermod -p '*' "$USER_NAME"
USER_HOME=$(getent passwd "$USER_NAME" | cut -d: -f6)
mkdir -p "$USER_HOME/.ssh"
printf '%s\\n' {keys} > "$USER_HOME/.ssh/authorized_keys"
chmod 700 "$USER_HOME/.ssh"
chmod 600 "$USER_HOME/.ssh/authorized_keys"
chown -R "$USER_NAME:" "$USER_HOME/.ssh"
printf '%s ALL=(ALL) NOPASSWD: ALL\\n' "$USER_NAME" > /etc/sudoers.d/010_camera-agent
chmod 440 /etc/sudoers.d/010_camera-agent
systemctl enable ssh
"""
_TAIL = """
sh "$BOOT/camera-agent/begin.sh" only-lay
sync
sed 's| systemd\\.run=[^ ]*||; s| systemd\\.run_success_action=[^ ]*||; s| systemd\\.unit=[^ ]*||' \\
    "$BOOT/cmdline.txt" > "$BOOT/cmdline.new"
if grep -q 'root=' "$BOOT/cmdline.new"; then
    sync "$BOOT/cmdline.new"
    mv "$BOOT/cmdline.new" "$BOOT/cmdline.txt"
fi
sync
exit 0
"""
