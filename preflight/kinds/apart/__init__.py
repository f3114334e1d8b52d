"""How two members of a group are told apart, one file per sort of dimension. Pure."""
