"""The commands about the node itself."""

from typing import TYPE_CHECKING

from agent.app.erase import ALL, FOOTAGE, IDENTITY, SPOOL, links
from agent.app.restarts import restarts_of
from agent.app.selftest import checked
from agent.app.snapshot import Snapshots
from agent.app.wiping import Marker, write_marker
from agent.clock import Clock
from agent.commands import Command, RebirthCommand
from agent.commands.errands import Later
from agent.commands.identify import IdentifyCommand
from agent.commands.restart import RestartCommand, RestartDoors
from agent.commands.selftest import SelftestCommand
from agent.commands.snapshot import SnapshotCommand, SnapshotDoors
from agent.commands.wipe import WipeCommand, WipeDoors
from agent.config.model import Config
from agent.contract.faults import CODES
from agent.contract.requests import Wipe
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.uplink.live.words import PAUSED

if TYPE_CHECKING:
    from agent.app.node import Node


def node_commands(node: "Node", config: Config, clock: Clock) -> tuple[Command, ...]:
    """What the ward may ask of the node as a whole."""
    return (
        RebirthCommand(node.reborn),
        Later(snapshot_command(node, config, clock), node.errands, job=True),
        IdentifyCommand(lambda seconds: identified(node, config, seconds)),
        Later(SelftestCommand(lambda: checked(node, config, clock)), node.errands),
        restart_command(node, config, clock),
        wipe_command(node, config, clock),
    )


def identified(node: "Node", config: Config, seconds: float) -> bool:
    """Show which device this is, in every way that there is; False: in none."""
    shown, opens = node.beacon.show(seconds), node.setup.identify()
    return shown or opens or config.page is not None


def snapshot_command(node: "Node", config: Config, clock: Clock) -> SnapshotCommand:
    """One picture, by upload."""
    cams = frozenset(camera.id for camera in config.cameras)

    def why_not() -> Text | None:
        if config.upload is None:
            return Text(en="this node uploads nothing (`upload`)", vi="thiết bị này không gửi hình lên (`upload`)")
        if config.evidence.encrypt_to is not None:
            # A JPEG in the spool would be the only picture in clear on the card.
            return Text(
                en="footage of this node is encrypted to the ward, and single pictures are not; ask for a clip",
                vi="hình của thiết bị này được mã hoá cho phường, ảnh đơn thì không; hãy yêu cầu clip",
            )
        return None

    take = Snapshots(node, config, clock).take
    doors = SnapshotDoors(
        take, node.spool.put, node.access.write, why_not, lambda: PAUSED if node.pause.active else None
    )
    return SnapshotCommand(node.line.topics, cams, doors, clock)


def restart_command(node: "Node", config: Config, clock: Clock) -> RestartCommand:
    """Begins again; the next start tells that it is done."""
    restarts = restarts_of(config, clock)

    def begin(request_id: str) -> None:
        restarts.begin(request_id)
        node.again.ask()

    return RestartCommand(RestartDoors(restarts.wait_s, begin, node.access.write), clock)


def wipe_command(node: "Node", config: Config, clock: Clock) -> WipeCommand:
    """The marker is written here; the next start does the rest."""
    data, topics = config.node.data_dir, node.line.topics

    def why_not(request: Wipe) -> Text | None:
        names = (*FOOTAGE, *SPOOL) if request.scope == "footage" else (*ALL, *IDENTITY)
        found = ", ".join(links(data, names))
        if not found:
            return None
        return Text(
            en=f"{found}: a link that leads out of the data directory, whose target the agent does not erase",
            vi=f"{found}: liên kết ra ngoài thư mục dữ liệu, chương trình không xoá nội dung ở đó",
        )

    def footage_bytes() -> int:
        return sum(node.footage.state(camera.id).bytes for camera in config.cameras)

    def begin(request: Wipe) -> None:
        retained = () if request.scope == "footage" else (*node.spool.retained(), *always(topics))
        write_marker(data, Marker(request.scope, request.request_id, "asked", tuple(sorted(set(retained)))))
        node.again.ask()

    return WipeCommand(WipeDoors(footage_bytes, begin, why_not, node.access.write), clock)


def always(topics: Topics) -> tuple[str, ...]:
    """Retained topics that every node may have."""
    return (
        topics.availability(),
        topics.birth(),
        topics.health(),
        *(topics.fault(code) for code in sorted(CODES)),
    )
