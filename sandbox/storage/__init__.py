"""The only SQL outside ca/store: the store and its unit of work, clients, tokens, the journal file, the generation."""
