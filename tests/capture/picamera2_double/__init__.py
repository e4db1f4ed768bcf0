"""Stands in for picamera2 and libcamera on PYTHONPATH: the same names, signatures and threads, with real pictures and
a real encoder; and switches (`picamera2/switches.py`) for each way the real ones fail.

`make test-picamera2` compares it with the real ones.
"""
