"""A whole node with masks: every picture of its footage, of a clip that the ward got, and its thumbnails."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from deploy import assets
from deploy.ward import Ward
from tests.app.living import ROAD, Ear, Living, write_config
from tests.capture.masking import TOLERANCE, far_outside, inside, pictures_of, planes, worst

pytestmark = pytest.mark.real
MASKS = {
    "sky": [[0.02, 0.0], [0.3, 0.0], [0.25, 0.14], [0.06, 0.1]],
    "door": [[0.86, 0.0], [1.0, 0.0], [1.0, 0.11], [0.93, 0.05]],
    "wall": [[0.0, 0.86], [0.16, 0.9], [0.16, 0.98], [0.1, 0.98], [0.1, 0.93], [0.0, 0.93]],
}
AREAS = tuple(MASKS.values())


@pytest.fixture(scope="module", autouse=True)
def material() -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")


def test_nothing_behind_a_mask_leaves_a_node(ward: Ward, tmp_path: Path) -> None:
    video = assets.find_street_video()
    assert video is not None
    gate = {
        "id": "gate",
        "source": str(video.path),
        "transcode": True,
        "privacy_masks": MASKS,
        "zones": {"road": ROAD},
        "rules": [{"rule": "intrusion", "zone": "road"}],
    }
    ear = Ear(ward, "masked")
    node = Living(write_config(tmp_path, ward, "masked", cameras=[gate]), tmp_path / "log")
    try:
        ear.wait(lambda: any(body["media"]["clip"]["state"] == "uploaded" for body in ear.bodies("/event/")))
    finally:
        code = node.stop()
        ear.close()
    assert code == 0 and "Traceback" not in node.words(), node.words()
    assert ear.bodies("/health")[-1]["cams"][0]["encoder"] == "libx264"

    told = next(body for body in ear.bodies("/event/") if body["media"]["clip"]["state"] == "uploaded")
    clip = next(item for item in ward.uploaded() if item.clip == told["id"])
    segments = sorted((tmp_path / "data" / "footage").rglob("*.mp4"))
    assert len(segments) >= 3
    count = 0
    for path in (clip.path, *segments):
        for picture in pictures_of(path):
            count += 1
            shown = planes(picture)
            assert worst(shown, AREAS) <= TOLERANCE, path
            assert shown[0][far_outside(AREAS, picture.width, picture.height)].std() > 20, path
    assert count > 40

    thumbs = [payload for topic, payload in ear.heard if "/thumb/" in topic and payload]
    assert thumbs
    for thumb in thumbs:
        pixels = cv2.imdecode(np.frombuffer(thumb, np.uint8), cv2.IMREAD_COLOR)
        assert pixels is not None
        assert int(pixels[inside(AREAS, pixels.shape[1], pixels.shape[0])].max()) <= 4
