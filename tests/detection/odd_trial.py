"""The trial of a provider with an accelerator that works, or fails in one way: `odd_trial.py WAY`, a job on stdin."""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent.detection import complaints, trial
from agent.detection.family import Array, Signature, Tensor
from agent.detection.session import Provider, Session


class OddSession:
    """The CPU's session under another name, spoilt in one way."""

    def __init__(self, model: Path, provider: str, way: str) -> None:
        self.provider = provider
        self._model = model
        self._way = way
        self._session = Session(model)

    @property
    def signature(self) -> Signature:
        return self._session.signature

    def run(self, tensor: Tensor) -> Sequence[Array]:
        outputs = [np.array(output) for output in self._session.run(tensor)]
        if self._way == "nan":
            outputs[0].flat[7] = np.nan
        elif self._way == "different":
            outputs[-1] = outputs[-1] * 1.5 + 0.01
        elif self._way == "rounded":  # as TF32 rounds
            outputs = [output.astype(np.float16).astype(np.float32) for output in outputs]
        elif self._way == "shape":
            outputs[0] = outputs[0][:, :1]
        elif self._way == "slow":
            for _ in range(3):
                self._session.run(tensor)
        elif self._way == "fails":
            raise complaints.broken(self._model, "CUDA failure 2: out of memory", "CUDA failure 2: out of memory")
        elif self._way == "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif self._way == "hangs":
            threading.Event().wait()
        return outputs


def open_odd(model: Path, provider: Provider, severity: int) -> OddSession:
    """What a provider with defect `WAY` gives."""
    way = sys.argv[1]
    if way == "chatters":
        os.write(1, b"hello from a library\n")
        for _ in range(100):
            try:
                os.write(2, b"warning " * 1000)
            except BlockingIOError:  # as a native library, which does not look at what a write gives back
                continue
    if way == "no_libraries":
        os.write(2, b"Failed to load libcudnn.so.9\n")
        raise complaints.not_loaded(model, provider.name)
    return OddSession(model, provider.name, way)


if __name__ == "__main__":
    if sys.argv[1] == "no_answer":
        sys.exit(3)
    sys.exit(trial.main(open_odd))
