"""A network camera for tests: GStreamer's RTSP server on a free port of loopback. Run with the system's Python:

    /usr/bin/python3 tests/rtsp_camera.py [--user NAME --password WORD] [--codec h264|jpeg]

Prints the port, then serves /main (640x360) and /sub (320x180) until it is killed.
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  # the versions come first

ENCODERS = {
    "h264": "x264enc tune=zerolatency key-int-max=15 speed-preset=ultrafast threads=1 ! rtph264pay name=pay0 pt=96 "
    "config-interval=1",
    "jpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--user")
    asked.add_argument("--password", default="")
    asked.add_argument("--codec", choices=sorted(ENCODERS), default="h264")
    given = asked.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if given.user:
        keeper = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        keeper.add_basic(GstRtspServer.RTSPAuth.make_basic(given.user, given.password), token)
        server.set_auth(keeper)
    for name, size in (("main", "width=640,height=360"), ("sub", "width=320,height=180")):
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(
            "( videotestsrc is-live=true pattern=ball ! "
            f"video/x-raw,format=I420,{size},framerate=15/1 ! {ENCODERS[given.codec]} )"
        )
        factory.set_shared(True)
        if given.user:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("viewer", "media.factory.access", True)
            permissions.add_permission_for_role("viewer", "media.factory.construct", True)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(f"/{name}", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)  # noqa: T201  # whoever started this reads it
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
