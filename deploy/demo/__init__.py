"""The whole node on one machine: an embedded ward, the agent on a street video, and what the ward receives."""
