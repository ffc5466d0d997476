"""The pages to sign in and to sign out."""
