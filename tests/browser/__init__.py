"""The portal's pages in a real browser, as people see and use them."""
