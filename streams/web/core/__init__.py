"""What every route needs: asking the warehouse, who asks, what may be answered."""
