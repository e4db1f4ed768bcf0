"""Lines of the status screen about what somebody has changed: configuration, setup page, program, a pause."""

from agent.contract.birth import ConfigFacts
from agent.contract.health import HouseholdHealth, PauseHealth, SetupHealth, UpdateHealth
from agent.health.words import counted, duration, mark
from agent.i18n import Text

UPDATES = {
    "trying": Text(en="TRYING {}", vi="ĐANG CHẠY THỬ {}"),
    "updated": Text(en="updated to {}", vi="đã cập nhật lên {}"),
    "returned": Text(en="BACK FROM {}, which did not work", vi="ĐÃ TRỞ LẠI, vì {} không chạy được"),
    "failed": Text(en="{} COULD NOT BE INSTALLED", vi="KHÔNG CÀI ĐƯỢC {}"),
    "refused": Text(en="{} WAS REFUSED", vi="TỪ CHỐI {}"),
}


def config_line(config: ConfigFacts) -> Text:
    """Not simply the installer's file as it is now."""
    if config.last_known_good:
        return Text(
            en=f"{mark(False)} Configuration: THE LAST GOOD ONE, because the file cannot be used",
            vi=f"{mark(False)} Cấu hình: BẢN TỐT GẦN NHẤT, vì không dùng được tệp cấu hình",
        )
    trial = Text(en=", on trial", vi=", đang chạy thử") if config.trial else Text(en="", vi="")
    if config.source == "page":
        return Text(
            en=f"{mark(not config.trial)} Configuration: the file, with what was saved on the setup page{trial.en}",
            vi=f"{mark(not config.trial)} Cấu hình: tệp trên thiết bị, kèm phần lưu từ trang cài đặt{trial.vi}",
        )
    return Text(
        en=f"{mark(not config.trial)} Configuration: applied by the ward over the file{trial.en}",
        vi=f"{mark(not config.trial)} Cấu hình: do phường gửi, thay cho tệp trên thiết bị{trial.vi}",
    )


def setup_line(setup: SetupHealth) -> Text:
    """This device listens on the local network just now: whoever reads this should know."""
    left = duration(setup.closes_in_s)
    wrong_en = f", {counted(setup.failed_logins, 'wrong code')}" if setup.failed_logins else ""
    wrong_vi = f", {setup.failed_logins} lần sai mã" if setup.failed_logins else ""
    return Text(
        en=f"{mark(not setup.failed_logins)} Setup page: OPEN on port {setup.port}, closes in {left.en}{wrong_en}",
        vi=f"{mark(not setup.failed_logins)} Trang cài đặt: ĐANG MỞ ở cổng {setup.port}, đóng sau {left.vi}{wrong_vi}",
    )


def update_line(update: UpdateHealth) -> Text | None:
    """Of the newest attempt; a program that was never updated says nothing."""
    if update.state is None:
        return None
    words, wanted = UPDATES[update.state], update.wanted or "?"
    why = update.why.text() if update.why is not None else Text(en="", vi="")
    well = mark(update.state == "updated")
    return Text(
        en=f"{well} Program: {update.version}, {words.en.format(wanted)}{': ' if why.en else ''}{why.en}",
        vi=f"{well} Phần mềm: {update.version}, {words.vi.format(wanted)}{': ' if why.vi else ''}{why.vi}",
    )


def household_line(page: HouseholdHealth) -> Text:
    """The family's own page."""
    wrong_en = f", {counted(page.failed_logins, 'wrong code')}" if page.failed_logins else ""
    wrong_vi = f", {page.failed_logins} lần sai mã" if page.failed_logins else ""
    return Text(
        en=f"{mark(True)} Family's page: port {page.port}, {counted(page.sessions, 'browser')} logged in{wrong_en}",
        vi=f"{mark(True)} Trang gia đình: cổng {page.port}, {page.sessions} trình duyệt đã đăng nhập{wrong_vi}",
    )


def paused_line(paused: PauseHealth) -> Text:
    """The household may; the ward is told as well."""
    left = duration(paused.left_s)
    return Text(
        en=f"{mark(False)} PAUSED BY THE HOUSEHOLD: nothing is recorded for {left.en} more",
        vi=f"{mark(False)} GIA ĐÌNH TẠM DỪNG: không ghi hình trong {left.vi} nữa",
    )
