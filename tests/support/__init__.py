"""What several test modules share: builders, servers, corpora."""
