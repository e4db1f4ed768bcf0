"""Is the ward's broker reached, and is the line encrypted?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    net = facts.report.net
    if not net.connected:
        return (
            row(
                "line",
                "error",
                Text(en="the ward's broker is not reached", vi="chưa kết nối được với phường"),
                Text(en="check the network; see the open fault", vi="hãy kiểm tra mạng; xem lỗi đang mở"),
            ),
        )
    told = [f"MQTT {net.protocol}"] if net.protocol else []
    told += [f"{net.rtt_ms:.0f} ms"] if net.rtt_ms is not None else []
    told += [f"{net.rssi_dbm} dBm"] if net.rssi_dbm is not None else []
    words = ", ".join(told)
    if facts.setup.clear_line:
        return (
            row(
                "line",
                "warn",
                Text(en=f"in plain text: anybody on the way can read it ({words})",
                     vi=f"không mã hoá: ai trên đường truyền cũng đọc được ({words})"),
                Text(en="use mqtts:// and https://", vi="hãy dùng mqtts:// và https://"),
            ),
        )  # fmt: skip
    return (row("line", "ok", Text(en=f"connected ({words})", vi=f"đã kết nối ({words})")),)
