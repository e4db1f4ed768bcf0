"""`deploy/flash/make-card`: one card, many cards, or an install bundle; with labels and the sign."""

import sys
from collections.abc import Sequence

from agent.config.mistakes import InvalidConfig, Mistake, format_mistakes
from agent.errors import AgentError
from agent.i18n import Text, locale_language
from deploy.fetch import Progress
from deploy.flash.arguments import Asked, parse
from deploy.flash.batch import INDEX, check_room, make_images, one_after_the_other
from deploy.flash.bundle import read_bundle
from deploy.flash.device import device_at, refuse, told, write
from deploy.flash.folder import common_files, node_files
from deploy.flash.jetson import pack
from deploy.flash.labels import Label, print_labels
from deploy.flash.listing import listing
from deploy.flash.notice import print_notice
from deploy.flash.order import (
    Planned,
    Ready,
    facts_for,
    finish,
    label_of,
    lacks_camera,
    make_one,
    notice_of,
    planned,
    publish,
    ready,
    workspace,
)
from deploy.flash.paper import new_document
from deploy.flash.reading import read_node, read_table
from deploy.flash.refused import CardError
from deploy.flash.room import shares_blocks
from deploy.flash.secret import new_secrets

EXIT_MISTAKES = 78


def main(argv: Sequence[str] | None = None) -> int:
    """0; 1 when no card was made; 2 for a wrong command line; 78 for mistakes in what it is made from."""
    asked = parse(argv)
    try:
        _run(asked)
    except InvalidConfig as error:
        print(format_mistakes(error.mistakes, locale_language()), file=sys.stderr)
        return EXIT_MISTAKES
    except AgentError as error:
        print(f"make-card: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print(Text(en="make-card: stopped", vi="make-card: đã dừng"), file=sys.stderr)
        return 130
    return 0


def _run(asked: Asked) -> None:
    progress = Progress(quiet=asked.quiet)
    plans = _plans(asked)
    if asked.labels:
        new_document("", progress)  # who cannot print must know before there is a card without a label
    if asked.notice:
        print_notice(notice_of(plans[0]), asked.notice, progress)
        _told(Text(en=f"Sign: {asked.notice}", vi=f"Biển báo: {asked.notice}"))
    if asked.dry_run:
        print(listing(plans, asked.materials))
    elif asked.jetson:
        _jetson(asked, plans[0], progress)
    elif asked.materials and asked.device:
        _device(asked, plans, progress)
    elif asked.materials and asked.csv:
        _batch(asked, plans, progress)
    elif asked.materials:
        _single(asked, plans[0], progress)


def _plans(asked: Asked) -> tuple[Planned, ...]:
    """Everything is read and checked before anything is written: all mistakes of all nodes at once."""
    sources = read_table(asked.csv, asked.node) if asked.csv else (read_node(asked.node),) if asked.node else ()
    plans: list[Planned] = []
    mistakes: list[Mistake] = []
    for source in sources:
        try:
            plans.append(planned(source))
        except InvalidConfig as error:
            mistakes += error.mistakes
    if mistakes:
        raise InvalidConfig(tuple(mistakes))
    return tuple(plans)


def _single(asked: Asked, plan: Planned, progress: Progress) -> None:
    if asked.materials is None or asked.out is None:
        raise ValueError("checked by parse()")
    with workspace(asked.out.parent) as work:
        made = ready(asked.materials, work / "base.img", progress)
        _warn(made, (plan,), asked)
        secrets = new_secrets()
        finish(plan, made, secrets, made.base.disk.image)
        _labels(asked, [label_of(plan, secrets, made.facts)], progress)
        sha256 = publish(made.base.disk.image, asked.out)
    _told(
        Text(
            en=f"Card of {plan.id}: {asked.out} (read back and right)\nsha256 {sha256}",
            vi=f"Thẻ của {plan.id}: {asked.out} (đã đọc lại và đúng)\nsha256 {sha256}",
        )
    )


def _device(asked: Asked, plans: Sequence[Planned], progress: Progress) -> None:
    materials, target = asked.materials, asked.device
    if materials is None or target is None:
        raise ValueError("checked by parse()")
    labels: list[Label] = []
    with workspace(asked.out_dir) as work:
        made = ready(materials, work / "base.img", progress)
        _warn(made, plans, asked)

        def one(plan: Planned) -> str:
            device = device_at(target)
            refuse(device, made.base.disk.image.stat().st_size)
            print(told(device))
            if asked.yes_erase != device.name:
                answer = _ask(
                    Text(
                        en=f"EVERYTHING on it goes. Type its name ({device.name}) to write the card of {plan.id}: ",
                        vi=f"MỌI THỨ trên đó sẽ mất. Gõ tên ổ ({device.name}) để ghi thẻ của {plan.id}: ",
                    )
                )
                if answer.strip() != device.name:
                    raise CardError(Text(en="nothing was written", vi="chưa ghi gì"))
            secrets = new_secrets()
            image = work / f"{plan.id}.img"
            make_one(plan, made, secrets, image)
            sha256 = write(image, target, progress)
            image.unlink()
            labels.append(label_of(plan, secrets, made.facts))
            _labels(asked, labels, progress)  # after each card: a stopped run loses no label
            return sha256

        done = [(plans[0], one(plans[0]))] if not asked.csv else one_after_the_other(plans, one, _ask)
    for plan, sha256 in done:
        _told(
            Text(
                en=f"Card of {plan.id} on {target}: written, read back and right. sha256 {sha256}",
                vi=f"Thẻ của {plan.id} trên {target}: đã ghi, đã đọc lại và đúng. sha256 {sha256}",
            )
        )


def _batch(asked: Asked, plans: Sequence[Planned], progress: Progress) -> None:
    if asked.materials is None:
        raise ValueError("checked by parse()")
    with workspace(asked.out_dir) as work:
        made = ready(asked.materials, work / "base.img", progress)
        _warn(made, plans, asked)
        check_room(made, len(plans), asked.out_dir, shares_blocks(work))
        cards = make_images(plans, made, asked.out_dir, progress)
    _labels(asked, [card.label for card in cards], progress)
    _told(
        Text(
            en=f"{len(cards)} cards in {asked.out_dir} (read back and right); list: {asked.out_dir / INDEX}",
            vi=f"{len(cards)} thẻ trong {asked.out_dir} (đã đọc lại và đúng); danh sách: {asked.out_dir / INDEX}",
        )
    )


def _jetson(asked: Asked, plan: Planned, progress: Progress) -> None:
    if asked.jetson is None or asked.bundle is None:
        raise ValueError("checked by parse()")
    bundle = read_bundle(asked.bundle, None)
    facts = facts_for(None, bundle, asked.update_key is not None)
    secrets = new_secrets()
    files = (*common_files(asked.update_key), *node_files(plan.source, plan.composed, secrets, facts))
    pack(files, bundle, asked.jetson)
    _labels(asked, [label_of(plan, secrets, facts)], progress)
    _told(
        Text(
            en=f"Install bundle of {plan.id}: {asked.jetson}\n"
            f"On the device: tar -xf {asked.jetson.name} && sudo sh camera-agent/first-boot.sh",
            vi=f"Gói cài đặt của {plan.id}: {asked.jetson}\n"
            f"Trên thiết bị: tar -xf {asked.jetson.name} && sudo sh camera-agent/first-boot.sh",
        )
    )


def _labels(asked: Asked, labels: Sequence[Label], progress: Progress) -> None:
    if asked.labels is not None:
        print_labels(labels, asked.labels, progress)
        _told(Text(en=f"Labels: {asked.labels} (they hold passwords)", vi=f"Nhãn: {asked.labels} (có mật khẩu)"))


def _warn(made: Ready, plans: Sequence[Planned], asked: Asked) -> None:
    camera = lacks_camera(plans, made, asked.materials.debs if asked.materials else None)
    for warning in (*made.warnings, *((camera,) if camera else ())):
        print(Text(en=f"Note: {warning.en}", vi=f"Lưu ý: {warning.vi}"), file=sys.stderr)


def _told(text: Text) -> None:
    print(text, flush=True)


def _ask(text: Text) -> str:
    print(text, end="", flush=True)
    return input()


if __name__ == "__main__":
    sys.exit(main())
