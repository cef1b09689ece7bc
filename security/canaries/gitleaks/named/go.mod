module example.com/canary

// access_key = AKIA_MADE_BY_THE_SELFTEST
go 1.24
