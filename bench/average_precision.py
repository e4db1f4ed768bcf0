"""Average precision is the product's own, so that `camera-agent eval` and the benchmarks cannot differ."""

from agent.tools.average_precision import Curve, Scored, average_precision, precision_recall

__all__ = ["Curve", "Scored", "average_precision", "precision_recall"]
