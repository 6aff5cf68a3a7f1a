"""A sweep's runs: which there are, how they are trained, alone or on several ranks, and what is stored of them."""
