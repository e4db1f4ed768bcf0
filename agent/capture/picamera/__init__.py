"""The program that runs a Raspberry Pi camera, a child process under the system's Python.

In: a job (`settings.py`). Out: packets, frames and faults over the wire of `agent.capture.isolated`. Only `words.py` is
the agent's; all else here is standard library, NumPy and what Raspberry Pi OS brings: picamera2 and libcamera.
"""
