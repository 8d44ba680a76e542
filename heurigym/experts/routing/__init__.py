"""Pickups and deliveries within time windows: the expert of the problem ``pickup_delivery_time_windows``."""
