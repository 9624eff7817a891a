"""Performance of Parley beside its yardsticks, measured in one run. `make bench` prints the report."""
