"""A camera stack in a process of its own, so that one that hangs can be killed.

In: a command to start and a job for it. Out: the same `Packet`s and `Frame`s as from a source in a thread. `wire.py`,
`slots.py` and `inside.py` are loaded by children too, also under a Python that has none of the agent's packages.
"""
