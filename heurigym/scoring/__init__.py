"""Yield, quality, QYI, solve@i and their intervals."""
