"""What `argus.py` starts on a Jetson: the GStreamer pipeline, its process, and the words of what goes wrong with it.

In: the camera's section. Out: arguments, bytes of a running child, faults.
"""
