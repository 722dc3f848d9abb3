"""HTTP on loopback: connections, compression, faults, the log and the control URLs."""
