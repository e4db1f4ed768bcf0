"""`camera-agent unlock FILE --key ward.key --out CLIP.mp4`: at the ward, opens what a node encrypted.

Needs no network.
"""

import argparse
import json
import sys
from pathlib import Path

import av

from agent.cli.arguments import Subparsers, add_json
from agent.cli.verify import as_words
from agent.contract.base import utc
from agent.errors import AgentError
from agent.evidence.check import Unreadable, Verdict, check
from agent.evidence.public import parse_public
from agent.footage.unlock import Unlocked, unlock
from agent.footage.ward_key import read_private
from agent.i18n import Text
from agent.system_words import reason


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    about = Text(en="at the ward: open an encrypted clip or bundle", vi="tại phường: mở clip hoặc gói được mã hoá")
    parser = subparsers.add_parser("unlock", help=str(about))
    file = Text(en="CLIP.mp4.locked or CLIP.locked.tar", vi="CLIP.mp4.locked hoặc CLIP.locked.tar")
    parser.add_argument("file", type=Path, metavar="FILE", help=str(file))
    key = Text(en="the ward's private key", vi="khoá bí mật của phường")
    parser.add_argument("--key", type=Path, required=True, metavar="ward.key", help=str(key))
    out = Text(en="the file to write", vi="tệp sẽ ghi")
    parser.add_argument("--out", type=Path, required=True, metavar="CLIP.mp4", help=str(out))
    manifest = Text(en="and check it against the JSON that came with it", vi="và kiểm chứng với tệp JSON đi kèm")
    parser.add_argument("--manifest", type=Path, metavar="JSON", help=str(manifest))
    node = Text(en="the node's public key, for the check", vi="khoá công khai của thiết bị, để kiểm chứng")
    parser.add_argument("--node-key", type=Path, metavar="PUB.pem", help=str(node))
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0, or 1 when it cannot be opened or (with a manifest) is not genuine. Raises AgentError."""
    try:
        verdict = _verdict(arguments)
        genuine = verdict is None or verdict.state.genuine
        if not genuine and verdict is not None:  # what was altered is not handed on as a clip
            print(as_words(verdict), file=sys.stderr)
            return 1
        made = unlock(arguments.file, read_private(arguments.key), arguments.out)
    except (OSError, av.FFmpegError) as error:
        why, where = reason(error), getattr(error, "filename", None) or arguments.file
        raise AgentError(Text(en=f"{where}: {why.en}", vi=f"{where}: {why.vi}")) from error
    except (Unreadable, ValueError) as error:
        raise AgentError(Text(en=f"cannot be checked: {error}", vi=f"không kiểm chứng được: {error}")) from error
    if arguments.json:
        print(_json(made, verdict.state.value if verdict else None))
        return 0
    print(f"{made.path}: {made.bytes / 1e6:.1f} MB")
    for gap in made.gaps:
        span = f"{utc(gap.from_ns)} – {utc(gap.to_ns)}"
        print(Text(en=f"  missing {span}: {gap.cause}", vi=f"  thiếu {span}: {gap.cause}"))
    if verdict is not None:
        print(as_words(verdict))
    return 0


def _verdict(arguments: argparse.Namespace) -> Verdict | None:
    """Of the file as it was sent. Raises OSError, Unreadable, ValueError."""
    if arguments.manifest is None:
        return None
    pem = arguments.node_key
    key = parse_public(pem.read_text(encoding="ascii")) if pem is not None else None
    return check(arguments.file, arguments.manifest, key)


def _json(made: Unlocked, state: str | None) -> str:
    gaps = [{"from_utc": utc(one.from_ns), "to_utc": utc(one.to_ns), "cause": one.cause} for one in made.gaps]
    return json.dumps({"file": str(made.path), "bytes": made.bytes, "gaps": gaps, "state": state})
