"""What `v4l2.py` asks the kernel of a USB camera before it opens it, and which of the formats it then asks for.

In: a device, the camera's section. Out: names that stay, formats, one choice. `ioctl.py` alone talks to the kernel.
"""
