"""What people outside the office say and are told: the protected line, reports by third parties."""
