"""What the person on the ladder uses: the local page."""
