"""Who the node is towards the ward: its key and certificate, where they lie, when they are renewed.

`request.py` needs `cryptography`: `camera-agent enrol` and the child that renews load it, a running node never does.
"""
