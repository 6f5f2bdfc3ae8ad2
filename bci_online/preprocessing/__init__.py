"""From chunks to epochs or windows: clock, losses, filter, ring buffer, quality."""
