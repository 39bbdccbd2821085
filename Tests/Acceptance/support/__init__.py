"""What the acceptance tests stand on: daemons, servers that misbehave, files that are broken."""
