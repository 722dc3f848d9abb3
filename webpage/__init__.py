"""A release as pages: files that a browser opens from a disk, with no server behind them."""
