"""The setup page in a real Chromium, against the real server; only the node behind its doors is small."""
