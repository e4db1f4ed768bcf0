"""ONNX Runtime behind one door: a model file in, arrays out. Every way a model file can be bad ends in a ModelError.

One thread without spinning: the cameras already keep the cores busy, and a second thread costs 1.4 times the CPU.
"""

import ctypes
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from agent.detection import complaints
from agent.detection.family import Array, Signature, Tensor
from agent.detection.labels import names_in
from agent.detection.runtime import FATAL, import_onnxruntime
from agent.digest import sha256

log = logging.getLogger(__name__)

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"
LARGEST_FILE = 300_000_000
LARGEST_SIDE = 2048
ARENA_BYTES = 32_000_000  # address space, not memory: only what a network touches of it is resident
BY_DOUBLING = 0  # how the arena grows beyond that: `kNextPowerOfTwo`


def checked_sha256(model: Path, expected: str | None) -> str:
    """The file's SHA-256, compared with `expected` or else with the file MODEL.sha256 beside it.

    Raises ModelError: `model_missing`, `model_broken` (empty or far too large), `model_mismatch`.
    """
    try:
        size = model.stat().st_size
        if not model.is_file():
            raise complaints.broken(model, "it is not a file", "đây không phải là tệp")
        if not 0 < size <= LARGEST_FILE:
            raise complaints.broken(model, f"it has {size} bytes", f"tệp có {size} byte")
        found = sha256(model)
        wanted = expected or _sha256_beside(model)
    except OSError as error:
        raise complaints.missing(model, error) from error
    if wanted is None:
        log.warning("%s", complaints.not_pinned(model, found))
    elif wanted != found:
        raise complaints.mismatch(model, wanted, found)
    return found


def _sha256_beside(model: Path) -> str | None:
    note = model.with_name(model.name + ".sha256")
    if not note.exists():
        return None
    words = note.read_text(encoding="ascii", errors="replace").split()
    return words[0].lower() if words else "(empty)"


class Network(Protocol):
    """What a detector needs of a session."""

    @property
    def signature(self) -> Signature:
        """Input size and true output shapes."""

    @property
    def provider(self) -> str:
        """ONNX Runtime's name of what runs it now."""

    def run(self, tensor: Tensor) -> Sequence[Array]:
        """All outputs, in the model's order. Raises ModelError."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An execution provider by ONNX Runtime's name."""

    name: str
    cache: Path | None = None  # TensorRT: a folder for built engines; a build takes from seconds to minutes

    def entries(self) -> list[tuple[str, dict[str, str]]]:
        """In order of precedence: what one provider cannot run goes to the next."""
        if self.name == CPU:
            return [(CPU, {})]
        if self.name != TENSORRT:
            return [(self.name, {}), (CPU, {})]
        options = {}
        if self.cache:
            folder = str(self.cache)
            options = {"trt_engine_cache_enable": "1", "trt_engine_cache_path": folder}
            options |= {"trt_timing_cache_enable": "1", "trt_timing_cache_path": folder}
        return [(TENSORRT, options), (CUDA, {}), (CPU, {})]


ON_CPU = Provider(CPU)


class Session:
    """A loaded network that has proven itself with one inference. Safe to use from several threads.

    `signature` holds the true output shapes; `provider` is the one in use: the wanted one, else ModelError.
    `size` (width, height) is for a model whose file leaves it open: the one to prove itself with.
    """

    def __init__(
        self,
        model: Path,
        wanted: Provider = ON_CPU,
        severity: int = FATAL,
        size: tuple[int, int] | None = None,
    ) -> None:
        try:
            onnxruntime = import_onnxruntime(severity)
        except ImportError as error:
            raise complaints.no_runtime(error) from error
        state = onnxruntime.capi.onnxruntime_pybind11_state
        self._model = model
        self._failures: tuple[type[Exception], ...] = (
            *(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)),
            RuntimeError,
            ValueError,
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Without the arena, glibc's heap grew from 150 to 500 MB within minutes of real pictures; without the pattern
        # the arena is 7 MB smaller, at the same speed.
        options.enable_cpu_mem_arena = True
        options.enable_mem_pattern = False
        options.log_severity_level = severity
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        share_one_arena(onnxruntime)
        options.add_session_config_entry("session.use_env_allocators", "1")
        try:
            # Without `enable_fallback=0` a failing provider is replaced by the CPU, with a word on the terminal only.
            self._session: Any = onnxruntime.InferenceSession(
                str(model), options, providers=wanted.entries(), enable_fallback=0
            )
        except (state.InvalidProtobuf, state.InvalidArgument) as error:  # the file cannot be parsed, or holds no graph
            raise complaints.damaged(model, first_line(error)) from error
        except self._failures as error:
            raise complaints.broken(model, first_line(error), first_line(error)) from error
        self.provider = str(self._session.get_providers()[0])
        if self.provider != wanted.name:  # its libraries could not be loaded; ONNX Runtime only warns of that
            raise complaints.not_loaded(model, wanted.name)
        self._input, width, height = self._check_input(size)
        outputs = self.run(np.zeros((1, 3, height, width), np.float32))
        give_back_memory()
        if wanted.name == CPU and not all(np.isfinite(output).any() for output in outputs if output.size):
            raise complaints.no_numbers(model)  # of an accelerator that is its own fault: its trial tells
        names = [output.name for output in self._session.get_outputs()]
        shapes = [tuple(int(side) for side in output.shape) for output in outputs]
        self.signature = Signature(width, height, tuple(zip(names, shapes, strict=True)), self._names())

    def run(self, tensor: Tensor) -> Sequence[Array]:
        """All outputs, in the model's order. Raises ModelError (`model_broken`)."""
        try:
            outputs = self._session.run(None, {self._input: tensor})
        except self._failures as error:
            raise complaints.broken(self._model, first_line(error), first_line(error)) from error
        return [np.asarray(output) for output in outputs]

    def _names(self) -> tuple[str, ...]:
        try:
            return names_in(self._session.get_modelmeta().custom_metadata_map)
        except UnicodeDecodeError:  # metadata that is not text
            return ()

    def _check_input(self, size: tuple[int, int] | None) -> tuple[str, int, int]:
        inputs = self._session.get_inputs()
        shape = list(inputs[0].shape) if len(inputs) == 1 else []
        if size:
            shape[2:] = size[1], size[0]
        # A batch size without a number (or a name for it) takes one picture as well.
        good = (
            len(shape) == 4
            and (shape[0] == 1 or not isinstance(shape[0], int))
            and shape[1] == 3
            and all(isinstance(side, int) and 32 <= side <= LARGEST_SIDE for side in shape[2:])
            and inputs[0].type == "tensor(float)"
        )
        if not good:
            seen = "; ".join(f"{entry.name}: {entry.type} {entry.shape}" for entry in inputs)
            raise complaints.wrong_input(self._model, seen)
        return str(inputs[0].name), int(shape[3]), int(shape[2])


@cache
def share_one_arena(onnxruntime: Any) -> None:
    """Once per process, for every session that asks for it.

    One large region to cut pieces from, and to put them together in again, instead of regions of 1, 2, 4 ... MB that
    each end in a rest: 6 MB less for SSDLite.
    """
    settings = onnxruntime.OrtArenaCfg(
        {
            "max_mem": 0,  # no bound
            "arena_extend_strategy": BY_DOUBLING,
            "initial_chunk_size_bytes": ARENA_BYTES,
            "max_dead_bytes_per_chunk": -1,
        }
    )
    arena, default = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", arena, 0, default), settings)


def give_back_memory() -> None:
    """Loading leaves about 16 MB behind in glibc's heap; other C libraries have no such call and need none."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def first_line(error: Exception) -> str:
    """ONNX Runtime's own reason, short enough for a message."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
