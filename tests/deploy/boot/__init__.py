"""A node's first boot, in a machine of its own: Debian 13, systemd and cloud-init, from a card that was made here."""
