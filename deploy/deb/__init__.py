"""A Debian package around the offline bundle: apt knows the agent, and `camera-agent update` still works on it."""
