"""What calls cost and who may spend: prices, sums, budgets. Knows nothing of vendors' wires."""
