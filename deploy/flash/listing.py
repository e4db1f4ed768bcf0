"""What would lie on each card: names, places and sizes; of secrets nothing but that they are there."""

from collections.abc import Iterator, Sequence

from agent.i18n import Text
from deploy.flash.folder import FOLDER, Facts, common_files, node_files, system_files
from deploy.flash.order import Materials, Planned
from deploy.flash.secret import new_secrets

STOCK = "root=PARTUUID=00000000-02"


def listing(plans: Sequence[Planned], materials: Materials | None) -> str:
    """A table for people. Raises CardError for a file that cannot be read."""
    lines = list(_shared(materials))
    for plan in plans:
        lines += list(_card(plan))
    lines.append(str(Text(en="No card was written.", vi="Chưa ghi thẻ nào.")))
    return "\n".join(lines)


def _shared(materials: Materials | None) -> Iterator[str]:
    yield str(Text(en="On every card:", vi="Trên mọi thẻ:"))
    for each in common_files(materials.update_key, materials.debs) if materials else common_files():
        yield f"  {each.path:<58} {len(each.data):>9}"
    if materials and materials.bundle:
        yield f"  {FOLDER}/{materials.bundle.name:<45} {materials.bundle.stat().st_size:>9}"


def _card(plan: Planned) -> Iterator[str]:
    node = plan.source.wanted
    facts = Facts("cloud-init", "trixie", "3.13", "", "", "")
    yield f"{plan.id} ({node.node.ward}, {node.node.label or '-'}), {node.host}:"
    files = (
        *node_files(plan.source, plan.composed, new_secrets(), facts),
        *system_files(plan.source, STOCK, "cloud-init"),
    )
    orders = next(each.data.decode() for each in files if each.path.endswith("/place.list"))
    placed = {parts[4]: f"{parts[3]} ({parts[1]} {parts[2]})" for line in orders.splitlines()
              if len(parts := line.split("\t")) == 6}  # fmt: skip
    for each in files:
        target = placed.get(each.path.removeprefix(f"{FOLDER}/node/"), "")
        yield f"  {each.path:<58} {len(each.data):>9}  {'-> ' + target if target else ''}".rstrip()
