"""What the command line can choose once this package is installed."""
