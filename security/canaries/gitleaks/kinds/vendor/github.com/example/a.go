vendor/github.com/example/a.go
access_key = AKIA_MADE_BY_THE_SELFTEST
