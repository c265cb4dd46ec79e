"""Studies: programs that answered a question once, and whose result is in a model card or in a decision."""
