"""Can nobody on the way read along?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, failed, only_live, row
from agent.i18n import Text

USE = Text(en="use mqtts:// and https://", vi="hãy dùng mqtts:// và https://")
CHECK = Text(en="check `tls.ca` and the node's date", vi="hãy kiểm tra `tls.ca` và ngày giờ của thiết bị")
ENCRYPTED = Text(en="encrypted, the other end is proven", vi="có mã hoá, đã xác thực đầu bên kia")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    if facts.setup.clear_line:
        text = Text(en="not encrypted: anybody on the way can read it", vi="không mã hoá: ai trên đường cũng đọc được")
        return (row("tls", "warn", text, USE),)
    if facts.live:
        if facts.report.net.connected:
            return (row("tls", "ok", ENCRYPTED),)
        return (row("tls", "unknown", Text(en="there is no connection to judge", vi="chưa có kết nối để kiểm tra")),)
    bad = next((each for each in facts.looked.brokers if each.error and each.error.code == "broker_tls"), None)
    if bad is not None and bad.error is not None:
        return (failed("tls", bad.error, CHECK),)
    good = next((each for each in facts.looked.brokers if each.error is None), None)
    if good is None:
        return (only_live("tls", Text(en="nobody answered", vi="không ai trả lời")),)
    return (row("tls", "ok", Text(en=f"{ENCRYPTED.en} ({good.told.en})", vi=f"{ENCRYPTED.vi} ({good.told.vi})")),)
