"""The tests: folders as the packages, and the model they are compared with."""
