"""Two warehouses behind one small interface: a ClickHouse server, and its engine inside this process."""
