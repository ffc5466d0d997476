"""The pages of the Marketplace: in the portal, for everyone on the internet, and as static files."""
