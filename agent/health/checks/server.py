"""Does somebody at the ward take what this node says? The broker alone is only a letter box."""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, only_live, row
from agent.health.conditions import CLOCK_DIFFERS_S
from agent.health.words import duration
from agent.i18n import Text

NAME = "server"
ASK = Text(en="ask the ward whether its server runs", vi="hãy hỏi phường xem máy chủ có đang chạy không")
CLOCKS = Text(
    en="check which clock is wrong, here or at the ward", vi="hãy kiểm tra đồng hồ nào sai, ở đây hay ở phường"
)


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    if not facts.live:
        return (only_live(NAME, Text(en="not asked", vi="chưa hỏi")),)
    server = facts.report.net.server
    if server is None:
        text = Text(en="the ward's server has not said a word yet", vi="máy chủ của phường chưa nói gì")
        return (row(NAME, "unknown", text, ASK),)
    ago = duration(server.heard_s)
    if server.state != "online":
        text = Text(
            en=f"the ward's server is {'stopped' if server.state == 'stopped' else 'not there'}, since {ago.en}",
            vi=f"máy chủ của phường {'đã tắt' if server.state == 'stopped' else 'không có mặt'}, từ {ago.vi} trước",
        )
        return (row(NAME, "error", text, ASK),)
    differs_s = server.differs_s
    if differs_s is not None and abs(differs_s) > CLOCK_DIFFERS_S:
        text = Text(
            en=f"online, but its clock and ours are {abs(differs_s):.0f} s apart",
            vi=f"đang chạy, nhưng đồng hồ lệch nhau {abs(differs_s):.0f} giây",
        )
        return (row(NAME, "warn", text, CLOCKS),)
    return (row(NAME, "ok", Text(en=f"online, heard {ago.en} ago", vi=f"đang chạy, nghe thấy {ago.vi} trước")),)
