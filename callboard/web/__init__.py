"""The page kit: what pages are made of. The pages themselves are features in `callboard/portal`."""
