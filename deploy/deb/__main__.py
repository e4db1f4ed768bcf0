"""`python -m deploy.deb --out DIR [--bundle FILE | --arch ARCH --python X.Y]`: a Debian package of the agent."""

import argparse
import sys
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.bundle.build import Order, build_bundle
from deploy.bundle.target import DEBIAN_ARCH, PYTHONS, Target
from deploy.deb.build import build_deb
from deploy.fetch import Progress, sha256_of


def main(arguments: list[str] | None = None) -> int:
    """Prints each package's sha256 and path; 1 with one line when one cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m deploy.deb", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("dist"))
    parser.add_argument("--bundle", type=Path, help=str(Text(en="pack this one", vi="đóng gói tệp này")))
    parser.add_argument("--arch", choices=DEBIAN_ARCH, action="append", default=[])
    parser.add_argument("--python", choices=PYTHONS, default="3.13")
    parser.add_argument("--key", type=Path, help=str(Text(en="minisign's secret key", vi="khoá ký của minisign")))
    parser.add_argument("--quiet", action="store_true")
    asked = parser.parse_args(arguments)
    progress = Progress(asked.quiet)
    try:
        bundles = [asked.bundle] if asked.bundle else []
        for arch in () if asked.bundle else asked.arch or DEBIAN_ARCH:
            bundles.append(build_bundle(Order(Target(arch, asked.python), asked.out, key=asked.key), progress))
        for bundle in bundles:
            package = build_deb(bundle, asked.out, progress)
            print(f"{sha256_of(package)}  {package}  {package.stat().st_size / 1e6:.0f} MB")
    except (AgentError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
