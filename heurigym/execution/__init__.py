"""Running programs in a sandbox, verifying what they wrote, and judging both."""
