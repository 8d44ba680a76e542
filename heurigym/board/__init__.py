"""The leaderboard, built from stores."""
