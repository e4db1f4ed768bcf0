"""Parses the command line and dispatches; one file per command, each with `add(subparsers)` and `run(arguments)`."""

import importlib
import os
import sys
from collections.abc import Sequence

from agent.cli.parser import Parser
from agent.config.mistakes import InvalidConfig, format_mistakes
from agent.errors import AgentError, ConfigError
from agent.i18n import Text, locale_language

COMMANDS = (
    "run",
    "init",
    "check_config",
    "config",
    "probe",
    "replay",
    "model",
    "reach",
    "eval",
    "watch",
    "contract",
    "status",
    "doctor",
    "fault",
    "logs",
    "support_bundle",
    "footage",
    "access_log",
    "verify",
    "keys",
    "unlock",
    "simulate",
    "enrol",
    "setup",
    "update",
    "wipe",
    "schema",
    "completion",
    "version",
)

ABOUT = Text(
    en="Edge agent of a ward camera node: captures, notices, keeps footage, tells the ward.",
    vi="Chương trình chạy trên thiết bị camera của phường: ghi hình, phát hiện, lưu giữ và báo về phường.",
)
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h


def build(names: Sequence[str] = COMMANDS) -> Parser:
    """The parser of the command line with the sub-commands `names`, in the language of the terminal."""
    parser = Parser(prog="camera-agent", description=str(ABOUT))
    subparsers = parser.add_subparsers(dest="command", metavar=str(Text(en="COMMAND", vi="LỆNH")))
    for name in names:
        module = importlib.import_module(f"agent.cli.{name}")
        subparser = module.add(subparsers)
        subparser.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 (failed), 2 (usage) or 78 (configuration)."""
    given = sys.argv[1:] if argv is None else list(argv)
    if given == ["--version"]:  # as other programs are asked
        given = ["version"]
    # Only the wanted command is loaded: `check-config` needs no decoder and no model runtime.
    wanted = tuple(name for name in COMMANDS if given and given[0] == name.replace("_", "-"))
    parser = build(wanted or COMMANDS)
    arguments = parser.parse_args(given)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return EXIT_USAGE
    try:
        return int(arguments.run(arguments))
    except InvalidConfig as error:
        print(format_mistakes(error.mistakes, locale_language()), file=sys.stderr)
        return EXIT_CONFIG
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    except AgentError as error:
        print(f"camera-agent: {error}", file=sys.stderr)
        return EXIT_FAILED
    except BrokenPipeError:
        # The reader (head, less) has gone; keep the interpreter from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except KeyboardInterrupt:
        return 130
