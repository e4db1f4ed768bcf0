"""A network camera that misbehaves on command: GStreamer's RTSP server on loopback. Run with the system's Python:

    /usr/bin/python3 deploy/stand_in/rtsp_server.py [--file FILE.h264] [--user NAME --password WORD] [--tls PEM KEY] ...

Prints its port, serves /main and /sub until killed, and obeys one command a line on stdin, each answered with a line:
`codec h264|h265|jpeg`, `size W H` (in the middle of the stream), `drop`, `hold`, `flow`, `auth on|off`, `path on|off`.
"""

import argparse
import itertools
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: E402, F401  # the versions come first

ENCODERS = {
    "h264": "x264enc tune=zerolatency key-int-max={gop} speed-preset=ultrafast threads=1 "
    "! rtph264pay name=pay0 pt=96 config-interval=-1",
    "h265": "x265enc tune=zerolatency key-int-max={gop} speed-preset=ultrafast option-string=log-level=none:pools=1 "
    "! rtph265pay name=pay0 pt=96 config-interval=-1",
    "jpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
}
FILE = (
    "( appsrc name=film is-live=true format=time caps=video/x-h264,stream-format=byte-stream,alignment=au,"
    "framerate={fps}/1 ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)
DRAWN = "( videotestsrc is-live=true pattern={pattern} ! capsfilter name=size caps={caps} ! {encoder} )"
CAPS = "video/x-raw,format=I420,width={width},height={height},framerate={fps}/1"
SIZES = {"main": (640, 360), "sub": (320, 180)}
REMOVE = GstRtspServer.RTSPFilterResult.REMOVE


def pictures(path: Path) -> list[bytes]:
    """The access units of an H.264 byte stream (ISO/IEC 14496-10, 7.4.1.2.3)."""
    units: list[bytes] = []
    unit = b""
    coded = False  # the unit has a slice
    for nal in path.read_bytes().split(b"\0\0\1")[1:]:
        kind = nal[0] & 31
        slice_ = kind in (1, 5)
        if coded and (kind in (6, 7, 8, 9) or (slice_ and nal[1] & 0x80)):
            units.append(unit)
            unit, coded = b"", False
        unit += b"\0\0\0\1" + nal.rstrip(b"\0")
        coded = coded or slice_
    return [*units, unit]


class Film:
    """Plays the pictures of a file over and over into one appsrc, at an even pace, with stamps that only grow."""

    def __init__(self, source: Any, units: list[bytes], fps: int) -> None:
        self._source, self._units, self._step_ns = source, units, Gst.SECOND // fps
        self._playing = False
        source.connect("need-data", self._begin)

    def _begin(self, *_: object) -> None:
        if not self._playing:
            self._playing = True
            threading.Thread(target=self._play, daemon=True).start()

    def _play(self) -> None:
        first_ns = self._source.get_current_running_time()
        started_ns = time.monotonic_ns()
        for number, unit in enumerate(itertools.cycle(self._units)):
            time.sleep(max(0, started_ns + number * self._step_ns - time.monotonic_ns()) / 1e9)
            buffer = Gst.Buffer.new_wrapped(unit)
            buffer.pts = buffer.dts = first_ns + number * self._step_ns
            buffer.duration = self._step_ns
            if self._source.push_buffer(buffer) != Gst.FlowReturn.OK:
                return


class Camera:
    """The server and its switches."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._codec = given.codec
        self._held = False
        self._size = {"main": (given.width, given.height), "sub": SIZES["sub"]}
        self._films = {name: pictures(path) for name, path in (("main", given.file), ("sub", given.sub_file)) if path}
        self._sizers: list[Any] = []  # of running mains
        self.server = GstRtspServer.RTSPServer()
        self.server.set_address("127.0.0.1")
        self.server.set_service(str(given.port))
        self._auth(bool(given.user))
        self._paths(True)
        self.server.attach(None)

    def obey(self, words: list[str]) -> None:
        """One command."""
        match words:
            case ["codec", codec] if codec in ENCODERS:
                self._codec = codec
                self._paths(True)
                self._drop()
            case ["size", width, height]:
                self._size["main"] = (int(width), int(height))
                for sizer in self._sizers:
                    sizer.set_property("caps", Gst.Caps.from_string(self._caps("main")))
                self._paths(True)
            case ["drop"]:
                self._drop()
            case ["hold" | "flow" as how]:
                self._held = how == "hold"
            case ["auth", how]:
                self._auth(how == "on")
                self._drop()
            case ["path", how]:
                self._paths(how == "on")
                self._drop()
            case _:
                raise SystemExit(f"no such command: {words}")

    def _paths(self, there: bool) -> None:
        mounts = self.server.get_mount_points()
        for name in SIZES:
            mounts.remove_factory(f"/{name}")
            if there:
                mounts.add_factory(f"/{name}", self._factory(name))

    def _factory(self, name: str) -> Any:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(self._launch(name))
        factory.set_shared(True)
        factory.connect("media-configure", self._configured, name)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
        return factory

    def _launch(self, name: str) -> str:
        given = self._given
        if name in self._films and self._codec == "h264":
            return FILE.format(fps=given.fps)
        encoder = ENCODERS[self._codec].format(gop=max(1, round(given.gop * given.fps)))
        return DRAWN.format(pattern=given.pattern, caps=self._caps(name), encoder=encoder)

    def _caps(self, name: str) -> str:
        width, height = self._size[name]
        return CAPS.format(width=width, height=height, fps=self._given.fps)

    def _configured(self, _factory: object, media: Any, name: str) -> None:
        element = media.get_element()
        film = element.get_by_name("film")
        if film is not None:
            Film(film, self._films[name], self._given.fps)
        sizer = element.get_by_name("size")
        if name == "main":
            self._sizers = [sizer] if sizer is not None else []
        kinds = Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST
        element.get_by_name("pay0").get_static_pad("src").add_probe(kinds, self._passing)

    def _passing(self, *_: object) -> Any:
        return Gst.PadProbeReturn.DROP if self._held else Gst.PadProbeReturn.OK

    def _drop(self) -> None:
        self.server.client_filter(lambda *_: REMOVE)

    def _auth(self, on: bool) -> None:
        given = self._given
        keeper = GstRtspServer.RTSPAuth() if on or given.tls else None
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        if keeper is not None and given.tls:
            keeper.set_tls_certificate(Gio.TlsCertificate.new_from_files(*given.tls))
        if keeper is not None and not on:
            keeper.set_default_token(token)
        elif keeper is not None:
            keeper.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            keeper.add_digest(given.user or "somebody", given.password or "else", token)
        self.server.set_auth(keeper)


def main() -> None:
    """Serve and obey."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--user")
    asked.add_argument("--password", default="")
    asked.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    asked.add_argument("--codec", choices=sorted(ENCODERS), default="h264")
    asked.add_argument("--gop", type=float, default=1.0, help="seconds between key frames")
    asked.add_argument("--fps", type=int, default=15)
    asked.add_argument("--width", type=int, default=640)
    asked.add_argument("--height", type=int, default=360)
    asked.add_argument("--pattern", default="ball", help="of videotestsrc")
    asked.add_argument("--file", type=Path, help="an H.264 byte stream for /main, served as it is, over and over")
    asked.add_argument("--sub-file", type=Path, help="the same for /sub")
    given = asked.parse_args()
    Gst.init(None)
    camera = Camera(given)

    def obey(line: str) -> bool:
        camera.obey(line.split())
        print("done", flush=True)
        return False

    def listen() -> None:
        for line in sys.stdin:
            GLib.idle_add(obey, line)

    print(camera.server.get_bound_port(), flush=True)
    threading.Thread(target=listen, daemon=True).start()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
