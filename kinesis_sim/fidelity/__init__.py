"""How true the model is: the ledger of operations, errors and constraints, tried one by one."""
