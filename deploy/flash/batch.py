"""Many cards of one table: the image is unpacked once, each node gets a copy of it, or its card written straight.

Stopped and run again, it goes on: an image that is finished and made from the same things stays, with its secrets.
"""

import csv
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.fetch import Progress
from deploy.flash.base import disk_words, give_back, stored_bytes
from deploy.flash.fat import Fat
from deploy.flash.folder import FOLDER
from deploy.flash.image import disk_of
from deploy.flash.labels import Label
from deploy.flash.order import Planned, Ready, fingerprint, label_of, make_one
from deploy.flash.refused import CardError
from deploy.flash.secret import Secrets, new_secrets
from deploy.flash.wifi import HOTSPOT

INDEX = "index.csv"
SPARE = 200_000_000
PER_NODE = 2_000_000  # of a copy that shares its blocks: what the node's own files and their tables take


@dataclass(frozen=True, slots=True)
class Made:
    """A finished card. `kept`: it was there already."""

    plan: Planned
    label: Label
    image: Path
    sha256: str
    kept: bool


def check_room(ready: Ready, count: int, out: Path, shares: bool) -> None:
    """Before the first of many. Raises CardError with what to do instead."""
    each = PER_NODE if shares else stored_bytes(ready.base.disk.image)
    room = os.statvfs(out)
    free = room.f_bavail * room.f_frsize
    need = count * each + SPARE
    if need > free:
        raise CardError(
            Text(
                en=f"{count} images need {need / 1e9:.0f} GB, the disk has {free / 1e9:.0f} GB free",
                vi=f"{count} ảnh cần {need / 1e9:.0f} GB, ổ đĩa còn trống {free / 1e9:.0f} GB",
            ),
            Text(
                en="write the cards one after the other with --device, or use a disk with btrfs or XFS, "
                "where the images share what is the same",
                vi="hãy ghi lần lượt từng thẻ với --device, hoặc dùng ổ btrfs hay XFS, "
                "nơi các ảnh dùng chung phần giống nhau",
            ),
        )


def make_images(plans: Sequence[Planned], ready: Ready, out: Path, progress: Progress) -> list[Made]:
    """One image per node in `out`. Raises CardError at the first that fails; those before it are finished."""
    made: list[Made] = []
    try:
        for number, plan in enumerate(plans, 1):
            made.append(_image(plan, ready, out))
            word = Text(en="kept", vi="giữ nguyên") if made[-1].kept else Text(en="made", vi="đã tạo")
            progress.say(
                Text(en=f"{number}/{len(plans)} {plan.id}: {word.en}", vi=f"{number}/{len(plans)} {plan.id}: {word.vi}")
            )
    finally:
        write_index(made, ready, out / INDEX)
    return made


def _image(plan: Planned, ready: Ready, out: Path) -> Made:
    image = out / f"{plan.id}.img"
    kept = secrets_on(image) if image.exists() else None
    if kept is not None and made_from(image) == fingerprint(plan, ready.facts, kept):
        sha256 = (image.with_name(image.name + ".sha256").read_text("ascii").split() or [""])[0]
        return Made(plan, label_of(plan, kept, ready.facts), image, sha256, kept=True)
    secrets = new_secrets()
    sha256 = make_one(plan, ready, secrets, image)
    return Made(plan, label_of(plan, secrets, ready.facts), image, sha256, kept=False)


def secrets_on(image: Path) -> Secrets | None:
    """Those of a card that was made before; None when they are not all there."""
    try:
        fat = disk_of(image).fat
        setup = _word(fat, "secrets/setup.code")
        household = _word(fat, "secrets/household.code")
        found = re.search(r"^psk=(\S+)$", _word(fat, f"hotspot/{HOTSPOT}.nmconnection") or "psk=", re.MULTILINE)
    except AgentError:
        return None
    return Secrets(setup, household, found[1] if found else "") if setup else None


def made_from(image: Path) -> str:
    """As the card itself says."""
    told = (disk_of(image).fat.read(f"{FOLDER}/card.env") or b"").decode("utf-8", "replace")
    found = re.search(r"^MADE_FROM=(\w+)$", told, re.MULTILINE)
    return found[1] if found else ""


def _word(fat: Fat, name: str) -> str:
    return (fat.read(f"{FOLDER}/node/{name}") or b"").decode("utf-8", "replace").strip()


def write_index(made: Sequence[Made], ready: Ready, out: Path) -> None:
    """What was made; nothing in it is secret. Raises CardError."""
    part = out.with_name(out.name + ".part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:  # spreadsheets take it for UTF-8 only so
            table = csv.writer(file)
            table.writerow(("node", "ward", "label", "hostname", "image", "sha256", "system", "bundle", "made", "row"))
            for each in made:
                node = each.plan.source.wanted
                facts = ready.facts
                table.writerow(
                    (node.node.id, node.node.ward, _cell(node.node.label), node.host, each.image.name, each.sha256,
                     facts.release, facts.bundle, facts.made, each.plan.source.row)
                )  # fmt: skip
            file.flush()
            os.fsync(file.fileno())
        give_back(part)
        part.replace(out)
    except OSError as error:
        raise disk_words(error, out) from error


def _cell(words: str) -> str:
    """A spreadsheet computes what begins so."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@")) else words


def one_after_the_other(
    plans: Sequence[Planned], make: Callable[[Planned], str], ask: Callable[[Text], str]
) -> list[tuple[Planned, str]]:
    """A card each: asks for the next, `make` writes it. Enter goes on, s leaves one out, q ends; a card that fails is
    told and asked for again.
    """
    done: list[tuple[Planned, str]] = []
    waiting = list(plans)
    while waiting:
        plan = waiting[0]
        number = len(plans) - len(waiting) + 1
        answer = ask(
            Text(
                en=f"{number}/{len(plans)}: put in the card for {plan.id}. Enter: write it, s: leave it out, q: stop. ",
                vi=f"{number}/{len(plans)}: lắp thẻ cho {plan.id}. Enter: ghi thẻ, s: bỏ qua, q: dừng. ",
            )
        ).strip()
        if answer.lower() in ("q", "s"):
            if answer.lower() == "q":
                break
            waiting.pop(0)
            continue
        try:
            done.append((plan, make(plan)))
            waiting.pop(0)
        except AgentError as error:
            ask(Text(en=f"{error.text.en}. Enter: try again. ", vi=f"{error.text.vi}. Enter: thử lại. "))
    return done
