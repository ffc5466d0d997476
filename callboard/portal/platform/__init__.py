"""The plugins of this portal: what runs, how it fares and is set, and installing and removing it."""
