"""What applies to me: a page for anybody, without an account and without a trace of who asked."""
