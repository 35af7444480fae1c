"""What any server may do: each module has a function from an API and an operation to permitted differences of one kind."""
