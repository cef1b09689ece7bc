module example.com/canary

go 1.24

require golang.org/x/text v0.39.0
