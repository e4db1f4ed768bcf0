"""`python -m deploy.bundle build --arch ARCH --python X.Y --out DIR`: an offline bundle of the agent."""

import argparse
import platform
import sys
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.bundle.build import Order, build_bundle
from deploy.bundle.target import DEBIAN_ARCH, PYTHONS, Target
from deploy.fetch import Progress, sha256_of


def said(en: str, vi: str) -> str:
    """A line of help."""
    return str(Text(en=en, vi=vi))


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    top = argparse.ArgumentParser(prog="python -m deploy.bundle", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help=said("make a bundle", "tạo gói"))
    here = platform.machine()
    build.add_argument("--arch", choices=DEBIAN_ARCH, default=here if here in DEBIAN_ARCH else "aarch64")
    build.add_argument(
        "--python", choices=PYTHONS, default="3.13", help=said("of the device: Debian 13 has 3.13", "của thiết bị")
    )
    build.add_argument("--out", type=Path, required=True, metavar="DIR")
    build.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help=said("minisign's secret key: nodes take signed updates only", "khoá ký"),
    )
    build.add_argument("--model", type=Path, metavar="FILE", help=said("another detection model", "mô hình khác"))
    build.add_argument(
        "--release", metavar="VERSION", help=said("call it this version (trials of updates)", "ghi phiên bản này")
    )
    build.add_argument("--again", action="store_true", help=said("fetch the newest wheels anew", "tải lại các gói"))
    build.add_argument("--quiet", action="store_true")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Prints the bundle's path and sha256; 1 with one line when it cannot be made."""
    options = parser().parse_args(arguments)
    try:
        order = Order(
            target=Target(options.arch, options.python),
            out=options.out,
            key=options.key,
            model=options.model,
            version=options.release,
            again=options.again,
        )
        bundle = build_bundle(order, Progress(options.quiet))
    except (AgentError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{sha256_of(bundle)}  {bundle}  {bundle.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
