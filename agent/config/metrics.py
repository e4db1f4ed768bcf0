"""The `metrics` section: figures for Prometheus. Off unless it stands."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from agent.config.units import NonEmptyPath, Problem, Section, Whole
from agent.i18n import Text

_ONE = Text(
    en="name either `textfile` or `port`, not both",
    vi="chỉ ghi một trong hai: `textfile` hoặc `port`, không ghi cả hai",
)
_NONE = Text(en="`textfile` or `port` is missing", vi="thiếu `textfile` hoặc `port`")
_SUFFIX = Text(en="the file's name must end in .prom", vi="tên tệp phải có đuôi .prom")
_WHY = Text(en="node_exporter reads no other files", vi="node_exporter không đọc tệp khác")


class MetricsSection(Section):
    """Figures for Prometheus, without secrets and without anything about people. Off unless this section stands.

    vi: Số liệu cho Prometheus, không chứa bí mật và không có gì về người. Chỉ bật khi có mục này.
    """

    textfile: Annotated[Path, NonEmptyPath] | None = None
    """A file NAME.prom for node_exporter's textfile collector. The service may write in /run/camera-agent and in
    `node.data_dir`.
    vi: Tệp TÊN.prom cho textfile collector của node_exporter. Dịch vụ chỉ ghi được trong /run/camera-agent và
    `node.data_dir`.
    """
    port: Whole | None = Field(default=None, ge=0, le=65535)
    """Or http://127.0.0.1:PORT/metrics, on this machine only. 0: any free port.
    vi: Hoặc http://127.0.0.1:CỔNG/metrics, chỉ mở trên máy này. 0: cổng nào trống cũng được.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """One way, and a name that is read."""
        file, port = data.get("textfile"), data.get("port")
        if file is not None and port is not None:
            yield Problem(("port",), _ONE)
        if file is None and port is None:
            yield Problem((), _NONE)
        if isinstance(file, str | Path) and Path(file).suffix != ".prom":
            yield Problem(("textfile",), _SUFFIX, _WHY)
