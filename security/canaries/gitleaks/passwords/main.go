package store

const dsn = "host=db user=rates password=AKIA_MADE_BY_THE_SELFTEST"
