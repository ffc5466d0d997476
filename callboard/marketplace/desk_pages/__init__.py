"""The pages on which publishers and reviewers work."""
