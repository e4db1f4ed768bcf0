"""YAML in, one frozen `Config` out, or every mistake at once. No hardware, no network, no mutation.

Doors: `load.load_config`, `load.check_config`, `mistakes.format_mistakes`, `secrets.read_secret`,
`redact.config_hash`, `schema.config_schema`. Each room is handed its own section; only this room reads the file.
"""
