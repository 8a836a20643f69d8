"""Records that break their contract: their topic, the guard against a flood of them, and what people did about them."""
