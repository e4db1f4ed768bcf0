"""How the node is: one file per check, a report for the ward, open faults, what systemd and the installer see.

The other rooms' states come in as callables from `app.py`; reports and faults go out through a handed-in `publish`.
"""
