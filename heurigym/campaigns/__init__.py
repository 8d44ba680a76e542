"""Campaigns: specification, plan, runner and store."""
