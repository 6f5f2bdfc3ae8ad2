"""What makes decisions of scored markers."""
