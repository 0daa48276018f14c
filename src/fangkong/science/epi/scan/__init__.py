"""Scan statistics: where and when cases lie closer together than chance explains, with the chance of it."""

from fangkong.science.epi.scan.clusters import Cluster, Scan
from fangkong.science.epi.scan.permutation import space_time_permutation_scan
from fangkong.science.epi.scan.poisson import poisson_scan

__all__ = ["Cluster", "Scan", "poisson_scan", "space_time_permutation_scan"]
