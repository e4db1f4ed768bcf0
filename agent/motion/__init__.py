"""Is anything moving in this frame, and where? Luma only, at quarter scale."""
