"""What each department's system holds of the district: native rows, and the truth behind each."""
