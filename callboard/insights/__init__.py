"""What the portal's numbers say: charts with their tables, the same as JSON and CSV."""
