"""When a clip leaves and how fast: cap, quiet hours, messages first, and what was asked for before what lies there."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.clock import MediaClock
from agent.config.model import TlsSection, UplinkSection
from agent.uplink.stats import LinkStats
from agent.uplink.upload import LONGEST_PIECE_S
from agent.worker import Outcome
from deploy.ward import Certificates, Ward
from tests.uplink.shelf import PacedStop, Shelf, make_clip, make_job, run_dry
from tests.uplink.test_upload import MB, arrived


def test_the_configured_pace_is_kept(ward: Ward, tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, MB, "01JZ000000000000000000PACE"))
    clock = MediaClock()
    stop = PacedStop(clock)
    job = make_job(ward.upload_url, shelf, stop=stop, clock=clock, uplink=UplinkSection(max_kbps=160, yields=False))
    run_dry(job, shelf)
    job.close()
    assert clock.mono_s() == pytest.approx(MB * 8 / 160_000, rel=0.05)
    assert max(stop.waits) < 1.0  # so that a stop is seen within a second


@pytest.mark.fault("B28", "upload: a slow-loris server")
def test_what_was_asked_for_overtakes_a_clip_that_is_under_way(ward: Ward, tmp_path: Path) -> None:
    old = make_clip(tmp_path, MB, "01JZ0000000000000000000LD0")
    asked = make_clip(tmp_path, 300_000, "01JZ000000000000000000ASKD")
    shelf = Shelf(replace(old, attempts=1))  # the shelf gives what has fewer attempts first
    job = make_job(ward.upload_url, shelf)
    while not any(line.startswith("progress") for line in shelf.log):
        job.run_once()
    begun = shelf.clips[old.id]
    assert 0 < begun.sent_bytes < old.bytes
    shelf.clips[asked.id] = asked
    shelf.clips[old.id] = replace(begun, attempts=1)
    while asked.id in shelf.clips:
        job.run_once()
    assert shelf.clips[old.id].sent_bytes == begun.sent_bytes
    run_dry(job, shelf)
    assert shelf.log.count("created") == 2  # the old one went on where it was
    assert arrived(ward, old.id)[0].intact()
    assert arrived(ward, asked.id)[0].intact()


def test_a_message_on_its_way_goes_first(ward: Ward, tmp_path: Path) -> None:
    shelf, stats = Shelf(make_clip(tmp_path, 1000, "01JZ00000000000000000MSG01")), LinkStats()
    clock = MediaClock()
    stop = PacedStop(clock)
    job = make_job(ward.upload_url, shelf, stats=stats, clock=clock, stop=stop)
    stats.in_flight = 700
    assert job.run_once() is Outcome.IDLE
    assert shelf.log == []
    stats.lost()  # nobody waits for a broker that is not there
    run_dry(job, shelf)
    assert shelf.log[-1] == "acked"


class LateMessage(LinkStats):
    """The broker takes `seconds` for a message that comes in the middle of a piece."""

    def __init__(self, clock: MediaClock, seconds: float) -> None:
        super().__init__()
        self._until_s = clock.mono_s() + seconds
        self._clock = clock
        self.asked = 0

    @property
    def in_flight(self) -> int:
        self.asked += 1
        return 700 if self.asked > 3 and self._clock.mono_s() < self._until_s else 0

    @in_flight.setter
    def in_flight(self, _: int) -> None:
        pass


def test_a_piece_that_takes_too_long_is_broken_off_and_goes_on_from_what_arrived(ward: Ward, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 300_000, "01JZ00000000000000000BR0KE")
    clock = MediaClock()
    shelf = Shelf(clip)
    job = make_job(
        ward.upload_url, shelf, stats=LateMessage(clock, LONGEST_PIECE_S + 5), clock=clock, stop=PacedStop(clock)
    )
    for _ in range(3):
        job.run_once()
    assert clock.mono_s() > LONGEST_PIECE_S  # it was broken off …
    run_dry(job, shelf)
    assert "failed" not in shelf.log  # … which costs no try
    assert shelf.log.count("created") == 1
    assert arrived(ward, clip.id)[0].intact()


def test_clips_wait_in_the_quiet_hours(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    clock = MediaClock()
    job = make_job(
        "http://127.0.0.1:1/files",
        shelf,
        uplink=UplinkSection(quiet_hours="00:00-24:00"),
        clock=clock,
        stop=PacedStop(clock),
    )
    assert job.run_once() is Outcome.IDLE
    assert shelf.log == []
    assert [rest.why for rest in shelf.rested] == ["quiet_hours"]


def test_while_it_yields_a_clip_arrives_whole(ward: Ward, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 30_000, "01JZ0000000000000000Y1E1D0")
    shelf = Shelf(clip)
    run_dry(make_job(ward.upload_url, shelf, uplink=UplinkSection()), shelf)
    assert arrived(ward, clip.id)[0].intact()


@pytest.mark.long("as without TLS")
def test_it_yields_over_tls_too(tls_ward: Ward, client_certificates: Certificates, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 20_000, "01JZ00000000000000000T1S00")
    shelf = Shelf(clip)
    tls = TlsSection(ca=client_certificates.ca, cert=client_certificates.cert, key=client_certificates.key)
    run_dry(make_job(tls_ward.upload_url, shelf, tls=tls, uplink=UplinkSection()), shelf)
    assert arrived(tls_ward, clip.id)[0].intact()
