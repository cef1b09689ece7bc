module example.com/canary

go 1.24

require golang.org/x/text v0.3.5

replace golang.org/x/text => ./text
