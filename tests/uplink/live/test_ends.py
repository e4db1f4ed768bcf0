"""When a live picture is not begun, and when it ends: nobody looks, the cap, the household rests, the node stops."""

from pathlib import Path

import pytest

from agent.clock import FLOOR_WALL_NS, MediaClock
from agent.config.asked import LiveSection
from agent.config.model import UplinkSection
from agent.uplink.live import words
from agent.uplink.live.desk import DeskDoors, LiveDesk
from agent.uplink.live.tap import Stream
from agent.uplink.share import LARGEST_STEP
from agent.values import LiveGrant, LiveNo, LiveWish, Rest
from deploy.stand_in.media import Media
from tests.uplink.live.pushing import CAM, NODE, Pushing, seen, wish

NAME = f"{NODE}.{CAM}"
URL = "rtmp://127.0.0.1:1935/live"


class House:
    """What granting depends on, set by tests."""

    def __init__(self, directory: Path) -> None:
        self.clock = MediaClock(FLOOR_WALL_NS)
        self.stream: Stream | None = Stream("h264", 900.0)
        self.line_kbps: float | None = None
        self.rest: Rest | None = None
        self.file = directory / "live.json"
        self.desk = self.new_desk()

    def new_desk(self, url: str = URL) -> LiveDesk:
        doors = DeskDoors(lambda _cam: self.stream, lambda: self.line_kbps, lambda: self.rest)
        section = LiveSection.model_validate({"url": url, "max": "60s", "keepalive": "20s"})
        return LiveDesk(section, doors, self.file, self.clock)

    def granted(self, asked: LiveWish) -> LiveGrant:
        found = self.desk.plan(asked)
        assert isinstance(found, LiveGrant)
        return found

    def refused(self, asked: LiveWish) -> LiveNo:
        found = self.desk.plan(asked)
        assert isinstance(found, LiveNo)
        return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    ("line_kbps", "max_kbps", "kbps", "encoded"),
    [
        (None, None, 900, False),  # nobody has measured the line: a usual one is taken for granted
        (2000.0, None, 900, False),
        (1000.0, None, 800, True),  # the stream is thicker at times
        (300.0, None, 300, True),
        (5000.0, 500, 500, True),
        (64.0, None, 64, True),
    ],
)
def test_the_own_stream_where_it_fits_else_a_small_one(
    house: House, line_kbps: float | None, max_kbps: int | None, kbps: int, encoded: bool
) -> None:
    house.line_kbps = line_kbps
    grant = house.granted(wish(max_kbps=max_kbps))
    assert (grant.kbps, grant.encoded) == (kbps, encoded)


def test_h265_goes_to_rtsp_and_is_encoded_for_rtmp(house: House) -> None:
    house.stream = Stream("hevc", 900.0)
    assert house.granted(wish()).encoded
    house.desk = house.new_desk("rtsp://127.0.0.1:8554/live")
    assert not house.granted(wish()).encoded


@pytest.mark.parametrize(("max_s", "lasts_s"), [(None, 60.0), (10.0, 10.0), (3600.0, 60.0)])
def test_it_lasts_as_long_as_both_sides_want(house: House, max_s: float | None, lasts_s: float) -> None:
    assert house.granted(wish(max_s=max_s)).lasts_s == lasts_s


def test_it_is_refused_in_words_while_the_household_rests(house: House) -> None:
    for why in ("quiet_hours", "day_spent"):
        house.rest = Rest(why)
        no = house.refused(wish())
        assert (no.kind, no.text) == ("busy", words.RESTS[why])


def test_it_is_refused_when_the_line_or_the_camera_has_nothing(house: House) -> None:
    house.line_kbps = 63.0
    assert house.refused(wish()).text == words.NO_ROOM
    house.stream = None
    assert house.refused(wish()).text == words.NO_PICTURE


def test_one_for_each_camera_and_two_for_the_node(house: House) -> None:
    first, second = wish("A"), LiveWish("B", "yard", "O", "C", "R")
    house.desk.begin(first, house.granted(first))
    assert house.refused(wish("C")).text == words.SEEN_ALREADY
    house.desk.begin(second, house.granted(second))
    assert house.refused(LiveWish("D", "roof", "O", "C", "R")).text == words.FULL
    assert house.desk.watched() == (CAM, "yard")


def test_after_a_crash_nothing_goes_on_and_the_jobs_are_known(house: House) -> None:
    house.desk.begin(wish("A"), house.granted(wish("A")))
    again = house.new_desk()
    assert again.interrupted == {"A": CAM}
    assert again.take(0.0) is None and again.watched() == ()
    again.forget_interrupted()
    assert not house.file.exists()
    assert house.new_desk().interrupted == {}


@pytest.mark.parametrize("text", ["", "[1]", '{"A": 1}', "{"])
def test_a_damaged_list_of_what_ran_is_none(house: House, text: str) -> None:
    house.file.write_text(text)
    assert house.new_desk().interrupted == {}


def test_keepalive_of_another_job_is_of_no_use(house: House) -> None:
    house.desk.begin(wish("A"), house.granted(wish("A")))
    order = house.desk.take(0.0)
    assert order is not None
    house.clock.advance(19.0)
    assert not house.desk.heard("B")
    assert house.desk.heard("A") and order.over() is None
    house.clock.advance(38.0)
    assert order.over() is None
    house.clock.advance(39.5)
    assert order.over() == words.NOBODY


def test_keepalive_does_not_lengthen_it(house: House) -> None:
    house.desk.begin(wish("A"), house.granted(wish("A")))
    order = house.desk.take(0.0)
    assert order is not None
    for at_s in range(10, 61, 10):
        house.clock.advance(float(at_s))
        house.desk.heard("A")
    assert order.over() == words.LONG_ENOUGH


@pytest.mark.long("on the clock of the test it is shown above")
def test_it_ends_at_the_server_when_nobody_says_that_they_look(media: Media, tmp_path: Path) -> None:
    with Pushing(tmp_path, media.push_url, keepalive="5s") as push:
        push.begin()
        seen(media.play_url(NAME), 3)
        end = push.ended()
        assert (end.state, end.why) == ("done", words.NOBODY)
        assert push.desk.watched() == () and not push.desk.heard("JOB")
        assert not (tmp_path / "live.json").exists()


@pytest.mark.long("on the clock of the test it is shown above")
def test_it_ends_at_the_cap_whoever_looks(media: Media, tmp_path: Path) -> None:
    with Pushing(tmp_path, media.push_url) as push:
        begin_s = push.clock.mono_s()
        push.begin(wish(max_s=3.0))
        seen(media.play_url(NAME), 3)
        while push.desk.heard("JOB"):
            push.camera.wait(1)
        end = push.ended()
        lasted_s = push.clock.mono_s() - begin_s
    assert (end.state, end.why) == ("done", words.LONG_ENOUGH)
    assert 3.0 <= lasted_s < 8.0
    assert "deleteStream" in media.log


def test_it_ends_when_the_days_megabytes_are_used_up(media: Media, tmp_path: Path) -> None:
    uplink = UplinkSection.model_validate({"mb_per_day": 1, "yields": False})
    with Pushing(tmp_path, media.push_url, uplink=uplink, noise=60, line_kbps=5e4) as push:
        push.begin()
        end = push.ended()
        assert (end.state, end.why) == ("failed", words.RESTS["day_spent"])
        assert 0 < end.bytes_sent <= 2_500_000
        refused = push.desk.plan(wish("AGAIN"))
    assert isinstance(refused, LiveNo) and refused.text == words.RESTS["day_spent"]


def test_it_ends_when_the_node_stops(media: Media, tmp_path: Path) -> None:
    with Pushing(tmp_path, media.push_url) as push:
        push.begin()
        seen(media.play_url(NAME), 3)
        push.desk.wake()
        end = push.ended()
    assert (end.state, end.why) == ("failed", words.NODE_STOPS)


def test_every_byte_counts_for_the_day_and_clips_make_room(media: Media, tmp_path: Path) -> None:
    uplink = UplinkSection.model_validate({"max_kbps": 4000, "yields": False})
    with Pushing(tmp_path, media.push_url, uplink=uplink) as push:
        before = push.governor.state().mb_today
        push.begin()
        seen(media.play_url(NAME), 10)
        assert push.governor.live_kbps() is not None and push.governor.live_kbps() < 3200  # type: ignore[operator]
        push.desk.stop("JOB")
        end = push.ended()
        assert push.governor.live_kbps() == pytest.approx(3200)
        counted = (push.governor._ledger.sent()) - round(before * 1e6)
        assert end.bytes_sent <= counted <= end.bytes_sent + LARGEST_STEP, "what a stop cut off was counted already"
        waits_s = push.governor.take(4000 * 125 // 4)  # a quarter second's worth, which would go at once
    assert waits_s > 0


def test_a_pause_of_the_household_ends_what_is_shown(house: House) -> None:
    asked = wish()
    house.desk.begin(asked, house.granted(asked))
    order = house.desk.take(0.0)
    assert order is not None and order.over() is None and house.desk.watched() == (CAM,)
    house.desk.end_all(words.PAUSED)
    assert order.over() is words.PAUSED
    house.desk.over(order)
    assert house.desk.watched() == ()
