"""What an installer reads when a model cannot be used: the file, what is wrong with it, what to do."""

from pathlib import Path

from agent.errors import ModelError
from agent.i18n import Text
from agent.system_words import reason

_AGAIN = Text(
    en="The node reports motion only. Copy the model to the node again (`make assets` makes it) "
    "or correct `detection.model`",
    vi="Thiết bị chỉ báo chuyển động. Hãy chép lại mô hình vào thiết bị (`make assets` tạo ra tệp này) "
    "hoặc sửa `detection.model`",
)

_EXPORT = Text(
    en="The node reports motion only. Export the model anew as SSD, YOLOX (raw head) or NanoDet with one fixed float "
    "input of 1x3xHxW, like 1x3x416x416: no dynamic axes, colours before rows, no side over 2048; or name another one "
    "in `detection.model`",
    vi="Thiết bị chỉ báo chuyển động. Hãy xuất lại mô hình dạng SSD, YOLOX (đầu ra thô) hoặc NanoDet với một đầu vào "
    "số thực cố định 1x3xHxW, ví dụ 1x3x416x416: không dùng kích thước động, kênh màu đứng trước, mỗi cạnh không quá "
    "2048; hoặc chọn mô hình khác ở `detection.model`",
)


def not_configured() -> ModelError:
    """No model in the configuration."""
    return ModelError(
        Text(en="No detection model is configured", vi="Chưa cấu hình mô hình nhận dạng"),
        Text(
            en="The node reports motion only. Set `detection.model`",
            vi="Thiết bị chỉ báo chuyển động. Hãy đặt `detection.model`",
        ),
        code="model_missing",
    )


def missing(model: Path, error: OSError) -> ModelError:
    """The file is not there or cannot be read."""
    why = reason(error)
    return ModelError(
        Text(
            en=f"Detection model {model} cannot be read: {why.en}",
            vi=f"Không đọc được mô hình nhận dạng {model}: {why.vi}",
        ),
        _AGAIN,
        code="model_missing",
    )


def not_pinned(model: Path, sha256: str) -> Text:
    """Nobody has said which file is meant: a damaged copy would not be noticed."""
    note = f"{model.name}.sha256"
    return Text(
        en=f"Detection model {model} is not pinned; its sha256 is {sha256}. Write that into the file {note} beside it, "
        "or into `detection.sha256`",
        vi=f"Mô hình nhận dạng {model} chưa được ghim; sha256 của nó là {sha256}. Hãy ghi số này vào tệp {note} cạnh "
        "mô hình, hoặc vào `detection.sha256`",
    )


def damaged(model: Path, raw: str) -> ModelError:
    """What is in the file cannot be read as a network: cut short, an archive, a page of text. `raw`: the runtime's."""
    return broken(model, f"damaged or not an ONNX file ({raw})", f"tệp hỏng hoặc không phải tệp ONNX ({raw})")


def no_numbers(model: Path) -> ModelError:
    """An output holds nothing but nan and infinity."""
    return broken(
        model,
        "it gives no numbers, only nan or infinity: its weights are damaged",
        "nó không cho ra số nào, chỉ có nan hoặc vô cùng: trọng số đã hỏng",
    )


def wrong_input(model: Path, seen: str) -> ModelError:
    """The network takes something else than one picture of a fixed size; `seen` is what it takes."""
    return broken(
        model,
        f"its input is {seen}, not one float picture of a fixed size [1, 3, height, width]",
        f"đầu vào là {seen}, không phải một ảnh số thực có kích thước cố định [1, 3, cao, rộng]",
        _EXPORT,
    )


def wrong_outputs(model: Path, seen: str, wanted: str) -> ModelError:
    """No family reads these outputs; `wanted` names those that were tried."""
    return broken(model, f"{seen} is not the shape of {wanted}", f"{seen} không phải dạng của {wanted}", _EXPORT)


def broken(model: Path, why_en: str, why_vi: str, hint: Text = _AGAIN) -> ModelError:
    """The file is there and is no model that we can run."""
    return ModelError(
        Text(
            en=f"Detection model {model} cannot be used: {why_en}",
            vi=f"Không dùng được mô hình nhận dạng {model}: {why_vi}",
        ),
        hint,
        code="model_broken",
    )


def mismatch(model: Path, wanted: str, found: str) -> ModelError:
    """Another file than the one that was meant, or a damaged one."""
    return ModelError(
        Text(
            en=f"Detection model {model} is not the file that was meant: sha256 is {found}, expected {wanted}",
            vi=f"Mô hình nhận dạng {model} không đúng tệp đã chọn: sha256 là {found}, cần {wanted}",
        ),
        Text(
            en="The node reports motion only. Copy the model again, or correct `detection.sha256` "
            f"(or the file {model.name}.sha256) if the new model is meant",
            vi="Thiết bị chỉ báo chuyển động. Hãy chép lại mô hình, hoặc sửa `detection.sha256` "
            f"(hay tệp {model.name}.sha256) nếu đúng là muốn dùng mô hình mới",
        ),
        code="model_mismatch",
    )


_LABELS = Text(
    en="The node reports motion only. Write one label per line, in the order of the model's outputs, into a file and "
    "name it in `detection.labels`; `camera-agent model check` tells what fits",
    vi="Thiết bị chỉ báo chuyển động. Hãy ghi mỗi dòng một nhãn, đúng thứ tự đầu ra của mô hình, vào một tệp và ghi "
    "tên tệp vào `detection.labels`; lệnh `camera-agent model check` cho biết có khớp không",
)


def labels_needed(model: Path, classes: int) -> ModelError:
    """Neither COCO nor a list: nobody knows what the numbers are."""
    return _labels(
        f"Detection model {model} tells {classes} classes apart, and it is not known what they are called",
        f"Mô hình nhận dạng {model} phân biệt {classes} loại nhưng không rõ tên gọi của chúng",
    )


def labels_differ(model: Path, classes: int, names: int) -> ModelError:
    """The list belongs to another model."""
    return _labels(
        f"Detection model {model} tells {classes} classes apart, but the list of labels has {names}",
        f"Mô hình nhận dạng {model} phân biệt {classes} loại nhưng danh sách có {names} nhãn",
    )


def no_labels_inside(model: Path) -> ModelError:
    """`detection.labels: from-model`, and the model says nothing."""
    return _labels(
        f"Detection model {model} carries no list of labels", f"Mô hình nhận dạng {model} không kèm danh sách nhãn"
    )


def labels_unreadable(path: Path, why: Text) -> ModelError:
    """The list cannot be read."""
    return _labels(f"The labels {path} cannot be used: {why.en}", f"Không dùng được tệp nhãn {path}: {why.vi}")


def _labels(en: str, vi: str) -> ModelError:
    return ModelError(Text(en=en, vi=vi), _LABELS, code="model_labels")


def unlisted(rules: str) -> ModelError:
    """Rules ask for what this model never tells; detection itself works. `rules` names them with their classes."""
    return ModelError(
        Text(
            en=f"The detection model does not know what rules ask for: {rules}",
            vi=f"Mô hình nhận dạng không biết loại vật thể mà luật cần: {rules}",
        ),
        Text(
            en="These rules never fire for it. Correct their `classes` to labels of the model "
            "(`camera-agent model check` lists them)",
            vi="Các luật này sẽ không bao giờ báo về loại đó. Hãy sửa `classes` theo nhãn của mô hình "
            "(`camera-agent model check` liệt kê nhãn)",
        ),
        code="classes_unknown",
    )


def no_runtime(error: ImportError) -> ModelError:
    """ONNX Runtime is not installed for this Python."""
    return ModelError(
        Text(en=f"ONNX Runtime cannot be loaded: {error}", vi=f"Không nạp được ONNX Runtime: {error}"),
        Text(
            en="The node reports motion only. Install the package `onnxruntime` (it needs a 64-bit system)",
            vi="Thiết bị chỉ báo chuyển động. Hãy cài gói `onnxruntime` (cần hệ điều hành 64 bit)",
        ),
        code="model_missing",
    )


def not_loaded(model: Path, provider: str) -> ModelError:
    """ONNX Runtime gave the model to something else than asked for: the provider's libraries are missing or too old."""
    return broken(
        model,
        f"ONNX Runtime cannot load {short(provider)} here",
        f"ONNX Runtime không nạp được {short(provider)} ở đây",
    )


def provider_failed(provider: str, why: Text, remembered_in: Path | None) -> ModelError:
    """The accelerator is not used; the model runs on the CPU."""
    again_en = f", remove {remembered_in}" if remembered_in else ""
    again_vi = f", xoá {remembered_in}" if remembered_in else ""
    return ModelError(
        Text(
            en=f"{short(provider)} does not run the detection model: {why.say('en')}; the CPU runs it",
            vi=f"{short(provider)} không chạy được mô hình nhận dạng: {why.say('vi')}; CPU đang chạy thay",
        ),
        Text(
            en=f"Detection goes on, only slower. Set `detection.provider: cpu`, or mend the graphics driver{again_en} "
            "and start the service anew",
            vi=f"Vẫn nhận dạng bình thường, chỉ chậm hơn. Đặt `detection.provider: cpu`, hoặc sửa trình điều khiển "
            f"đồ hoạ{again_vi} rồi khởi động lại dịch vụ",
        ),
        code="provider_failed",
    )


def short(provider: str) -> str:
    """CUDA for CUDAExecutionProvider."""
    return provider.removesuffix("ExecutionProvider").replace("Tensorrt", "TensorRT")
