"""The household's page: what this device does, what it sends, and who asked for footage; and the pause."""
