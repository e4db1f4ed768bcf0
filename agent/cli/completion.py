"""`camera-agent completion bash|zsh|fish`: what a shell needs to complete commands, options, files and settings."""

import argparse
import shlex
from collections.abc import Iterator

from agent.cli.arguments import Subparsers
from agent.cli.tree import Command, tree
from agent.config.catalogue import settings
from agent.i18n import Text

SHELLS = ("bash", "zsh", "fish")


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    about = Text(en="completion for a shell", vi="gợi ý lệnh cho shell")
    parser = subparsers.add_parser("completion", help=str(about))
    how = Text(
        en="for example: camera-agent completion bash | sudo tee /etc/bash_completion.d/camera-agent",
        vi="ví dụ: camera-agent completion bash | sudo tee /etc/bash_completion.d/camera-agent",
    )
    parser.add_argument("shell", choices=SHELLS, help=str(how))
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    from agent.cli import build  # noqa: PLC0415 - every command is loaded, and this is one of them

    whole = tree(build())
    print("\n".join(fish(whole) if arguments.shell == "fish" else bash(whole, arguments.shell == "zsh")))
    return 0


def bash(whole: Command, for_zsh: bool) -> Iterator[str]:
    """A function of bash; zsh takes it through its bashcompinit."""
    if for_zsh:
        yield "#compdef camera-agent"
        yield "autoload -U +X bashcompinit && bashcompinit"
    yield "_camera_agent() {"
    yield '    local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" path="" word words="" files=""'
    yield '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do'
    paths = "|".join("/" + "/".join(each.words) for each in whole.walk() if each.words)
    yield f'        case "$path/$word" in {paths}) path="$path/$word";; esac'
    yield "    done"
    yield '    case "$path $prev" in'
    for each in whole.walk():
        for option in each.options:
            if option.flags and option.takes:
                where = "|".join(f'"{_path(each)} {flag}"' for flag in option.flags)
                answer = "files=1" if option.is_file else f"words={shlex.quote(' '.join(option.choices))}"
                yield f'        {where}) {answer}; path="-";;'
    yield "    esac"
    yield '    case "$path" in'
    for each in whole.walk():
        files = "; files=1" if _files(each) else ""
        yield f'        "{_path(each)}") words={shlex.quote(" ".join(_words(each)))}{files};;'
    yield "    esac"
    yield '    COMPREPLY=($(compgen -W "$words" -- "$cur"))'
    yield '    if [ -n "$files" ]; then COMPREPLY+=($(compgen -f -- "$cur")); fi'
    yield "}"
    yield "complete -o bashdefault -o filenames -F _camera_agent camera-agent"


def fish(whole: Command) -> Iterator[str]:
    """One line of fish for each word."""
    for each in whole.walk():
        inner = " ".join(word for below in each.inner for word in below.words[-1:])
        seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in each.words) or "__fish_use_subcommand"
        condition = f"{seen}; and not __fish_seen_subcommand_from {inner}" if inner and each.words else seen
        for below in each.inner:
            yield f"complete -c camera-agent -f -n '{condition}' -a {below.words[-1]} -d {shlex.quote(below.help)}"
        for option in each.options:
            names = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            if names:
                takes = " -r" if option.takes else ""
                yield f"complete -c camera-agent -n '{seen}' {names}{takes} -d {shlex.quote(option.help)}"
            elif option.choices:
                yield f"complete -c camera-agent -f -n '{seen}' -a '{' '.join(option.choices)}'"


def _path(each: Command) -> str:
    return "".join(f"/{word}" for word in each.words)


def _words(each: Command) -> list[str]:
    words = [below.words[-1] for below in each.inner]
    words += [choice for option in each.options if not option.flags for choice in option.choices]
    words += [flag for option in each.options for flag in option.flags]
    words.append("--help")
    return words + (list(settings()) if each.words == ("config", "explain") else [])


def _files(each: Command) -> bool:
    return any(option.is_file and not option.flags for option in each.options)
