"""The pages of the roles: who may do what, its versions, and the portal as somebody else would see it."""
