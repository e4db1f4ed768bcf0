"""Golden messages: `python -m tests.contract.golden` writes them anew, after a change of the contract that is meant.

`NAME.json` is the payload as it stands on the wire; `dump.txt` is all of them as `mosquitto_sub -v` writes them.
"""

from pathlib import Path

from agent.contract.examples import examples

FIXTURES = Path(__file__).parents[1] / "fixtures/contract"


def golden() -> dict[str, bytes]:
    """File name to content."""
    made = examples()
    files = {f"{one.channel}.json": one.payload + b"\n" for one in made}
    files["dump.txt"] = b"".join(one.topic.encode() + b" " + one.payload + b"\n" for one in made)
    return files


if __name__ == "__main__":
    for name, content in golden().items():
        (FIXTURES / name).write_bytes(content)
