"""What the simulator counts with, and how it is told."""

import json
import random
from dataclasses import asdict
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.simulate import histogram, table
from agent.i18n import Text
from agent.tools.fleet.measures import Curve, Delays, Sizes, flatness
from agent.tools.fleet.meter import key_of
from agent.tools.fleet.report import Messages, Report
from deploy.ward import Ward


def test_quantiles_are_right_within_a_step() -> None:
    sizes, rng = Sizes(), random.Random(3)
    values = sorted(rng.lognormvariate(2.0, 1.5) for _ in range(5000))
    for value in values:
        sizes.add(value)
    for share in (0.5, 0.95, 0.99):
        assert sizes.quantile_ms(share) == pytest.approx(values[int(share * 5000) - 1], rel=0.07)
    assert sizes.told().max == pytest.approx(values[-1], abs=0.01)
    assert Sizes().told() == Delays()


def test_a_curve_counts_by_the_second_and_knows_empty_ones() -> None:
    curve = Curve()
    for at_s in (0.1, 0.9, 3.0, 3.5, 3.99):
        curve.add(at_s)
    assert curve.seconds == [2, 0, 0, 3]
    assert curve.within(0, 6) == [2, 0, 0, 3, 0, 0]
    curve.add(1e9)
    assert len(curve.seconds) <= 7200


def test_flatness_is_the_fullest_second_over_the_mean() -> None:
    assert asdict(flatness([2, 4, 6])) == {"peak": 6, "mean": 4.0, "peak_over_mean": 1.5}
    assert flatness([]).peak_over_mean is None


def test_keys_tell_node_event_and_revision_apart() -> None:
    keys = {key_of(node, event, rev) for node in ("a", "b") for event in ("x", "y") for rev in (1, 2)}
    assert len(keys) == 8 and all(len(key) == 8 for key in keys)


REPORT = Report(
    nodes=100, connected=100, greeted=100, started_unix=0.0, seconds=9.0, spread_s=4.0, flat=flatness([20, 30, 25, 25]),
    wanted=flatness([21, 29, 25, 25]),
    tries=[21, 29, 25, 25],
    connects=[20, 30, 25, 25], pubacks=[1], publish_per_s=7.5, puback_ms=Delays(9, 1.0, 2.0, 3.0, 4.0),
    away_ms=Delays(), late_ms=Delays(9, 0.1, 0.2, 0.3, 0.4), failures={"broker_unreachable": 3},
    said={"broker_unreachable": Text(en="nothing listens there", vi="không ai lắng nghe")},
    messages=Messages(50, 49, 1, 0, 2, 5, 0), heard=None, broker=None, self_mb=80.0, commands=0,
)  # fmt: skip


@pytest.mark.parametrize(("language", "words"), [("en", "nodes let in"), ("vi", "thiết bị đã vào")])
def test_the_table_speaks_both_languages(monkeypatch: pytest.MonkeyPatch, language: str, words: str) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", language)
    told = table(REPORT)
    assert str(REPORT.said["broker_unreachable"]) in told
    assert words in told and "max 30, mean 25: 1.20 (4 s)" in told and "broker_unreachable 3" in told
    bars = histogram(REPORT)[1:]
    assert len(bars) == 4 and bars[1].count("#") == max(bar.count("#") for bar in bars)


@pytest.mark.timeout(120)
def test_the_command_reports_as_json(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (
        "--nodes",
        "4",
        "--broker",
        ward.mqtt_url,
        "--seconds",
        "2",
        "--ramp",
        "1",
        "--prefix",
        "cli",
        "--json",
    )
    assert main(["simulate", *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["nodes"], report["greeted"], report["messages"]["lost"]) == (4, 4, 0)
    assert sum(report["connects"]) == 4


@pytest.mark.parametrize("wrong", [("--broker", "http://x"), ("--broker", "mqtt://x", "--seconds", "-1")])
def test_the_command_refuses_what_cannot_be(wrong: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--nodes", "4", *wrong]) == 78
    assert capsys.readouterr().err


def test_a_broker_is_asked_for_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--nodes", "4"]) == 78
    told = capsys.readouterr().err
    assert "--broker is missing" in told and "--broker mqtt://127.0.0.1:1883" in told


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "ca.pem"
    assert main(["simulate", "--nodes", "4", "--broker", "mqtts://127.0.0.1:1", "--ca", str(missing)]) == 78
    told = capsys.readouterr().err
    assert f"there is no file {missing}" in told and "Traceback" not in told


@pytest.mark.parametrize("more", [(), ("--no-consumer",)])
def test_who_is_not_let_in_hears_it_from_the_broker(
    tls_ward: Ward, ca: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    arguments = ("--nodes", "4", "--broker", tls_ward.mqtt_url, "--ca", str(ca / "ca.pem"), "--seconds", "3600")
    assert main(["simulate", *arguments, *more]) == 1
    told = capsys.readouterr().err
    assert "the broker" in told and "`--cert`" in told
