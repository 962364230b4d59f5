"""Storage sessions: the service joins a call as a peer, and keeps what it sees and hears."""
