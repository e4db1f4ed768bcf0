"""A media server that pictures are pushed to over RTSP: GStreamer's, with a RECORD mount. Run with the system's Python:

    /usr/bin/python3 deploy/stand_in/rtsp_recorder.py --file OUT.mkv --path /live/node.cam [--codec h265] [--tls PEM K]

Prints its port, writes what is pushed to the path into the file, until killed.
"""

import argparse
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402  # the versions come first

LAUNCH = "( rtp{codec}depay name=depay0 ! {codec}parse ! matroskamux streamable=true ! filesink location={file} )"


def main() -> None:
    """Serve."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--file", type=Path, required=True)
    asked.add_argument("--path", required=True)
    asked.add_argument("--codec", choices=("h264", "h265"), default="h264")
    asked.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    given = asked.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(given.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(codec=given.codec, file=given.file))
    factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
    factory.set_latency(0)
    if given.tls:
        keeper = GstRtspServer.RTSPAuth()
        keeper.set_tls_certificate(Gio.TlsCertificate.new_from_files(*given.tls))
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "anybody")
        keeper.set_default_token(token)
        server.set_auth(keeper)
        permissions = GstRtspServer.RTSPPermissions()
        for right in ("access", "construct"):
            permissions.add_permission_for_role("anybody", f"media.factory.{right}", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(given.path, factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
