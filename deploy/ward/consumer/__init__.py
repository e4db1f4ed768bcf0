"""A reference consumer: what the nodes of one ward say, kept in PostgreSQL, and four questions answered from it.

It knows the nodes by `docs/reference/mqtt` alone and shares no code with them: copy this folder, install
`requirements.txt`, and `python -m consumer` is a program of its own. How it is run and grown: `docs/guide/consumer.md`.
"""
