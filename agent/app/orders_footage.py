"""The commands about footage, joined with the rooms that hold it."""

from typing import TYPE_CHECKING

from agent.clock import NS, Clock, Moment
from agent.commands import Command
from agent.commands.clip_cancel import CancelDoors, ClipCancelCommand
from agent.commands.clip_request import ClipRequestCommand, FootageDoors
from agent.commands.errands import Later
from agent.commands.footage_list import FootageListCommand, ListDoors
from agent.commands.holds import HoldAddCommand, HoldDoors, HoldReleaseCommand
from agent.commands.refused import Refused
from agent.config.model import Config
from agent.contract.commands import Refusal
from agent.footage.holds import HoldRefused
from agent.values import FootageFound, FootageList, Hold

if TYPE_CHECKING:
    from agent.app.node import Node

MOST_RANGES = 1_000_000  # all of them, merged


def footage_commands(node: "Node", config: Config, clock: Clock) -> tuple[Command, ...]:
    """What the ward may ask about footage. What reads much of the index is an errand."""
    cams = frozenset(camera.id for camera in config.cameras)
    footage, spool, note = node.footage, node.spool, node.access.write
    holds = held_footage(node)

    # The library is asked for each time: a damaged index is replaced while the node runs.
    def plan(cam: str, start: Moment, end: Moment) -> FootageFound:
        return footage.library.plan(cam, start, end)

    def listing(cam: str, span: tuple[int | None, int | None], limit: int) -> FootageList:
        return footage.library.listing(cam, span, limit)

    clips = FootageDoors(plan, spool.want, spool.put, note, spool.cancelled_clip, spool.go_on)
    jobs = node.orders.jobs
    return (
        ClipRequestCommand(node.line.topics, cams, clips, clock),
        ClipCancelCommand(CancelDoors(jobs.find, jobs.cancel, note), clock),
        Later(HoldAddCommand(cams, holds, clock), node.errands),
        Later(HoldReleaseCommand(holds, clock), node.errands),
        Later(FootageListCommand(cams, ListDoors(listing, note), clock), node.errands),
    )


def held_footage(node: "Node") -> HoldDoors:
    """What the node will not hold is refused in its own words."""
    footage = node.footage

    def find(hold: Hold) -> FootageFound:
        # Not `plan`: a hold may be of days, and objects for all of its segments would not fit into the node.
        found = footage.library.listing(hold.cam, (hold.from_ns, hold.to_ns), MOST_RANGES)
        covered_ns = sum(one.to_ns - one.from_ns for one in found.ranges)
        return FootageFound(covered_ns / NS, sum(one.bytes for one in found.ranges), found.gaps)

    def add(hold: Hold) -> None:
        try:
            footage.library.hold(hold)
        except HoldRefused as error:
            raise Refused(Refusal(error.why), error.text) from error

    def known() -> tuple[Hold, ...]:
        return footage.library.holds()

    def remove(hold_id: str) -> bool:
        return footage.library.release(hold_id)

    return HoldDoors(
        find=find,
        add=add,
        known=known,
        remove=remove,
        note=node.access.write,
    )
