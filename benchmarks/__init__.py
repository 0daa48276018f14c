"""Every performance claim, measured in one run: ``python -m benchmarks`` (``make bench``).

Each part runs in processes of its own with its own throw-away installation. Figures are medians and ratios of
that run; nothing is remembered between runs.
"""
