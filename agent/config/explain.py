"""One pydantic error in words for an installer, in both languages, with what was perhaps meant.

Values are quoted only where they cannot be a secret: never texts of unknown keys, never addresses.
"""

import re
import unicodedata
from typing import Any, get_args, get_origin

from pydantic_core import ErrorDetails

from agent.config.examples import as_yaml, example_of
from agent.config.quoting import shown_line
from agent.config.rules import RULES
from agent.config.sections import homes_of, nearest_field, offered
from agent.config.units import DURATIONS, IDENTIFIER, NUMBER, SIZES, Bilingual, Section, closest, meant, shown
from agent.i18n import Text

Told = tuple[Text, Text | None]


def explain(error: ErrorDetails, raw: Any, section: type[Section] | None) -> Told:
    """What is wrong and what was meant. `raw` is the value as written, `section` the class around it."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error" and isinstance(context.get("error"), Bilingual):
        mistake: Bilingual = context["error"]
        return mistake.text, mistake.hint
    if kind in _WANTED:
        return _wrong_type(kind, raw)
    if kind in _LIMITS:
        en, vi = _LIMITS[kind]
        bound = _bound(next(iter(context.values())), raw)
        return Text(en=f"must be {en} {bound}", vi=f"phải {vi} {bound}"), _allowed(error, bound, section)
    if kind == "multiple_of":
        return _multiple(context["multiple_of"], raw)
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        return _length(kind, context), _drawn(error)
    if kind in ("literal_error", "enum"):
        expected = str(context["expected"])  # 'a', 'b' or 'c'; 0 or 180
        return _choice(raw, re.findall(r"'([^']*)'", expected) or re.findall(r"-?[0-9]+", expected))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _tag(kind, context, raw)
    if kind == "missing":
        return Text(en="must be given", vi="thiếu, bắt buộc phải có"), _to_add(str(error["loc"][-1]), section)
    if kind == "extra_forbidden":
        return _unknown_key(str(error["loc"][-1]), section)
    if kind == "string_pattern_mismatch":
        return _pattern(str(context["pattern"]), raw)
    return Text(en=f"is not valid ({kind})", vi=f"không hợp lệ ({kind})"), None


_WANTED = {
    "string_type": Text(en="expected a text", vi="cần một chuỗi chữ"),
    "int_type": Text(en="expected a whole number", vi="cần một số nguyên"),
    "float_type": Text(en="expected a number", vi="cần một số"),
    "bool_type": Text(en="expected true or false", vi="cần true hoặc false"),
    "path_type": Text(en="expected a file path", vi="cần đường dẫn tệp"),
    "dict_type": Text(en="expected a section with keys", vi="cần một mục có các khoá bên trong"),
    "model_type": Text(en="expected a section with keys", vi="cần một mục có các khoá bên trong"),
    "model_attributes_type": Text(en="expected a section with keys", vi="cần một mục có các khoá bên trong"),
    "tuple_type": Text(en="expected a list", vi="cần một danh sách"),
}
_LIMITS = {
    "greater_than": ("more than", "lớn hơn"),
    "greater_than_equal": ("at least", "ít nhất là"),
    "less_than": ("less than", "nhỏ hơn"),
    "less_than_equal": ("at most", "nhiều nhất là"),
}
_YES = ("yes", "on", "y", "t", "1", "true")
_NO = ("no", "off", "n", "f", "0", "false")


def _wrong_type(kind: str, raw: Any) -> Told:
    what = _WANTED[kind]
    hint = None
    if kind == "string_type" and isinstance(raw, bool | int | float):
        word = str(raw).lower() if isinstance(raw, bool) else str(raw)
        hint = Text(en=f'write it in quotes: "{word}"', vi=f'hãy đặt trong dấu nháy: "{word}"')
    elif kind == "bool_type" and str(raw).lower() in _YES + _NO:
        hint = meant("true" if str(raw).lower() in _YES else "false")
    elif kind in ("int_type", "float_type") and isinstance(raw, str):
        hint = _number_hint(raw)
    elif kind == "int_type" and isinstance(raw, float):
        hint = meant(str(round(raw)))
    elif kind in _SECTIONS:
        hint = _section_hint(raw)
    elif kind == "tuple_type" and isinstance(raw, str) and raw.strip():
        hint = Text(en=f"write `[{shown(raw)[1:-1]}]`", vi=f"hãy ghi `[{shown(raw)[1:-1]}]`")
    elif kind == "tuple_type":
        hint = Text(
            en="each item begins with `- `, or write [a, b]", vi="mỗi phần tử bắt đầu bằng `- `, hoặc ghi [a, b]"
        )
    en, vi = _found(raw)
    return Text(en=f"{what.en}, not {en}", vi=f"{what.vi}, không phải {vi}"), hint


_SECTIONS = ("dict_type", "model_type", "model_attributes_type")


def _section_hint(raw: Any) -> Text | None:
    if isinstance(raw, list):
        return Text(
            en="its keys begin without `- ` in front: take the dashes away",
            vi="các khoá ở đây không có `- ` ở đầu: hãy bỏ dấu gạch",
        )
    joined = re.fullmatch(r"([a-z_][a-z0-9_]*):(\S.*)", raw) if isinstance(raw, str) else None
    if joined is not None:
        line = shown_line(f"{joined[1]}: {joined[2]}")
        return Text(
            en=f"a space is missing behind the colon: write `{line}`",
            vi=f"thiếu dấu cách sau dấu hai chấm: hãy ghi `{line}`",
        )
    return Text(
        en="write its keys below it, two spaces further in", vi="hãy ghi các khoá ở dòng dưới, lùi vào hai dấu cách"
    )


def _allowed(error: ErrorDetails, bound: str, section: type[Section] | None) -> Text:
    """The nearest value that is allowed; where the limit itself is not, the default."""
    field = section.model_fields.get(str(error["loc"][-1])) if section is not None else None
    if error["type"] in ("greater_than", "less_than") and field is not None and isinstance(field.default, int | float):
        bound = f"{field.default:g}"
    return Text(en=f"write for example `{bound}`", vi=f"ví dụ hãy ghi `{bound}`")


def _drawn(error: ErrorDetails) -> Text | None:
    names = [step for step in error["loc"] if isinstance(step, str)]
    if "zones" in names or "privacy_masks" in names:
        like = "[[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]]"
        return Text(en=f"write a point for each corner, like `{like}`", vi=f"hãy ghi mỗi góc một điểm, ví dụ `{like}`")
    if "lines" in names or names[-1:] == ["direction"]:
        like = "[[0.5, 0.9], [0.5, 0.4]]"
        return Text(en=f"write its two ends, like `{like}`", vi=f"hãy ghi hai đầu, ví dụ `{like}`")
    return None


def _to_add(name: str, section: type[Section] | None) -> Text | None:
    field = section.model_fields.get(name) if section is not None else None
    if section is None or field is None:
        return None
    value = example_of(section, name) or _inside(field.annotation)
    if value is None:
        return None
    line = f"{name}: {as_yaml(value)}"
    return Text(en=f"add `{line}`", vi=f"hãy thêm `{line}`")


def _inside(annotation: Any) -> Any:
    """An example of a section: what it needs, and no more."""
    inner = next(
        (each for each in (annotation, *get_args(annotation)) if isinstance(each, type) and issubclass(each, Section)),
        None,
    )
    if inner is None:
        return None
    made = {name: example_of(inner, name) for name, field in inner.model_fields.items() if field.is_required()}
    return [made] if get_origin(annotation) is tuple else made


def _number_hint(raw: str) -> Text | None:
    if re.fullmatch(r"0[0-9]{1,15}", raw):
        return Text(en=f"write it without the leading zero: {int(raw)}", vi=f"bỏ số 0 ở đầu: {int(raw)}")
    if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", raw):
        return Text(en=f"write it without quotes: {raw}", vi=f"hãy ghi không có dấu nháy: {raw}")
    if re.fullmatch(r"-?[0-9]{1,15},[0-9]{1,9}", raw):
        return Text(en=f"use a point: {raw.replace(',', '.')}", vi=f"hãy dùng dấu chấm: {raw.replace(',', '.')}")
    match = NUMBER.fullmatch(raw)
    return meant(match.group(1)) if match else Text(en="write it in digits, like 5", vi="hãy ghi bằng chữ số, ví dụ 5")


def _found(raw: Any) -> tuple[str, str]:
    if raw is None:
        return "nothing", "để trống"
    if isinstance(raw, dict):
        return "a section", "một mục"
    if isinstance(raw, list):
        return "a list", "một danh sách"
    if isinstance(raw, str):
        return "a text", "một chuỗi chữ"
    word = str(raw).lower() if isinstance(raw, bool) else str(raw)
    return word, word


def _bound(bound: Any, raw: Any) -> str:
    # A limit of a setting with a unit is told in units too.
    match = NUMBER.fullmatch(raw) if isinstance(raw, str) else None
    if match is None or not match.group(2):
        return f"{bound:g}" if isinstance(bound, float) else str(bound)
    units = DURATIONS if match.group(2) in DURATIONS else SIZES
    return in_units(float(bound), units)


def in_units(number: float, units: dict[str, float]) -> str:
    """A number in the largest unit that keeps it whole: 90 s, 2 h, 500 MB."""
    names = [name for name in ("d", "h", "m", "s", "ms", "TB", "GB", "MB", "kB", "B") if name in units]
    for name in names:
        if number >= units[name] and round(number / units[name], 9) % 1 == 0:
            return f"{number / units[name]:.0f}{name}"
    smallest = "s" if "s" in units else "B"
    return f"{number / units[smallest]:g}{smallest}"


def _multiple(step: int, raw: Any) -> Told:
    text = Text(en=f"must be a multiple of {step}", vi=f"phải là bội số của {step}")
    if step == 2:
        text = Text(en="must be an even number", vi="phải là số chẵn")
    return text, meant(str(raw // step * step)) if isinstance(raw, int) else None


def _length(kind: str, context: dict[str, Any]) -> Text:
    characters = kind.startswith("string")
    short = kind.endswith("short")
    number = context["min_length"] if short else context["max_length"]
    en, vi = ("character", "ký tự") if characters else ("item", "phần tử")
    most_en, most_vi = ("at least", "ít nhất") if short else ("at most", "nhiều nhất")
    return Text(en=f"needs {most_en} {number} {en}{'s' if number != 1 else ''}", vi=f"cần {most_vi} {number} {vi}")


def _choice(raw: Any, choices: list[str]) -> Told:
    told = ", ".join(choices)
    text = Text(en=f"must be one of: {told}", vi=f"phải là một trong: {told}")
    if isinstance(raw, int | float) and str(raw) in choices:
        return text, Text(en=f'write it in quotes: "{raw}"', vi=f'hãy đặt trong dấu nháy: "{raw}"')
    if choices[0].isdigit():
        return text, None
    near = closest(str(raw).lower(), tuple(choices))
    return text, meant(near) if near else None


def _tag(kind: str, context: dict[str, Any], raw: Any) -> Told:
    choices = list(RULES)
    told = ", ".join(choices)
    if kind == "union_tag_not_found":
        hint = Text(en="begin it with `rule: intrusion`, say", vi="hãy bắt đầu bằng chẳng hạn `rule: intrusion`")
        return Text(en=f"`rule` must be given: {told}", vi=f"thiếu `rule`, bắt buộc phải có: {told}"), hint
    return _choice(context.get("tag", raw), choices)


def _unknown_key(key: str, section: type[Section] | None) -> Told:
    text = Text(en="unknown setting", vi="không có thiết lập này")
    open_bracket = re.match(r"([a-z_][a-z0-9_]*) *[\[{]", key)
    if open_bracket is not None:
        word = open_bracket[1]
        return Text(en=f"a colon is missing behind `{word}`", vi=f"thiếu dấu hai chấm sau `{word}`"), Text(
            en=f"write `{word}: ` in front of the bracket", vi=f"hãy ghi `{word}: ` trước dấu ngoặc"
        )
    near = nearest_field(section, key) if section is not None else None
    if section is not None and key == "name" and {"id", "label"} <= set(offered(section)):
        return text, Text(
            en="for people the name is called `label`, in topics and file names `id`",
            vi="tên cho người đọc ghi ở `label`, tên trong topic và tên tệp ghi ở `id`",
        )
    if near == "password_file" and "file" not in key:
        return text, Text(
            en="put the password in a file of its own (chmod 600) and name it under `password_file`",
            vi="hãy ghi mật khẩu vào một tệp riêng (chmod 600) và ghi đường dẫn tệp đó vào `password_file`",
        )
    if near is not None:
        return text, meant(f"`{near}`")
    homes = homes_of(key)
    if homes:
        en, vi = (f" {word} ".join(f"`{home}`" for home in homes) for word in ("or", "hoặc"))
        return text, Text(
            en=f"it belongs into {en}, two spaces further in",
            vi=f"thiết lập này nằm trong mục {vi}, lùi vào hai dấu cách",
        )
    if section is None:
        return text, None
    known = ", ".join(offered(section))
    return text, Text(en=f"delete it; known here: {known}", vi=f"hãy xoá; ở đây có: {known}")


def _pattern(pattern: str, raw: Any) -> Told:
    if pattern == IDENTIFIER:
        text = Text(
            en=f"{shown(raw)} may only have small letters a to z, digits and dashes, at most 63",
            vi=f"{shown(raw)} chỉ được có chữ thường a đến z không dấu, chữ số và dấu gạch ngang, tối đa 63 ký tự",
        )
        slug = slug_of(str(raw))
        return text, meant(slug) if slug else None
    if "64" in pattern:
        return Text(en="must be 64 digits 0-9, a-f", vi="phải gồm 64 ký tự 0-9, a-f"), None
    return Text(en="has characters that do not belong here", vi="có ký tự không hợp lệ"), None


def slug_of(words: str) -> str:
    """A name for people as an identifier: "Cổng trước" becomes cong-truoc."""
    plain = unicodedata.normalize("NFKD", words.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63]
