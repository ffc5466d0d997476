"""The desk of the Marketplace: publishers, submissions, reviews and releases."""
