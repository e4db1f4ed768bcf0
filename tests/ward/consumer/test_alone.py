"""The consumer is a program of its own: its folder, its two packages and the published contract are all it needs."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from deploy.ward.consumer.cli import main
from deploy.ward.consumer.migrate import SCHEMA, migrate
from deploy.ward.consumer.options import Database, Login, Tls, broker_at
from deploy.ward.consumer.words import ConsumerError
from deploy.ward.database import RunningDatabase

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "ward" / "consumer"
WATCHED = """
import sys, runpy
class Guard:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in {"agent", "deploy", "tests"}:
            raise ImportError(name)
sys.meta_path.insert(0, Guard())
sys.argv[0] = "consumer"
runpy.run_module("consumer", run_name="__main__")
"""


def test_a_copy_of_the_folder_works_where_there_is_no_agent(
    tmp_path: Path, cluster: RunningDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(FOLDER, tmp_path / "consumer", ignore=shutil.ignore_patterns("__pycache__"))
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        connection.execute("CREATE DATABASE alone")
    conninfo = cluster.conninfo.replace("dbname=postgres", "dbname=alone")
    wrong = (
        (("report", "silent"), "vi", "hãy chạy `migrate` trước"),
        (("report", "silent", "--since", "xx"), "vi", "--since xx: cần thời điểm"),
        (("report", "silent", "--since", "xx"), "en", "--since xx: a time with its zone"),
    )
    for question, language, words in wrong:
        assert main([*question, "--db", conninfo, "--lang", language]) == 1
        assert words in capsys.readouterr().err
    for verb in (("migrate",), ("report", "silent", "--lang", "en")):
        command = (sys.executable, "-c", WATCHED, *verb, "--db", conninfo)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    assert "No node is silent" in done.stdout
    assert main(["report", "clip", "NOPE", "--lang", "en", "--db", conninfo]) == 1
    assert "No such event" in capsys.readouterr().out


def test_it_imports_its_requirements_and_the_library_only() -> None:
    wanted = {line.partition(">")[0].partition("[")[0] for line in (FOLDER / "requirements.txt").read_text().split()}
    assert wanted == {"paho-mqtt", "psycopg"}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            outside = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)
            assert outside <= {"paho", "psycopg"}, path


def test_nothing_of_the_agent_imports_it() -> None:
    for path in (ROOT / "agent").rglob("*.py"):
        assert not re.search(
            r"^\s*(from|import) deploy\.ward\.consumer", path.read_text(encoding="utf-8"), re.MULTILINE
        )


def test_migrations_are_applied_once_and_in_order(cluster: RunningDatabase, tmp_path: Path) -> None:
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        connection.execute("CREATE DATABASE versions")
    schema = tmp_path / "schema"
    shutil.copytree(SCHEMA, schema)
    with psycopg.connect(cluster.conninfo, dbname="versions", autocommit=True) as connection:
        assert migrate(connection, schema) == tuple(sorted(path.name for path in SCHEMA.glob("*.sql")))
        assert migrate(connection, schema) == ()
        (schema / "0004_half.sql").write_text("CREATE TABLE half (a int); SELECT 1 / 0;", encoding="utf-8")
        with pytest.raises(psycopg.DataError):
            migrate(connection, schema)
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)
        (schema / "0004_half.sql").write_text("CREATE TABLE half (a int);", encoding="utf-8")
        assert migrate(connection, schema) == ("0004_half.sql",)
        with pytest.raises(ConsumerError, match="newer"):
            migrate(connection, SCHEMA)


def test_two_that_start_together_make_the_tables_once(cluster: RunningDatabase) -> None:
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        connection.execute("CREATE DATABASE together")
    command = (sys.executable, "-m", "deploy.ward.consumer", "migrate", "--db")
    conninfo = cluster.conninfo.replace("dbname=postgres", "dbname=together")
    both = [subprocess.Popen((*command, conninfo), cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [each.communicate(timeout=60)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sorted(len(each.split()) for each in said) == [0, 3]


@pytest.mark.parametrize("conninfo", ["password=hunter2", "postgresql://ward:hunter2@localhost/ward"])
def test_a_password_on_the_command_line_is_refused(conninfo: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--db", conninfo, "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert ".pgpass" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("mqtts://me:hunter2@ward", "password-file"),
        ("mqtt://ward", "--insecure"),
        ("http://ward", "mqtts://"),
        ("mqtts://ward:99999", "--mqtt"),
    ],
)
def test_a_broker_that_is_not_safe_or_not_there_is_refused_with_words(url: str, word: str) -> None:
    with pytest.raises(ConsumerError) as refused:
        broker_at(url, Tls(), None, insecure=False)
    assert word in refused.value.words.en and word in refused.value.words.vi
    assert "hunter2" not in refused.value.words.en + refused.value.words.vi


def test_a_password_of_the_database_comes_from_libpqs_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = tmp_path / "services"
    service.write_text("[ward]\nhost=/nowhere-hunter\npassword=hunter2\n", encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    with pytest.raises(psycopg.OperationalError, match="nowhere-hunter") as error:
        Database("service=ward").connect()
    assert "hunter2" not in str(error.value)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConsumerError, match="nothing"):
        Login("me", tmp_path / "nothing").password()
    with pytest.raises(ConsumerError):
        Tls(tmp_path / "nothing").context()


def test_an_error_of_the_database_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "silent", "--db", "host=/nowhere", "--lang", "vi"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("cơ sở dữ liệu không hoạt động") and said.count("\n") == 1
