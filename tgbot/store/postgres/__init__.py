"""PostgreSQL: any number of replicas on one database. Needs the extra `postgres`."""
