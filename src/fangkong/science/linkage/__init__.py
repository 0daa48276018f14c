"""Record linkage: which of two people named by several senders are probably one."""

from .bounds import reachable
from .linkage import Pair, Record, hidden, model_version, probable_pairs

__all__ = ["Pair", "Record", "hidden", "model_version", "probable_pairs", "reachable"]
