"""Records as printed to typed, validated frames. Pure: reads and writes nothing."""
