"""What is in these regions of a frame? ONNX Runtime, one adapter file per model family."""
