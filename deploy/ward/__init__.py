"""A ward on one machine for demos and tests: mosquitto and a tus server on free loopback ports.

Both are existing software. No system service is touched and nothing outlives the process that started it.
"""

from deploy.ward.broker import free_port
from deploy.ward.certificates import Certificates, Validity, issue
from deploy.ward.child import Child, WardError
from deploy.ward.ward import Uploaded, Ward, WardOptions

__all__ = ["Certificates", "Child", "Uploaded", "Validity", "Ward", "WardError", "WardOptions", "free_port", "issue"]
