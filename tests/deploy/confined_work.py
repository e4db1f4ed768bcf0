"""What the agent does all day, in one short script: test_unit.py runs it behind the filters. Prints `done`."""

import mmap
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import av
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from agent.capture.isolated.aside import Aside
from agent.capture.isolated.job import open_isolated
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.durable import write_durably
from agent.health.board import BoardCheck
from agent.health.net import read_net


def is_confined() -> bool:
    """Writable and executable memory is refused, else this whole script proves nothing."""
    try:
        mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except PermissionError:
        return True
    return False


def film(folder: Path) -> int:
    """Encode, remux and decode; returns the number of decoded pictures."""
    with av.open(str(folder / "film.mp4"), "w") as target:
        stream = target.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(30):
            picture = np.full((240, 320, 3), number * 8, np.uint8)
            target.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        target.mux(stream.encode())
    with av.open(str(folder / "film.mp4")) as source:
        pictures = [
            frame.reformat(width=160, height=120, format="bgr24").to_ndarray() for frame in source.decode(video=0)
        ]
    cv2.imencode(".jpg", cv2.GaussianBlur(cv2.resize(pictures[0], (80, 60)), (5, 5), 0))
    cv2.createBackgroundSubtractorMOG2().apply(pictures[0])
    return len(pictures)


def infer(folder: Path) -> float:
    """One convolution through ONNX Runtime, with its own threads."""
    weights = helper.make_tensor("w", TensorProto.FLOAT, [4, 3, 3, 3], np.ones(108, np.float32))
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 62, 62])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(folder / "one.onnx"))
    session = onnxruntime.InferenceSession(str(folder / "one.onnx"), providers=["CPUExecutionProvider"])
    return float(session.run(None, {"x": np.ones((1, 3, 64, 64), np.float32)})[0][0, 0, 0, 0])


def isolated(folder: Path) -> int:
    """The film once more, through a camera's child process; returns the number of packets and frames."""
    camera = CameraSection.model_validate({"id": "gate", "source": str(folder / "film.mp4"), "loop": False})
    reading = Reading(Clock(), Wants(packets=True, frames=True))
    source = open_isolated(camera, reading, Aside(folder))
    count = 0
    while (items := source.read()) is not None:
        count += len(items)
    source.close()
    return count


def store(folder: Path) -> None:
    """SQLite as the spool uses it, and a durable file."""
    database = sqlite3.connect(folder / "spool.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE t (x)")
    with database:
        database.execute("INSERT INTO t VALUES (1)")
    database.close()
    write_durably(folder / "file", b"x")


def main() -> None:
    """All of it."""
    assert is_confined()
    assert Clock().error_ms is not None, "adjtimex is refused: the agent would never trust its clock"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        worker = threading.Thread(target=store, args=(folder,))
        worker.start()
        assert film(folder) == 30
        assert infer(folder) == 27.0
        assert isolated(folder) == 30 + 10
        worker.join()
        assert (folder / "spool.db").exists()
        assert (folder / "file").exists()
    assert (BoardCheck().read().mem_free_mb or 0) > 0
    read_net("gate-12")
    assert subprocess.run(["/bin/sh", "-c", "exit 7"], check=False).returncode == 7
    sys.stdout.write("done\n")


main()
