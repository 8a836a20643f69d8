"""What people do about records that failed: look at dead letters and rejected events, redrive or discard them."""
