"""Is the ward's broker reached, and is the line encrypted?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, failed, only_live, row
from agent.i18n import Text

CHECK = Text(en="check the network; see the open fault", vi="hãy kiểm tra mạng; xem lỗi đang mở")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    if not facts.live:
        return (_tried(facts),)
    net = facts.report.net
    if not net.connected:
        return (
            row(
                "line",
                "error",
                Text(en="the ward's broker is not reached", vi="chưa kết nối được với phường"),
                CHECK,
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


def _tried(facts: Facts) -> CheckRow:
    """The first broker that answers; else why the first of all did not."""
    brokers = facts.looked.brokers
    good = next((each for each in brokers if each.error is None), None)
    if good is not None:
        text = Text(en=f"{good.name} answers ({good.told.en}); nobody logged in",
                    vi=f"{good.name} có trả lời ({good.told.vi}); chưa đăng nhập thử")  # fmt: skip
        return row("line", "ok", text)
    error = brokers[0].error if brokers else None
    if error is None:
        return only_live("line", Text(en="not asked", vi="chưa hỏi"))
    return failed("line", error, CHECK)
