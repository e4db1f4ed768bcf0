"""Is the radio strong enough? On a cable there is none to judge."""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text

WEAK_DBM, BAD_DBM = -72, -82
NEARER = Text(
    en="move the router or the node, turn the aerial, or lay a cable",
    vi="hãy dời bộ phát hoặc thiết bị lại gần, xoay ăng-ten, hoặc kéo dây mạng",
)
PLUG = Text(en="check the cable, the Wi-Fi and the router", vi="hãy kiểm tra dây mạng, Wi-Fi và bộ định tuyến")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    net = facts.report.net
    if net.iface is None and net.connected:
        text = Text(en="no way out of this house, and none is needed", vi="không có đường ra ngoài, và cũng không cần")
        return (row("wifi", "unknown", text),)
    if net.iface is None:
        return (
            row("wifi", "error", Text(en="there is no way out of this house", vi="không có đường mạng ra ngoài"), PLUG),
        )
    if net.rssi_dbm is None:
        return (row("wifi", "ok", Text(en=f"not used: a cable ({net.iface})", vi=f"không dùng: có dây ({net.iface})")),)
    dbm = net.rssi_dbm
    if dbm > WEAK_DBM:
        return (row("wifi", "ok", Text(en=f"good, {dbm} dBm ({net.iface})", vi=f"tốt, {dbm} dBm ({net.iface})")),)
    bad = dbm <= BAD_DBM
    text = Text(
        en=f"{'hardly usable' if bad else 'weak'}, {dbm} dBm ({net.iface})",
        vi=f"{'gần như không dùng được' if bad else 'yếu'}, {dbm} dBm ({net.iface})",
    )
    return (row("wifi", "error" if bad else "warn", text, NEARER),)
