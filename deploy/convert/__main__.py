"""`python -m deploy.convert PRESET model.json out.onnx`."""

import argparse
import sys
from pathlib import Path

from deploy.convert import PRESETS, ConversionError, convert


def main() -> int:
    """Exit code 1 when the model cannot be converted."""
    parser = argparse.ArgumentParser(prog="deploy.convert", description=__doc__)
    parser.add_argument("preset", choices=sorted(PRESETS))
    parser.add_argument("model", type=Path, help="model.json, its weights beside it")
    parser.add_argument("target", type=Path, help="the ONNX file to write")
    options = parser.parse_args()
    try:
        options.target.write_bytes(convert(options.preset, options.model))
    except (ConversionError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
