"""`camera-agent verify CLIP MANIFEST`: offline, is a clip what a node recorded and signed? Or, of all its footage."""

import argparse
import json
import sys
from pathlib import Path

from agent.cli.arguments import Subparsers, add_json
from agent.cli.plain import plain
from agent.evidence.check import State, Unreadable, Verdict, check
from agent.evidence.public import PublicKey, parse_public
from agent.evidence.words import time_words
from agent.i18n import Text
from agent.system_words import reason

NOT_GENUINE, CANNOT_TELL = 1, 2
MOST_SAID = 30  # findings on a screen
SAID = {
    State.COMPLETE: Text(
        en="GENUINE AND COMPLETE: the clip is what the node recorded and signed",
        vi="ĐÚNG VÀ ĐỦ: clip đúng như thiết bị đã ghi và ký",
    ),
    State.GAPS: Text(
        en="GENUINE, WITH DECLARED GAPS: the clip is what the node signed; the node says itself what is missing",
        vi="ĐÚNG, CÓ KHOẢNG TRỐNG ĐÃ KHAI BÁO: clip đúng như thiết bị đã ký; thiết bị tự nêu phần còn thiếu",
    ),
    State.UNPROVED: Text(
        en="CUT BY THE NODE, PARTLY WITHOUT PROOF: nobody has changed the clip since, but some of what was recorded "
        "does not carry this node's seal",
        vi="DO THIẾT BỊ CẮT, MỘT PHẦN KHÔNG CÓ BẰNG CHỨNG: clip không bị sửa từ đó, nhưng một phần hình ghi "
        "không mang niêm phong của thiết bị này",
    ),
    State.CHAIN: Text(
        en="CHAIN INCONSISTENT: footage is missing that the manifest does not declare",
        vi="CHUỖI KHÔNG KHỚP: thiếu hình mà bản kê không khai báo",
    ),
    State.ALTERED: Text(
        en="ALTERED: the clip is not what the node signed", vi="ĐÃ BỊ SỬA: clip không giống bản thiết bị đã ký"
    ),
    State.OTHER_KEY: Text(en="SIGNED BY ANOTHER KEY", vi="ĐƯỢC KÝ BẰNG KHOÁ KHÁC"),
    State.BAD_SIGNATURE: Text(
        en="SIGNATURE BROKEN: nothing in the manifest can be believed",
        vi="CHỮ KÝ KHÔNG HỢP LỆ: không thể tin nội dung bản kê",
    ),
}
# Without the node's key from elsewhere: whoever made the clip may have made key and manifest too.
BY_WHOM = Text(en="BY WHOM WAS NOT CHECKED", vi="CHƯA KIỂM TRA KHOÁ CỦA AI")
UNCHECKED = {
    State.COMPLETE: Text(
        en="the clip is what the manifest says, and the signature fits the key in it; "
        "whose key that is was not checked",
        vi="clip khớp bản kê và chữ ký khớp khoá ghi trong đó; chưa kiểm tra khoá đó của ai",
    ),
    State.GAPS: Text(
        en="the clip is what the manifest says, with the gaps that it declares, and the signature fits the key in it; "
        "whose key that is was not checked",
        vi="clip khớp bản kê, với các khoảng trống đã khai báo, và chữ ký khớp khoá ghi trong đó; "
        "chưa kiểm tra khoá đó của ai",
    ),
    State.UNPROVED: Text(
        en="the clip is what the manifest says, part of it without a seal, and the signature fits the key in it; "
        "whose key that is was not checked",
        vi="clip khớp bản kê, một phần không có niêm phong, và chữ ký khớp khoá ghi trong đó; "
        "chưa kiểm tra khoá đó của ai",
    ),
}

NO_KEY = Text(en="this is no public key of a node (PEM)", vi="đây không phải khoá công khai của thiết bị (PEM)")
NO_MANIFEST = Text(
    en="this is no manifest; give the .manifest.json that came with the clip",
    vi="đây không phải bản kê; hãy đưa tệp .manifest.json đi kèm clip",
)


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "verify",
        help=str(
            Text(
                en="is a clip what a node recorded and signed (needs no network)",
                vi="clip có đúng là bản thiết bị đã ghi và ký không (không cần mạng)",
            )
        ),
    )
    parser.add_argument("clip", type=Path, nargs="?", metavar="CLIP", help=str(Text(en="the MP4", vi="tệp MP4")))
    parser.add_argument(
        "manifest",
        type=Path,
        nargs="?",
        metavar="MANIFEST",
        help=str(Text(en="the JSON that came with it", vi="tệp JSON đi kèm")),
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="PUB.pem",
        help=str(
            Text(
                en="the node's public key, as the ward got it in the birth message",
                vi="khoá công khai của thiết bị mà phường nhận trong bản tin khai báo (birth)",
            )
        ),
    )
    parser.add_argument(
        "--footage",
        type=Path,
        metavar="DATA_DIR",
        help=str(
            Text(
                en="instead of a clip: the chains of all footage in this data directory",
                vi="thay cho clip: chuỗi của toàn bộ hình ghi trong thư mục dữ liệu này",
            )
        ),
    )
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0 genuine, or (without --key) nothing speaks against it; 1 not genuine, 2 cannot be told."""
    try:
        key = _key(arguments.key)
        if arguments.footage is not None and arguments.clip is None:
            from agent.cli.verify_footage import verify_footage  # noqa: PLC0415 (the decoder: a clip needs no footage)

            return verify_footage(arguments.footage, key, as_json=arguments.json)
        if arguments.clip is None or arguments.manifest is None or arguments.footage is not None:
            print(Text(en="Give a CLIP and its MANIFEST", vi="Cần CLIP và MANIFEST của nó"), file=sys.stderr)
            return CANNOT_TELL
        verdict = check(arguments.clip, arguments.manifest, key)
    except OSError as error:
        why = reason(error)
        print(Text(en=f"{error.filename}: {why.en}", vi=f"{error.filename}: {why.vi}"), file=sys.stderr)
        return CANNOT_TELL
    except Unreadable as error:
        what = NO_KEY if error.path == arguments.key else NO_MANIFEST
        detail = plain(error.why.partition("\n")[0])
        print(Text(en=f"{error.path}: {what.en} ({detail})", vi=f"{error.path}: {what.vi} ({detail})"), file=sys.stderr)
        return CANNOT_TELL
    print(as_json(verdict) if arguments.json else as_words(verdict))
    return 0 if verdict.state.genuine else NOT_GENUINE


def headline(verdict: Verdict) -> Text:
    """The state in a sentence. "Genuine" only with the node's own key: anybody can sign with one of his own."""
    said = UNCHECKED.get(verdict.state)
    if verdict.key_given or said is None:
        return SAID[verdict.state]
    return Text(en=f"{BY_WHOM.en}: {said.en}", vi=f"{BY_WHOM.vi}: {said.vi}")


def as_words(verdict: Verdict) -> str:
    """For people."""
    lines = [str(headline(verdict))]
    told = verdict.manifest
    if told is not None and verdict.state is not State.BAD_SIGNATURE:
        lines.append(
            str(
                Text(
                    en=f"Node {told.node} of ward {told.ward}, camera {told.cam}, "
                    f"{time_words(told.clip.from_utc)} to {time_words(told.clip.to_utc)}",
                    vi=f"Thiết bị {told.node}, phường {told.ward}, camera {told.cam}, "
                    f"{time_words(told.clip.from_utc)} đến {time_words(told.clip.to_utc)}",
                )
            )
        )
    lines += [f"  {finding.text}" for finding in verdict.findings[:MOST_SAID]]
    more = len(verdict.findings) - MOST_SAID
    if more > 0:
        lines.append(
            "  " + str(Text(en=f"… and {more} more; all with --json", vi=f"… và {more} mục nữa; xem đủ bằng --json"))
        )
    lines = [plain(line) for line in lines]
    if verdict.fingerprint and not verdict.key_given:
        lines.append(
            str(
                Text(
                    en=f"Key {verdict.fingerprint}\n  This fingerprint is the manifest's own word. Give the node's "
                    "key from its birth message with --key PUB.pem, or compare this with the fingerprint in it",
                    vi=f"Khoá {verdict.fingerprint}\n  Mã này do chính bản kê nêu. Hãy đưa khoá của thiết bị trong "
                    "bản tin khai báo (birth) bằng --key PUB.pem, hoặc so mã này với mã (fingerprint) trong bản tin đó",
                )
            )
        )
    return "\n".join(lines)


def as_json(verdict: Verdict) -> str:
    """For programs."""
    told = verdict.manifest
    return json.dumps(
        {
            "state": verdict.state.value,
            "genuine": verdict.state.genuine,
            "key": verdict.fingerprint,
            "key_given": verdict.key_given,
            "key_checked": verdict.key_given and verdict.state not in (State.OTHER_KEY, State.BAD_SIGNATURE),
            "node": told.node if told else None,
            "cam": told.cam if told else None,
            "from_utc": told.clip.from_utc if told else None,
            "to_utc": told.clip.to_utc if told else None,
            "findings": [
                {"kind": one.kind, "gop": one.gop, "at_utc": one.at_utc, "en": one.text.en, "vi": one.text.vi}
                for one in verdict.findings
            ],
        },
        ensure_ascii=False,
    )


def _key(path: Path | None) -> PublicKey | None:
    """Raises Unreadable, OSError."""
    if path is None:
        return None
    try:
        return parse_public(path.read_text(encoding="ascii"))
    except ValueError as error:
        raise Unreadable(path, str(error)) from error
