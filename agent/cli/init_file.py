"""Answers become a configuration with comments, Vietnamese first. Pure; the password is not among them."""

from dataclasses import dataclass

from agent.config.examples import as_yaml
from agent.i18n import Language, Text

MODEL = "/usr/share/camera-agent/ssdlite.onnx"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered. Empty: nothing was said."""

    language: Language
    ward: str
    label: str
    id: str
    broker: str
    source: str
    sub: str
    username: str
    password_file: str
    days: int
    purpose: str
    controller: str
    contact: str
    has_model: bool


_TEMPLATE = """\
# Cấu hình của thiết bị camera, do `camera-agent init` viết. Sau dấu # là ghi chú.
# Configuration of a camera node, written by `camera-agent init`. What stands behind # is a comment.
# Kiểm tra / check:         camera-agent check-config {file}
# Giải thích / explain:     camera-agent config explain footage.budget
# Mọi thiết lập / all settings: docs/guide/config.vi.md, config.md

node:                          # thiết bị này / this node
  ward: {ward}
  id: {id}  # duy nhất trong phường / unique within the ward
  label: {label}
  language: {language}  # ngôn ngữ của nhật ký / of logs: vi, en

mqtt:                          # máy chủ tin nhắn của phường / the ward's broker
  url: {broker}

tls:                           # chứng chỉ, lấy bằng `camera-agent enrol` / certificates, from enrolment
  ca: /var/lib/camera-agent/tls/ca.pem
  cert: /var/lib/camera-agent/tls/node.crt
  key: /var/lib/camera-agent/tls/node.key
  # Để tự gia hạn / to renew by itself:
  # renew: https://MÁY-CHỦ-PHƯỜNG:9443/.well-known/est

# Nơi nhận video; không có thì clip ở lại trên thiết bị / where clips go; without it they stay on the node
# upload: {{url: "https://MÁY-CHỦ-PHƯỜNG:8443/files/"}}

cameras:
  - id: camera-1               # nên đặt theo nơi lắp, như cong-1 / better named after its place
    source: {source}
{camera}\
    # Vùng và vạch vẽ dễ nhất bằng `camera-agent setup` / zones and lines are drawn best with `camera-agent setup`.
    # Góc [x, y] từ 0 đến 1, [0, 0] là góc trên bên trái / corners from 0 to 1, [0, 0] is the top left.
    # zones:
    #   san: [[0.10, 0.45], [0.90, 0.45], [1.00, 1.00], [0.00, 1.00]]
    # lines:
    #   cong: [[0.50, 0.90], [0.50, 0.40]]
    rules:
      # Báo khi camera bị che, xoay, làm mờ / the camera is covered, turned, blurred
      - rule: tamper
      # Có người ban đêm, trong cả khung hình / people at night, anywhere in the picture
      - rule: intrusion
        schedule: {{hours: "22:00-05:00"}}
      # Mười ba luật khác nhau / thirteen rules: docs/guide/rules.vi.md, rules.md

# Mô hình nhận dạng; không có thì chỉ báo chuyển động / the model; without it motion only
{hash}detection: {{model: {model}}}

# Hình cũ hơn chừng này ngày bị xoá / footage older than so many days is deleted
retention:
  max_days: {days}

# Luật yêu cầu báo cho người qua lại; in trên biển / the law: what passers-by are told; printed on the sign
{notice}
footage:
  budget: 8GB                  # hình ghi chiếm nhiều nhất / footage takes at most

# Đường mạng của gia đình / the household's line
uplink:
  mb_per_day: 0                # 0: không giới hạn / no limit
  # quiet_hours: "18:00-23:00"  # giờ gia đình cần mạng: clip phải chờ / clips wait
"""
_UNSAID = Text(en="to be filled in", vi="hãy điền")


def written(answers: Answers, file: str) -> str:
    """The whole file."""
    camera = ""
    for key, value in (("sub", answers.sub), ("username", answers.username), ("password_file", answers.password_file)):
        if value:
            comment = (
                "  # tệp chỉ chứa mật khẩu, chmod 600 / nothing but the password" if key == "password_file" else ""
            )
            camera += f"    {key}: {as_yaml(value)}{comment}\n"
    notice = "notice:\n" if answers.purpose or answers.controller or answers.contact else "# notice:\n"
    for key in ("purpose", "controller", "contact"):
        value = getattr(answers, key)
        notice += f"  {key}: {as_yaml(value)}\n" if value else f"  # {key}:  # {_UNSAID.vi} / {_UNSAID.en}\n"
    return _TEMPLATE.format(
        file=file,
        hash="" if answers.has_model else "# ",
        model=MODEL,
        ward=as_yaml(answers.ward),
        id=as_yaml(answers.id),
        label=as_yaml(answers.label),
        language=answers.language,
        broker=as_yaml(answers.broker),
        source=as_yaml(answers.source),
        camera=camera,
        days=answers.days,
        notice=notice,
    )
