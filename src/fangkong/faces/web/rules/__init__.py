"""Console pages of the rules: one situation under every edition, one key with its timeline; no rules of their own."""
