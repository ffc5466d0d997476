"""Groups and users: the tree of groups, who is in them, and what they own in total."""
