"""`camera-agent init`: at most ten questions, each checked at once, and a commented configuration at the end.

Nothing is written before the last answer; the file appears whole or not at all. The password goes into a file of its
own beside it, and never onto the screen or into the configuration.
"""

import argparse
import contextlib
import os
import pwd
import re
import readline  # noqa: F401 - what is typed can be edited
import socket
import sys
from pathlib import Path

from agent.cli.arguments import DEFAULT_CONFIG, Subparsers
from agent.cli.init_asking import Asking, Ended, Question, read_answers
from agent.cli.init_camera import Picked, pick
from agent.cli.init_check import problem_at
from agent.cli.init_file import MODEL, Answers, written
from agent.cli.probe import Range
from agent.config.document import read_document
from agent.config.examples import as_yaml
from agent.config.explain import slug_of
from agent.config.load import config_in
from agent.config.mistakes import InvalidConfig
from agent.config.model import Config
from agent.durable import write_durably
from agent.errors import AgentError
from agent.i18n import Text
from agent.system_words import reason

SERVICE_USER = "camera-agent"
NO_NAMES = ("localhost", "raspberrypi", "jetson", "debian", "ubuntu", "nano")
PURPOSE = "Giữ an ninh, trật tự"


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    about = Text(
        en="ask ten questions, write a commented configuration", vi="hỏi mười câu rồi viết tệp cấu hình có ghi chú"
    )
    parser = subparsers.add_parser("init", help=str(about))
    out = Text(en="the file to write", vi="tệp cần viết")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", default=Path(DEFAULT_CONFIG), help=f"{out} [{DEFAULT_CONFIG}]"
    )
    answers = Text(
        en="take the answers from this file (language, ward, label, id, broker, camera, username, password_file, days, "
        "controller, contact, purpose) and ask nothing",
        vi="lấy câu trả lời trong tệp này (language, ward, label, id, broker, camera, username, password_file, days, "
        "controller, contact, purpose), không hỏi gì",
    )
    parser.add_argument("--answers", type=Path, metavar="FILE", help=str(answers))
    force = Text(
        en="replace a file that is there without asking; it is kept as FILE.old",
        vi="thay tệp đã có mà không hỏi; tệp cũ giữ lại thành TỆP.old",
    )
    parser.add_argument("--force", action="store_true", help=str(force))
    return parser


def run(arguments: argparse.Namespace, where: Range | None = None) -> int:
    """0 when the file is written. Raises ConfigError for an answer that will not do, AgentError for the disk."""
    asking = Asking()
    if arguments.answers is not None:
        asking.answers = read_answers(arguments.answers)
    elif not sys.stdin.isatty():
        asking.lines = iter(sys.stdin.read().splitlines())
    out: Path = arguments.out
    try:
        if not may_write(asking, out, arguments.force):
            return 1
        picked, answers = questions(asking, out, where or Range())
    except (KeyboardInterrupt, Ended):
        told = "".join(f"\n  {key}: {as_yaml(value)}" for key, value in asking.told.items())
        asking.say(Text(en=f"\nStopped. Nothing was written. These were your answers:{told}",
                        vi=f"\nĐã dừng. Chưa ghi gì. Các câu đã trả lời:{told}"))  # fmt: skip
        return 130
    text = written(answers, str(out))
    found = config_in(out, read_document(text))
    if not isinstance(found, Config):
        raise InvalidConfig(found)
    store(out, text, answers.password_file, picked)
    print(Text(en=f"Written: {out}", vi=f"Đã ghi: {out}").say(answers.language))
    if picked.secret is not None:
        print(
            Text(
                en=f"Password: {answers.password_file} (chmod 600)", vi=f"Mật khẩu: {answers.password_file} (chmod 600)"
            ).say(answers.language)
        )
    print(_NEXT.say(answers.language).format(out))
    return 0


def may_write(asking: Asking, out: Path, force: bool) -> bool:
    """May the file be written where it is wanted? Raises AgentError."""
    if out.is_dir() or not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise AgentError(
            Text(en=f"{out} cannot be written", vi=f"không ghi được {out}"),
            Text(en="use sudo, or choose a file with --out", vi="hãy dùng sudo, hoặc chọn tệp khác với --out"),
        )
    if not os.path.lexists(out) or force:
        return True
    if asking.by_hand:
        return asking.sure(
            Text(
                en=f"{out} is there already. Replace it (it is kept as {out.name}.old)? y/N",
                vi=f"Đã có {out}. Thay tệp này (bản cũ giữ lại thành {out.name}.old)? c/K",
            )
        )
    raise AgentError(
        Text(en=f"{out} is there already", vi=f"đã có tệp {out}"),
        Text(en="add --force to replace it", vi="thêm --force để thay"),
    )


def questions(asking: Asking, out: Path, where: Range) -> tuple[Picked, Answers]:
    """All of them, in the order in which an installer knows the answers."""
    if asking.answers is None:
        asking.say(_HELLO)
    language = asking.ask(Question("language", _LANGUAGE, "vi"), lambda each: problem_at(("node", "language"), each))
    asking.language = "en" if language == "en" else "vi"
    ward = asking.ask(Question("ward", _WARD), lambda each: problem_at(("node", "ward"), each))
    label = asking.ask(Question("label", _LABEL, ""), lambda each: problem_at(("node", "label"), each))
    host = socket.gethostname().partition(".")[0].lower()
    default = slug_of(label) or ("" if host in NO_NAMES else slug_of(host)) or "node-1"
    name = asking.ask(Question("id", _ID, default), lambda each: problem_at(("node", "id"), each))
    broker = asking.ask(Question("broker", _BROKER), lambda each: problem_at(("mqtt", "url"), secure(each)))
    picked = pick(asking, where)
    asking.number = 8
    days = asking.ask(Question("days", _DAYS, "30"), lambda each: problem_at(("retention", "max_days"), number(each)))
    controller, contact = responsible(asking)
    purpose = (asking.answers or {}).get("purpose", PURPOSE)
    password_file = picked.password_file or ""
    if picked.secret is not None:
        password_file = str(free_name(out.parent.absolute() / "camera-1.password"))
    return picked, Answers(
        "en" if language == "en" else "vi", ward, label, name, secure(broker), picked.source, picked.sub or "",
        picked.username or "", password_file, int(days), purpose, controller, contact, Path(MODEL).is_file(),
    )  # fmt: skip


def responsible(asking: Asking) -> tuple[str, str]:
    """Who answers for the footage, and how they are reached: one question, two settings."""
    if asking.answers is not None:
        return asking.answers.get("controller", ""), asking.answers.get("contact", "")
    told = asking.ask(
        Question("controller", _WHO, ""), lambda each: problem_at(("notice", "controller"), each) if each else None
    )
    who, _, contact = told.rpartition(",") if "," in told else (told, "", "")
    return who.strip(), contact.strip()


def secure(broker: str) -> str:
    """`ward.example` as an address."""
    return broker if "://" in broker else f"mqtts://{broker}"


def number(word: str) -> object:
    """A number, where it is one."""
    if re.fullmatch(r"-?[0-9]{1,9}", word):
        return int(word)
    return float(word) if re.fullmatch(r"-?[0-9]{1,9}\.[0-9]{1,9}", word) else word


def free_name(path: Path) -> Path:
    """A name beside `path` that no file has: another camera's password is not overwritten."""
    candidates = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1000))
    return path if not os.path.lexists(path) else next(each for each in candidates if not os.path.lexists(each))


def store(out: Path, text: str, password_file: str, picked: Picked) -> None:
    """The password first, so that the configuration never names a file that is not there. Raises AgentError."""
    try:
        if picked.secret is not None:
            write_durably(Path(password_file), picked.secret.reveal().encode() + b"\n", 0o600)
            give_away(Path(password_file))
        if os.path.lexists(out):
            write_durably(out.with_name(out.name + ".old"), out.read_bytes(), 0o600)
        write_durably(out, text.encode(), 0o640)
        give_away(out)
    except OSError as error:
        why = reason(error)
        raise AgentError(Text(en=f"{out}: {why.en}", vi=f"{out}: {why.vi}")) from error


def give_away(path: Path) -> None:
    """What root writes belongs to the service's user, who has to read it. Elsewhere nothing is changed."""
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(SERVICE_USER)
            os.chown(path, user.pw_uid, user.pw_gid)


_HELLO = Text(
    en="At most ten questions. Enter takes what stands in [ ]; Ctrl-C stops without writing anything.",
    vi="Nhiều nhất mười câu hỏi. Enter là lấy giá trị trong [ ]; Ctrl-C là dừng, chưa ghi gì.",
)
_LANGUAGE = Text(en="Language / Ngôn ngữ (vi, en)", vi="Ngôn ngữ / Language (vi, en)")
_WARD = Text(
    en="Ward, in small letters, like phuong-ben-thanh", vi="Phường, chữ thường không dấu, ví dụ phuong-ben-thanh"
)
_LABEL = Text(
    en="Where it hangs, for people, like Ben Thanh crossing", vi="Nơi lắp, để người đọc, ví dụ Ngã tư chợ Bến Thành"
)
_ID = Text(en="Name of this node, unique in the ward", vi="Tên thiết bị, duy nhất trong phường")
_BROKER = Text(
    en="The ward's broker, like ward.example:8883", vi="Máy chủ tin nhắn của phường, ví dụ ward.example:8883"
)
_DAYS = Text(en="Keep footage for how many days", vi="Giữ hình trong bao nhiêu ngày")
_WHO = Text(
    en="Who answers for the footage, and their telephone, like Ward office, 028 3829 1234",
    vi="Ai chịu trách nhiệm về hình ghi, kèm điện thoại, ví dụ UBND phường, 028 3829 1234",
)
_NEXT = Text(
    en="Next: camera-agent check-config {0}\nThen: sudo camera-agent enrol --ward https://WARD:9443 --config {0}",
    vi="Tiếp theo: camera-agent check-config {0}\nRồi: sudo camera-agent enrol --ward "
    "https://MÁY-CHỦ-PHƯỜNG:9443 --config {0}",
)
