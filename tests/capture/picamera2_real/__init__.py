"""The real picamera2 and libcamera, on libcamera's virtual camera, in a Debian 13 root below the cache: `make
test-picamera2`. `root.py` builds it; `launch.py` and `shapes.py` run inside.
"""
