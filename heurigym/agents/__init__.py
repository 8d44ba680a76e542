"""Strategies that turn a problem and a model into attempts."""
