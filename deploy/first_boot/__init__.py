"""What runs on a fresh device: it has Debian's Python and nothing of ours."""
