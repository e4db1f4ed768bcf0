"""What was asked for on the command line, and the steps from there to a finished card."""

import hashlib
import hmac
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from agent.i18n import Text
from deploy.fetch import Progress
from deploy.flash.base import copy, disk_words, give_back, settle, unpack
from deploy.flash.bundle import Bundle, read_bundle
from deploy.flash.card import Base, inject, prepare
from deploy.flash.compose import Composed, compose
from deploy.flash.folder import CardFile, Facts, brought, common_files, lacking, node_files, system_files
from deploy.flash.image import System, disk_of, system_on
from deploy.flash.labels import Label
from deploy.flash.notice import Notice
from deploy.flash.reading import NodeSource
from deploy.flash.refused import CardError
from deploy.flash.secret import Secrets
from deploy.flash.wifi import hotspot_name

PART = ".part"
WORK = ".make-card-"
PICAMERA = "python3-picamera2"
DEFAULT_PORT = 8443  # of the setup page


@dataclass(frozen=True, slots=True)
class Materials:
    """What all cards of one run are made of."""

    image: Path
    sha256: str | None
    bundle: Path | None
    update_key: Path | None
    debs: Path | None = None  # a folder of Debian packages that the first boot installs


@dataclass(frozen=True, slots=True)
class Planned:
    """A node that can be made: everything of it was read and checked."""

    source: NodeSource
    composed: Composed

    @property
    def id(self) -> str:
        """The node's."""
        return self.source.wanted.node.id


def planned(source: NodeSource) -> Planned:
    """Raises InvalidConfig with all mistakes; CardError when the card would lack a file that the node needs."""
    composed = compose(source)
    missing = lacking(composed.config, source)
    if missing:
        names = ", ".join(missing)
        where = f" ({source.row})" if source.row else ""
        raise CardError(
            Text(
                en=f"{source.wanted.node.id}{where}: the configuration names {names}, which the card does not bring",
                vi=f"{source.wanted.node.id}{where}: cấu hình cần {names} nhưng thẻ không có",
            ),
            Text(
                en="write the password under `passwords`, or the file under `files`: {mqtt.password: …}",
                vi="hãy ghi mật khẩu trong mục `passwords`, hoặc tệp trong mục `files`: {mqtt.password: …}",
            ),
        )
    return Planned(source, composed)


def facts_for(system: System | None, bundle: Bundle | None, update_key: bool) -> Facts:
    """What card.env will say. `system`: None for an install bundle."""
    made = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Facts(
        family=system.family if system else None,
        release=system.release if system else "jetson",
        python=system.python if system else (bundle.manifest.python if bundle else ""),
        bundle=bundle.path.name if bundle else "",
        arch=system.arch if system else "aarch64",
        bundle_sha256=bundle.sha256 if bundle else "",
        made=made,
        update_key=update_key,
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """The base with its bundle on it, and what is told of it."""

    base: Base
    facts: Facts
    warnings: tuple[Text, ...]


def ready(materials: Materials, raw: Path, progress: Progress) -> Ready:
    """Unpack the image to `raw` and put on it what all cards share. Raises CardError, UpdateRefused."""
    image = unpack(materials.image, raw, materials.sha256, progress)
    system = system_on(disk_of(raw))
    bundle = read_bundle(materials.bundle, system.python, system.arch) if materials.bundle else None
    common = common_files(materials.update_key, materials.debs)
    base = prepare(raw, bundle, common, progress)
    image += hashlib.sha256(b"\0".join(each.data for each in common)).hexdigest()
    lacks = system.lacks_for_hotspot()
    warnings = (
        (
            Text(
                en=f"the image lacks {', '.join(lacks)}: its nodes get no wifi of their own",
                vi=f"ảnh thiếu {', '.join(lacks)}: thiết bị sẽ không có wifi riêng",
            ),
        )
        if lacks
        else ()
    )
    facts = replace(facts_for(system, bundle, materials.update_key is not None), has_hotspot=not lacks, image=image)
    return Ready(base, facts, warnings)


def lacks_camera(plans: Sequence[Planned], ready: Ready, debs: Path | None) -> Text | None:
    """A camera on the ribbon cable whose program neither the image nor the card has."""
    wanting = [plan.id for plan in plans if any(c.source.startswith("picamera2") for c in plan.composed.config.cameras)]
    brought = debs is not None and any(debs.glob(f"{PICAMERA}_*.deb"))
    if not wanting or brought or PICAMERA in ready.base.system.packages:
        return None
    many = f"{wanting[0]}…" if len(wanting) > 1 else wanting[0]
    return Text(
        en=f"{many}: a camera on the ribbon cable needs {PICAMERA}, which the image does not have; give its packages "
        "(--debs FOLDER), or install it on the node with internet: sudo apt install python3-picamera2",
        vi=f"{many}: camera cáp dẹt cần {PICAMERA} nhưng ảnh không có; hãy thêm các gói đó (--debs THƯ_MỤC), "
        "hoặc cài trên thiết bị khi có internet: sudo apt install python3-picamera2",
    )


def contents(plan: Planned, ready: Ready, secrets: Secrets) -> tuple[CardFile, ...]:
    """All files that this node's card gets over the base. Raises CardError."""
    facts = replace(ready.facts, fingerprint=fingerprint(plan, ready.facts, secrets))
    own = node_files(plan.source, plan.composed, secrets, facts)
    return (*own, *system_files(plan.source, ready.base.cmdline, ready.base.system.family))


def finish(plan: Planned, ready: Ready, secrets: Secrets, part: Path) -> None:
    """The node's files onto `part`, a copy of the base (or the base itself). Raises CardError."""
    disk = disk_of(part)
    inject(disk.fat, contents(plan, ready, secrets))


def make_one(plan: Planned, ready: Ready, secrets: Secrets, out: Path) -> str:
    """A finished image at `out` from a copy of the base; its sha256. Raises CardError."""
    part = out.with_name(out.name + PART)
    try:
        copy(ready.base.disk.image, part)
        finish(plan, ready, secrets, part)
        return publish(part, out)
    finally:
        part.unlink(missing_ok=True)


def publish(part: Path, out: Path) -> str:
    """Synced, summed up from the disk, renamed; NAME.sha256 beside it. Raises CardError."""
    settle(part)
    try:
        with part.open("rb") as file:
            digest = hashlib.sha256()
            while piece := file.read(1 << 20):
                digest.update(piece)
        found = digest.hexdigest()
        beside = out.with_name(out.name + ".sha256")
        beside.write_text(f"{found}  {out.name}\n", encoding="utf-8")
        give_back(beside)
        give_back(part)
        part.replace(out)
        descriptor = os.open(out.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_words(error, out) from error
    return found


def fingerprint(plan: Planned, facts: Facts, secrets: Secrets) -> str:
    """Of all that a card is made from. Its key is the node's own chance: nothing can be guessed back out of it."""
    told = hmac.new(f"{secrets.setup}{secrets.hotspot}".encode(), digestmod="sha256")
    for part in (plan.source.wanted.model_dump_json(), plan.composed.text, facts.bundle_sha256, facts.image):
        told.update(part.encode() + b"\0")
    for data in brought(plan.source):
        told.update(data + b"\0")
    return told.hexdigest()


def label_of(plan: Planned, secrets: Secrets, facts: Facts) -> Label:
    """What is printed for it."""
    node = plan.source.wanted
    has_hotspot = node.hotspot and facts.has_hotspot
    setup, household = plan.composed.config.setup, plan.composed.config.household
    return Label(
        node=node.node.id,
        ward=node.node.ward,
        place=node.node.label,
        host=node.host,
        hotspot=hotspot_name(node.node.id) if has_hotspot else "",
        password=secrets.hotspot if has_hotspot else "",
        setup_code=secrets.setup,
        household_code=secrets.household if node.household else "",
        contact=node.contact_lines,
        port=(setup.port if setup else 0) or DEFAULT_PORT,
        household_port=household.port if household and node.household else 0,
    )


def notice_of(plan: Planned) -> Notice:
    """What the sign says. Raises CardError when nobody said it."""
    notice = plan.composed.config.notice
    if notice.purpose is None or notice.controller is None or notice.contact is None:
        raise CardError(
            Text(
                en=f"{plan.id}: the sign needs purpose, controller and contact",
                vi=f"{plan.id}: biển báo cần có mục đích, đơn vị kiểm soát và liên hệ",
            ),
            Text(
                en="write `notice: {purpose: …, controller: …, contact: …}` into node.yaml",
                vi="hãy ghi `notice: {purpose: …, controller: …, contact: …}` vào node.yaml",
            ),
        )
    days = plan.composed.config.retention.max_days
    return Notice(notice.purpose, notice.controller, notice.contact, int(days), plan.source.wanted.node.label)


@contextmanager
def workspace(beside: Path) -> Iterator[Path]:
    """A folder on the disk of `beside`, gone afterwards. Raises CardError."""
    try:
        beside.mkdir(parents=True, exist_ok=True)
        for left in beside.glob(f"{WORK}*"):  # of a run that was killed
            number = left.name.removeprefix(WORK).partition("-")[0]
            if number.isdigit() and not Path("/proc", number).exists():
                shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=f"{WORK}{os.getpid()}-", dir=beside))
    except OSError as error:
        raise disk_words(error, beside) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
