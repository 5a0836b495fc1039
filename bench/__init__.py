"""What proves the speed. Run by hand: ``python -m bench`` tells how."""
