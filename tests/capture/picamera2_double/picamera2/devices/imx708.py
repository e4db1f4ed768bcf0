from typing import Any

from ..switches import tell


class IMX708:
    def __init__(self, camera_num: int | None = None) -> None:
        self.camera_num = camera_num

    def __enter__(self) -> "IMX708":
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, tb: Any) -> None:
        return None

    def set_sensor_hdr_mode(self, enable: bool) -> None:
        tell(f"sensor hdr {enable}")
