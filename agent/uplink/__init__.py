"""The only room that opens a socket outward: MQTT and resumable uploads."""
