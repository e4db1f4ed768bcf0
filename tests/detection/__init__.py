"""Detection: broken model files, the three families, crops, suppression."""
