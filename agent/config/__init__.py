"""YAML in, one frozen `Config` out, or every mistake at once. No hardware, no network, no mutation.

Each room is handed its own section; only this room reads the configuration file.
"""
