"""Stand-ins for devices that are not here: a network camera that misbehaves on command, and a line that damages."""
