"""Mistakes in node.yaml, in the configuration it brings, and in a table: each with its place, in both languages."""

import re
from pathlib import Path

import pytest

from agent.config.load import check_config
from agent.config.mistakes import InvalidConfig, Mistake
from deploy.flash.compose import compose
from deploy.flash.folder import lacking
from deploy.flash.order import planned
from deploy.flash.reading import read_node, read_table
from deploy.flash.refused import CardError
from tests.deploy.flash.conftest import KEY, NODE, TOKEN, WORDS

CONFIG = """mqtt: {url: "mqtts://ward.example:8883"}
cameras:
  - id: cong
    source: rtsp://${camera}:554/main
retention: {max_days: 30}
"""


def mistakes_of(path: Path) -> tuple[Mistake, ...]:
    with pytest.raises(InvalidConfig) as caught:
        compose(read_node(path))
    assert all(each.text.vi and each.text.vi != each.text.en for each in caught.value.mistakes)
    return caught.value.mistakes


@pytest.mark.parametrize(
    ("old", "new", "line", "at", "words"),
    [
        ("id: node-0012", "id: Node 12", 1, "Node 12", "did you mean node-12"),
        ("ward: phuong-1, ", "", 1, "", "must be given"),
        ("password: mat-khau-wifi-canary", "password: ngan", 2, "ngan}", "8 to 63"),
        ("password: mat-khau-wifi-canary", "pasword: mat-khau-wifi-canary", 2, "pasword", "unknown setting"),
        (f"key: {KEY}", "key: xin-chao", 3, "xin-chao", "no public SSH key"),
        ("user: kythuat", "user: root", 3, "root", "system's own"),
        ("https://ward.example:9443", "http://ward.example:9443", 4, '"http://', "https"),
        (TOKEN, "co dau cach.x", 4, "co dau", "no token"),
        ("retention_days: 30", "retention_days: lau", 11, "lau", "whole number"),
        ("retention_days: 30", "# nothing", 1, "", "no `config`"),
        ("  username: node-0012\n", "", 7, "mqtt-canary", "go together"),
        ("wifi:", "\twifi:", 2, "", "tab"),
    ],
)
def test_a_mistake_in_node_yaml_has_its_place(
    tmp_path: Path, old: str, new: str, line: int, at: str, words: str
) -> None:
    path = tmp_path / "node.yaml"
    assert old in NODE
    path.write_text(NODE.replace(old, new, 1))
    found = mistakes_of(path)
    told = [each for each in found if words in each.say("en")]
    assert told, [each.say("en") for each in found]
    assert told[0].line == line
    assert path.read_text().splitlines()[line - 1][told[0].col - 1 :].startswith(at)
    assert not [word for word in WORDS for each in found if word in each.say("en") + each.say("vi")]


@pytest.mark.parametrize("name", ["update.pub", "enrol", "setup.code"])
@pytest.mark.parametrize("section", ["files", "passwords"])
def test_no_file_of_the_services_user_takes_the_place_of_one_of_root(tmp_path: Path, section: str, name: str) -> None:
    path = tmp_path / "node.yaml"
    path.write_text(f"{NODE}{section}: {{{name}: mine}}\n")
    assert [each.path.replace("'", "") for each in mistakes_of(path)] == [f"{section}.{name}"]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "node.yaml"
    path.write_text(NODE.replace("id: node-0012", "id: NODE").replace("kythuat", "root").replace("30", "0"))
    assert [each.line for each in mistakes_of(path)] == [1, 3, 11]


def test_the_made_configuration_is_right_and_complete(node: Path, tmp_path: Path) -> None:
    made = compose(read_node(node))
    out = tmp_path / "config.yaml"
    out.write_text(made.text)
    assert check_config(out) == ()
    assert (made.config.node.id, made.config.node.ward) == ("node-0012", "phuong-1")
    assert made.config.retention.max_days == 30
    assert made.config.tls.renew == "https://ward.example:9443/.well-known/est"
    assert made.config.notice.controller == "UBND phường"
    assert not [word for word in WORDS if word in made.text]
    assert lacking(made.config, read_node(node)) == ()


def shared(tmp_path: Path, config: str, values: str = "values: {camera: 192.168.1.64}\n") -> Path:
    (tmp_path / "shared.yaml").write_text(config)
    path = tmp_path / "node.yaml"
    path.write_text(f"node: {{id: node-7, ward: phuong-1}}\n{values}config: shared.yaml\n")
    return path


def test_a_shared_configuration_is_filled_in(tmp_path: Path) -> None:
    made = compose(read_node(shared(tmp_path, CONFIG)))
    assert made.config.cameras[0].source == "rtsp://192.168.1.64:554/main"
    assert made.config.node.id == "node-7"
    assert made.text.startswith(CONFIG[:20])


def test_a_mistake_in_it_is_told_at_its_own_place(tmp_path: Path) -> None:
    (found,) = mistakes_of(shared(tmp_path, CONFIG.replace("max_days: 30", "max_days: soon")))
    assert (found.file.name, found.line, found.col, found.path) == ("shared.yaml", 5, 23, "retention.max_days")


def test_a_value_that_is_missing_or_unsafe_is_told(tmp_path: Path) -> None:
    (found,) = mistakes_of(shared(tmp_path, CONFIG, ""))
    assert (found.line, found.col) == (4, 20)
    assert "values.camera" in found.say("vi")
    path = shared(tmp_path, CONFIG, 'values: {camera: "a}, evil: {b"}\n')
    assert "nothing else stands" in mistakes_of(path)[0].say("en")


def test_a_value_alone_on_its_line_may_be_any_text(tmp_path: Path) -> None:
    config = CONFIG.replace("id: cong\n", "id: cong\n    label: ${name}\n")
    values = """values: {camera: 192.168.1.64, name: 'Cổng "A": #1'}\n"""
    made = compose(read_node(shared(tmp_path, config, values)))
    assert made.config.cameras[0].label == 'Cổng "A": #1'


def test_a_mistake_in_sections_written_inside_is_told_in_node_yaml(tmp_path: Path) -> None:
    path = tmp_path / "node.yaml"
    inside = "".join(
        f"    {line}\n" for line in CONFIG.replace("${camera}", "10.0.0.9").replace("30", "0").splitlines()
    )
    path.write_text(f"node: {{id: node-7, ward: phuong-1}}\nconfig:\n    # mine\n{inside}country: VN\n")
    (found,) = mistakes_of(path)
    line = path.read_text().splitlines()[found.line - 1]
    assert (found.file, found.path) == (path, "retention.max_days")
    assert line[found.col - 1 :].startswith("0}")
    path.write_text(path.read_text().replace("max_days: 0", "max_days: 3"))
    made = compose(read_node(path))
    assert made.config.retention.max_days == 3
    assert "# mine" not in made.text or made.text.index("# mine") == 0


def test_another_nodes_configuration_is_refused(tmp_path: Path) -> None:
    found = mistakes_of(shared(tmp_path, f"node: {{id: node-8, ward: phuong-1}}\n{CONFIG}"))
    assert [(each.line, each.path) for each in found] == [(1, "node.id")]


def test_a_file_that_the_card_does_not_bring_is_told(tmp_path: Path) -> None:
    config = CONFIG.replace('8883"}', '8883", username: a, password_file: /etc/camera-agent/mqtt.password}')
    path = shared(tmp_path, config)
    with pytest.raises(CardError, match=r"/etc/camera-agent/mqtt\.password"):
        planned(read_node(path))
    path.write_text(path.read_text() + "passwords: {mqtt.password: abc}\n")
    assert planned(read_node(path)).id == "node-7"


HEADER = "node.id,node.ward,node.label,wifi.ssid,wifi.password,values.camera"


def table(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "nodes.csv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def common(tmp_path: Path, more: str = "") -> Path:
    (tmp_path / "shared.yaml").write_text(CONFIG)
    path = tmp_path / "common.yaml"
    path.write_text(f"config: shared.yaml\n{more}")
    return path


def test_a_table_is_one_node_a_row(tmp_path: Path) -> None:
    rows = ("node-1,phuong-1,Chợ,Nhà,matkhau-1,10.0.0.1", "", "node-2,phuong-1,,,,10.0.0.2")
    one, two = read_table(table(tmp_path, *rows), common(tmp_path, "hotspot: false\n"))
    assert (one.wanted.node.id, two.wanted.node.id) == ("node-1", "node-2")
    assert one.wanted.wifi is not None and one.wanted.wifi.password == "matkhau-1"
    assert two.wanted.wifi is None and not two.wanted.hotspot
    assert compose(two).config.cameras[0].source == "rtsp://10.0.0.2:554/main"


def test_semicolons_as_spreadsheets_write_them_and_numbers_that_are_words(tmp_path: Path) -> None:
    path = table(tmp_path, "node-1;phuong-1;12345678;Nhà;12345678;1.2.3.4", header=HEADER.replace(",", ";"))
    (one,) = read_table(path, common(tmp_path))
    assert one.wanted.wifi is not None and one.wanted.wifi.password == "12345678"
    assert one.wanted.node.label == "12345678"


def test_every_mistake_of_a_table_has_row_and_column(tmp_path: Path) -> None:
    rows = (
        "node-1,phuong-1,,Nhà,matkhau-1,a",
        "Node 2,phuong-1,,Nhà,ngan,a",
        ",phuong-1,,,,a",
        "node-1,phuong-1,,,matkhau-1,a",
    )
    with pytest.raises(InvalidConfig) as caught:
        read_table(table(tmp_path, *rows), common(tmp_path))
    places = {(each.line, each.col, each.path) for each in caught.value.mistakes}
    assert places == {
        (3, 1, "node.id"), (3, 5, "wifi.password"), (4, 2, "node.id"), (5, 1, "node.id"), (5, 5, "wifi.ssid"),
    }  # fmt: skip
    for each in caught.value.mistakes:
        assert re.match(r".*/nodes\.csv:\d+:\d+: ", each.say("vi"))
        assert "ngan" not in each.say("en")


def test_what_is_wrong_for_all_is_told_once_in_the_common_file(tmp_path: Path) -> None:
    rows = ("node-1,phuong-1,,,,a", "node-2,phuong-1,,,,a")
    with pytest.raises(InvalidConfig) as caught:
        read_table(table(tmp_path, *rows), common(tmp_path, "country: vietnam\n"))
    (found,) = caught.value.mistakes
    assert (found.file.name, found.line, found.col) == ("common.yaml", 2, 10)


def test_a_column_that_is_no_setting_is_told_once_at_the_header(tmp_path: Path) -> None:
    rows = ("node-1,phuong-1,,,,a,x", "node-2,phuong-1,,,,a,y")
    with pytest.raises(InvalidConfig) as caught:
        read_table(table(tmp_path, *rows, header=f"{HEADER},phuong"), common(tmp_path))
    (found,) = caught.value.mistakes
    assert (found.file.name, found.line, found.col, found.path) == ("nodes.csv", 1, 7, "phuong")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "one row per node"),
        ("node.id,node.id\nx,y\n", 1, "stands twice"),
        ("node.id\na,b\n", 2, "more cells"),
        ('node.id\n"abc\n', 0, "no table"),
        ("node.id,node.wird\nnode-1,phuong-1\n", 1, "unknown setting"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "nodes.csv"
    path.write_text(text)
    with pytest.raises(InvalidConfig) as caught:
        read_table(path, None)
    assert any(each.line == line and words in each.say("en") for each in caught.value.mistakes)


def test_the_examples_are_right(tmp_path: Path) -> None:
    folder = Path("deploy/flash")
    assert planned(read_node(folder / "node.example.yaml")).id == "node-0012"
    nodes = read_table(folder / "nodes.example.csv", folder / "node.example.yaml")
    assert [planned(source).id for source in nodes] == ["node-0012", "node-0013"]
    assert [source.wanted.wifi.ssid for source in nodes if source.wanted.wifi] == ["Nhà Lan", "Nhà Lan"]
