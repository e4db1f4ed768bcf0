"""`camera-agent verify --footage DATA_DIR`: do all chains of a node's footage hang together? Writes nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from agent.digest import sha256
from agent.evidence.chain import is_own
from agent.evidence.key import PUBLIC
from agent.evidence.public import PublicKey, parse_public
from agent.footage.holes import bridged, read_holes
from agent.footage.sealing import read_mark
from agent.footage.stored import DONE, PART
from agent.footage.tombs import read_tombs
from agent.i18n import Text
from agent.values import CHAIN_BEGINS, Mark, Seal


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file, what it says of itself, and the link that it has now."""

    name: str
    mark: Mark
    seal: Seal


@dataclass(frozen=True, slots=True)
class Chain:
    """One camera. `breaks` are pairs of files between which something is missing, or the first of which was altered."""

    cam: str
    sealed: tuple[Sealed, ...]
    unsealed: tuple[str, ...]
    foreign: tuple[str, ...]
    breaks: tuple[tuple[str, str], ...]
    removed: int  # segments that the node itself removed from the middle, and says so

    @property
    def head(self) -> Seal | None:
        """The newest link: only whoever noted it elsewhere can tell that it is still the newest."""
        return self.sealed[-1].seal if self.sealed else None


def verify_footage(data_dir: Path, key: PublicKey | None, *, as_json: bool) -> int:
    """0 all chains hang together, 1 not. Raises OSError."""
    public = key or parse_public((data_dir / "evidence" / PUBLIC).read_text(encoding="ascii"))
    chains = [look(folder, public) for folder in sorted((data_dir / "footage").iterdir()) if folder.is_dir()]
    chains = [chain for chain in chains if chain.sealed or chain.unsealed or chain.foreign]
    for chain in chains:
        print(_json(chain) if as_json else "\n".join(_words(chain)))
    return 1 if any(chain.breaks or chain.foreign for chain in chains) else 0


def look(folder: Path, public: PublicKey) -> Chain:
    """All finished files of one camera. Raises OSError."""
    cam = folder.name
    sealed: list[Sealed] = []
    unsealed: list[str] = []
    foreign: list[str] = []
    for path in sorted(folder.glob(f"*{DONE}")):
        if path.name.endswith(PART):
            continue
        mark = read_mark(path)
        if mark is None:
            unsealed.append(path.name)
        elif not is_own(cam, mark, public):
            foreign.append(path.name)
        else:
            sealed.append(Sealed(path.name, mark, mark.seal(cam, sha256(path))))
    sealed.sort(key=lambda one: (one.mark.epoch, one.mark.seq))
    tombs, holes = read_tombs(folder), read_holes(folder)
    breaks: list[tuple[str, str]] = []
    removed = 0
    for one, after in pairwise(sealed):
        between = bridged(cam, one.seal.link, after.mark.before, tombs, holes)
        if between is None:
            breaks.append((one.name, after.name))
        else:
            removed += between
    return Chain(cam, tuple(sealed), tuple(unsealed), tuple(foreign), tuple(breaks), removed)


def _words(chain: Chain) -> Iterator[str]:
    yield str(
        Text(
            en=f"{chain.cam}: {len(chain.sealed)} sealed segments, {len(chain.unsealed)} without a seal, "
            f"{chain.removed} removed by the node and accounted for",
            vi=f"{chain.cam}: {len(chain.sealed)} đoạn có niêm phong, {len(chain.unsealed)} đoạn không có, "
            f"{chain.removed} đoạn do thiết bị tự xoá và có ghi lại",
        )
    )
    for name in chain.foreign:
        yield "  " + str(Text(en=f"{name} is foreign: another key sealed it", vi=f"{name} do khoá khác niêm phong"))
    for before, after in chain.breaks:
        yield "  " + str(
            Text(
                en=f"{before} was altered, or something between it and {after} is missing",
                vi=f"{before} đã bị sửa, hoặc thiếu phần giữa tệp này và {after}",
            )
        )
    if chain.sealed and chain.sealed[0].mark.before != CHAIN_BEGINS:
        yield "  " + str(
            Text(
                en=f"what came before {chain.sealed[0].name} has expired",
                vi=f"phần trước {chain.sealed[0].name} đã hết hạn lưu",
            )
        )
    if chain.head:
        yield "  " + str(
            Text(
                en=f"newest link: {chain.head.epoch} {chain.head.seq} {chain.head.link}",
                vi=f"mắt xích mới nhất: {chain.head.epoch} {chain.head.seq} {chain.head.link}",
            )
        )


def _json(chain: Chain) -> str:
    head = chain.head
    return json.dumps(
        {
            "cam": chain.cam,
            "sealed": len(chain.sealed),
            "unsealed": list(chain.unsealed),
            "foreign": list(chain.foreign),
            "breaks": [list(pair) for pair in chain.breaks],
            "removed": chain.removed,
            "head": {"epoch": head.epoch, "seq": head.seq, "link": head.link} if head else None,
        }
    )
