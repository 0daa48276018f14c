"""Record linkage: which of two people named by several senders are probably one."""

from .linkage import Pair, Record, model_version, probable_pairs

__all__ = ["Pair", "Record", "model_version", "probable_pairs"]
